/** The storage of a shard: its identity, which of its orders are due, and when it is full. */
import { beforeEach, describe, expect, test } from "vitest";
import { newRecord } from "../../../edge/machine/record.ts";
import type { ShardStore } from "../../../edge/storage/shard-store.ts";
import { MAX_BYTES } from "../../../edge/storage/shard-store.ts";
import { AWAY, commitOf, HOME, NOW, POSITION, ROW, SECOND, ShardHost } from "./shard-host.ts";

let host: ShardHost;

beforeEach(() => {
  host = new ShardHost();
});

/** Stores an order that is due after some seconds. */
function store(shard: ShardStore, orderId: string, dueAfter: number | null = null): void {
  const deadlines = dueAfter === null ? [] : [{ name: "attempt 1 poll", at: NOW + dueAfter * SECOND }];
  shard.order(orderId, POSITION).commit(commitOf({ record: newRecord(orderId), deadlines }));
}

test("opening and reading a shard writes nothing, and finds nothing", () => {
  const shard = host.shard();
  expect([shard.identity(), shard.isAway(), shard.hasTables(), shard.isSweeping(), shard.sweep(9)]).toEqual([
    null,
    false,
    false,
    false,
    [],
  ]);
  expect([shard.due(Number.MAX_SAFE_INTEGER, 9), shard.nextDue()]).toEqual([[], null]);
  expect([host.storage.writtenRows, host.storage.all("SELECT name FROM sqlite_master")]).toEqual([0, []]);
});

describe("the identity", () => {
  const IDENTITY = { home: HOME, generation: "g1", shards: 256, position: POSITION };

  test("is stored with the first order, once, whatever the settings say later", () => {
    const shard = host.shard();
    store(shard, "1234");
    expect(shard.identity()).toEqual(IDENTITY);
    store(host.shard(AWAY), "1234--a");
    expect(host.shard(AWAY).identity()).toEqual(IDENTITY);
    expect(host.storage.all("SELECT COUNT(*) AS rows FROM shard")).toEqual([{ rows: 1 }]);
  });

  test("is not stored by a first order that the disk refuses", () => {
    const shard = host.shard();
    const twice = commitOf({ outbox: [ROW, ROW] });
    expect(() => shard.order("1234", POSITION).commit(twice)).toThrow("UNIQUE");
    expect([shard.identity(), shard.hasTables(), shard.nextDue()]).toEqual([null, false, null]);
    store(shard, "1234");
    expect([shard.identity(), shard.order("1234", POSITION).load()]).toEqual([IDENTITY, newRecord("1234")]);
  });

  test.each([
    ["its own home", HOME, false],
    ["another merchant", { ...HOME, merchantId: "999998" }, true],
    ["another gateway", { ...HOME, host: "api.freedompay.kz" }, true],
  ])("makes the shard away if the settings name %s: %o", (_, home, isAway) => {
    store(host.shard(), "1234");
    expect(host.shard({ home }).isAway()).toBe(isAway);
  });

  test("of an object that finds the shard stored is read before anything is written", () => {
    store(host.shard(), "1234");
    const shard = host.shard();
    expect([shard.hasTables(), shard.identity()]).toEqual([true, IDENTITY]);
  });
});

describe("orders that are due", () => {
  beforeEach(() => {
    const shard = host.shard();
    store(shard, "late", 1);
    store(shard, "latest", 0);
    store(shard, "later", 5);
    store(shard, "settled");
  });

  test("are taken the longest due first, at most as many as are asked for", () => {
    expect(host.shard().due(NOW + 5 * SECOND, 9)).toEqual(["latest", "late", "later"]);
    expect(host.shard().due(NOW + 5 * SECOND, 2)).toEqual(["latest", "late"]);
  });

  test("are those whose time has come", () => {
    expect(host.shard().due(NOW + 5 * SECOND - 1, 9)).toEqual(["latest", "late"]);
    expect(host.shard().due(NOW - 1, 9)).toEqual([]);
  });

  test("are followed by the next one: of all, or of those that are due later than a time", () => {
    const shard = host.shard();
    expect([shard.nextDue(), shard.nextDue(NOW), shard.nextDue(NOW + SECOND), shard.nextDue(NOW + 5 * SECOND)]).toEqual([
      NOW,
      NOW + SECOND,
      NOW + 5 * SECOND,
      null,
    ]);
  });
});

test("the next due order is found by an index, however many orders the shard has", () => {
  store(host.shard(), "1234", 1);
  const [plan] = host.storage.all("EXPLAIN QUERY PLAN SELECT MIN(due) AS due FROM record WHERE due > ?", NOW);
  expect(plan?.["detail"]).toContain("USING COVERING INDEX record_due");
});

describe("a shard is full", () => {
  const NINE_GIBIBYTES = 9 * 1024 ** 3;

  test("from nine tenths of ten gibibytes on, and takes no new orders then", () => {
    const shard = host.shard();
    host.storage.reportedBytes = NINE_GIBIBYTES - 1;
    expect([shard.isFull(), shard.usedBytes()]).toEqual([false, NINE_GIBIBYTES - 1]);
    host.storage.reportedBytes = NINE_GIBIBYTES;
    expect([shard.isFull(), shard.usedBytes()]).toEqual([true, NINE_GIBIBYTES]);
    expect(MAX_BYTES).toBe(10 * 1024 ** 3);
  });
});
