import { expect, test } from "vitest";
import { fnv1a, shardName, shardOf, SHARDS, SLOTS, slotOf } from "../../../edge/storage/placement.ts";

test.each([
  ["", 0x811c9dc5],
  ["a", 0xe40c292c],
  ["foobar", 0xbf9cf968],
])("FNV-1a of %j is the published value", (text, hash) => {
  expect(fnv1a(text)).toBe(hash);
});

test("a text is hashed by its UTF-8 bytes", () => {
  expect(fnv1a("ә")).toBe(fnv1aOfBytes([0xd3, 0x99]));
});

/** FNV-1a by its definition, in integers. */
function fnv1aOfBytes(bytes: readonly number[]): number {
  return Number(bytes.reduce((hash, byte) => ((hash ^ BigInt(byte)) * 0x01000193n) % 2n ** 32n, 0x811c9dc5n));
}

test("an order has the same slot, shard and object name for ever", () => {
  expect([slotOf("1234"), shardOf(slotOf("1234"))]).toEqual([765, 47]);
  expect(shardName({ host: "api.freedompay.kz", merchantId: "999999" }, 47)).toBe("api.freedompay.kz|999999|g1|47");
});

test.each(["1234--2", "1234--10", "1234--2--3", "1234--"])("the gateway order_id %s is in the slot of 1234", (orderId) => {
  expect(slotOf(orderId)).toBe(slotOf("1234"));
});

test("a single hyphen does not end the part that is hashed", () => {
  expect(slotOf("1234-2")).not.toBe(slotOf("1234"));
});

test("the slots fill all shards evenly", () => {
  const slots = Array.from({ length: SLOTS }, (_, slot) => shardOf(slot));
  const counts = Array.from({ length: SHARDS }, (_, shard) => slots.filter((one) => one === shard).length);
  expect([SLOTS, SHARDS, new Set(counts)]).toEqual([4096, 256, new Set([16])]);
});
