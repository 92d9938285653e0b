/** When the daily indexes get the newest state of a shard's orders. */
import { beforeEach, expect, test } from "vitest";
import { merchantChargeView } from "../../../edge/machine/view.ts";
import { DispatchedOrders, START } from "./dispatched-orders.ts";

const SECOND = 1_000;
const DAY = 24 * 3_600 * SECOND;

let orders: DispatchedOrders;

beforeEach(() => {
  orders = new DispatchedOrders({ hasReceiver: false });
});

/** A day's object that cannot be reached. */
function unreachable(): Promise<void> {
  return Promise.reject(new TypeError("Network connection lost."));
}

test("the changes of a second are one update with the newest state, and then nothing is due", async () => {
  orders.commit("1234", { isViewChanged: true });
  await orders.pass(400);
  const record = orders.commit("1234", { isViewChanged: true });
  await orders.pass(599);
  expect(orders.updates).toEqual([]);
  await orders.pass(1);
  const view = JSON.stringify(merchantChargeView(record));
  expect(orders.updates).toEqual([{ day: "2026-11-22", orderId: "1234", version: START + 400, status: "ready", view }]);
  await orders.pass(60 * SECOND);
  expect(orders.updates).toHaveLength(1);
  expect([orders.due("1234"), orders.openWork, orders.ended, orders.errors]).toEqual([null, 0, ["1234"], []]);
});

test("a later change is sent a second after it", async () => {
  orders.commit("1234", { isViewChanged: true });
  await orders.pass(5 * SECOND);
  orders.commit("1234", { isViewChanged: true });
  await orders.pass(SECOND);
  expect(orders.updates.map(({ version }) => version)).toEqual([START, START + 5 * SECOND]);
});

test("every day on which the order changed gets its own; one that cannot be reached holds back no other, and gets it later", async () => {
  orders.commit("1234", { isViewChanged: true });
  await orders.pass(DAY);
  orders.commit("1234", { isViewChanged: true });
  orders.index = ({ day }) => (day === "2026-11-22" ? unreachable() : Promise.resolve());
  await orders.pass(SECOND);
  expect(orders.updates.map(({ day }) => day)).toEqual(["2026-11-22", "2026-11-22", "2026-11-23"]);
  expect(orders.errors).toEqual(["1234: TypeError"]);
  expect(orders.due("1234")).toBe(orders.now + SECOND);
  orders.index = async () => undefined;
  await orders.resumeWhenDue("1234");
  expect(orders.updates.slice(3)).toEqual(orders.updates.slice(1, 2));
  expect(orders.due("1234")).toBeNull();
});

test("an update that its shard could not send, because it was evicted, is sent by the alarm", async () => {
  orders.commit("1234", { isViewChanged: true });
  orders.deploy({});
  await orders.pass(29 * SECOND);
  orders.resume("1234");
  await orders.pass(SECOND);
  expect(orders.updates).toEqual([]);
  orders.resume("1234");
  await orders.pass(0);
  expect(orders.updates).toHaveLength(1);
});

test("without daily indexes no timer is set, because it would keep the shard in memory", async () => {
  orders.deploy({ hasIndex: false });
  orders.commit("1234", { isViewChanged: true });
  expect(orders.openTimers).toBe(0);
  orders.deploy({ hasIndex: true });
  orders.commit("1234", { isViewChanged: true });
  expect(orders.openTimers).toBe(1);
});

test("an update that is due when the binding DAYS was removed is dropped; the index gets the next change, once there is one again", async () => {
  orders.index = unreachable;
  orders.commit("1234", { isViewChanged: true });
  await orders.pass(SECOND);
  orders.deploy({ hasIndex: false });
  await orders.resumeWhenDue("1234");
  expect([orders.due("1234"), orders.updates.length, orders.errors]).toEqual([null, 1, ["1234: TypeError"]]);
  orders.index = async () => undefined;
  orders.deploy({ hasIndex: true });
  orders.commit("1234", { isViewChanged: true });
  await orders.pass(SECOND);
  expect(orders.updates).toHaveLength(2);
});

test("an order of which nothing is stored has no update", async () => {
  orders.afterCommit("1234");
  await orders.pass(SECOND);
  expect([orders.updates, orders.errors, orders.ended]).toEqual([[], [], ["1234"]]);
});
