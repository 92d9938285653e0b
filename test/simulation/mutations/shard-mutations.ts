/** Plausible bugs around a lost alarm, a record that cannot be read, and a full shard. */
import type { Mutation } from "./mutation.ts";

export const SHARD_MUTATIONS: readonly Mutation[] = [
  {
    name: "an alarm that is lost while the object stays open is not set again",
    edits: [
      {
        file: "shard/alarm-clock",
        find: "return this.#armedAt !== null && this.#armedAt + LOST_AFTER < this.#now();",
        replace: "return this.#armedAt === 0;",
      },
    ],
    seeds: [51],
  },
  {
    name: "the call of a daily index does not set a lost alarm again",
    edits: [
      {
        file: "shard/shard",
        find: "  check(): void {\n    this.#orders.compareAlarm();\n",
        replace: "  check(): void {\n",
      },
    ],
    seeds: [24],
  },
  {
    name: "an order whose record cannot be read counts as a new one",
    edits: [
      {
        file: "storage/order-store",
        find: "      throw new UnreadableRecord(`The record of an order cannot be read`, { cause });",
        replace: "      return cause === null ? (cause as null) : null;",
      },
    ],
    seeds: [102],
  },
  {
    name: "an order whose record cannot be read is not put off",
    edits: [
      {
        file: "shard/due-orders",
        find: "this.#postpone(orderId, now);\n    }\n",
        replace: 'this.#orders.platform.log({ event: "attention", order_id: orderId, reason: "record_unreadable" });\n    }\n',
      },
    ],
    seeds: [102],
  },
  {
    name: "no attention is logged for a record that cannot be read",
    edits: [
      {
        file: "shard/shard",
        find: '      this.#platform.log({ event: "attention", order_id: orderId, reason: "record_unreadable" });\n',
        replace: "",
      },
    ],
    seeds: [102],
  },
  {
    name: "notifications of an order are sent while its record cannot be read",
    edits: [{ file: "shard/due-orders", find: "      order.store.load();\n", replace: "" }],
    seeds: [672],
  },
  {
    name: "a full shard takes a new order",
    edits: [
      {
        file: "storage/shard-store",
        find: "return this.usedBytes() >= FULL_AT * MAX_BYTES;",
        replace: "return this.usedBytes() >= MAX_BYTES;",
      },
    ],
    seeds: [14],
  },
  {
    name: "a full shard refuses to pay a known order",
    edits: [
      {
        file: "shard/shard",
        find: "      if (this.#orders.store.isFull() && store.load() === null) return this.#refuseNew();\n      const wait",
        replace: "      if (this.#orders.store.isFull()) return this.#refuseNew();\n      const wait",
      },
    ],
    seeds: [53],
  },
];
