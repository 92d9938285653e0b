/** After a change of RETENTION_DAYS the due times of all orders are computed again, some at a time. */
import { beforeEach, expect, test } from "vitest";
import { newRecord } from "../../../edge/machine/record.ts";
import { slotOf } from "../../../edge/storage/placement.ts";
import type { ShardStore } from "../../../edge/storage/shard-store.ts";
import { commitOf, POSITION, ShardHost } from "./shard-host.ts";

/** Orders by slot: the first slot of all, and three orders of one slot. */
const ORDERS = ["6456", "1234", "1234--a", "1234--b"];

let host: ShardHost;

beforeEach(() => {
  host = new ShardHost();
  const shard = host.shard();
  for (const orderId of ORDERS.toReversed()) shard.order(orderId, POSITION).commit(commitOf({ record: newRecord(orderId) }));
});

function shorter(): ShardStore {
  return host.shard({ retentionDays: 30 });
}

test("the orders are those of the first slot and of one more", () => {
  expect(ORDERS.map(slotOf)).toEqual([0, 765, 765, 765]);
});

test("under the rules that they were stored with no order is swept", () => {
  expect([host.shard().isSweeping(), host.shard().sweep(9)]).toEqual([false, []]);
});

test("every order is swept once, and the sweep ends when fewer are left than were asked for", () => {
  const shard = shorter();
  expect([shard.isSweeping(), shard.sweep(3)]).toEqual([true, ORDERS.slice(0, 3)]);
  expect([shard.isSweeping(), shard.sweep(3)]).toEqual([true, ORDERS.slice(3)]);
  expect([shard.isSweeping(), shard.sweep(3)]).toEqual([false, []]);
});

test("a sweep that ends with a full page finds nothing more on the next one", () => {
  const shard = shorter();
  expect([shard.sweep(4), shard.isSweeping()]).toEqual([ORDERS, true]);
  expect([shard.sweep(4), shard.isSweeping()]).toEqual([[], false]);
});

test("the next object goes on where the one before it stopped", () => {
  expect(shorter().sweep(1)).toEqual(["6456"]);
  expect(shorter().sweep(2)).toEqual(["1234", "1234--a"]);
  expect(shorter().sweep(2)).toEqual(["1234--b"]);
  expect(shorter().isSweeping()).toBe(false);
});

test("a second change of the rules begins a sweep of all orders", () => {
  shorter().sweep(9);
  const shard = host.shard({ retentionDays: 60 });
  expect([shard.isSweeping(), shard.sweep(9)]).toEqual([true, ORDERS]);
});
