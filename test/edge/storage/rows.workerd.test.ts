/** The rows of one order. A late or repeated answer must not count as the newest. */
import { runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import type { OutboxRow } from "../../../edge/machine/record.ts";
import { newRecord } from "../../../edge/machine/record.ts";
import type { OrderStore } from "../../../edge/storage/order-store.ts";
import { ShardStore } from "../../../edge/storage/shard-store.ts";
import { object } from "../with-gateway.ts";

const HOME = { host: "test-api.freedompay.kz", merchantId: "999999" };
const NOW = Date.parse("2026-11-22T10:00:00.000Z");
const FAILED = { end: null, status: 500, retryAfter: null } as const;
const ROW = { sequence: 1, type: "charge.succeeded", at: NOW, data: "{}" };

interface Stored {
  readonly store: OrderStore;
  readonly shard: ShardStore;
  readonly storage: DurableObjectStorage;
  readonly armed: readonly (number | null)[];
}

/** A store over the tables of an order that was written once. Its rows are leased, so none of them is sent. */
function inStore<Result>(run: (stored: Stored) => Result): Promise<Result> {
  return runInDurableObject(object(), (_, { storage }) => {
    const armed: (number | null)[] = [];
    const options = { hasReceiver: true, hasIndex: true, retentionDays: 400, home: HOME, now: () => NOW };
    const shard = new ShardStore(storage, { ...options, arm: (at) => armed.push(at) });
    const store = shard.order("1234", 47);
    const binding = { scope: "shopper pay", key: "key-1", content: "terms", subject: 1 };
    store.commit({ record: newRecord("1234"), binding, outbox: [ROW], deadlines: [], forget: false, isViewChanged: true });
    const result = run({ store, shard, storage, armed });
    // Rows that were invented here must not be sent after the test.
    void storage.deleteAll();
    return result;
  });
}

test("a failed try counts only if it is the newest one", async () => {
  const counts = await inStore(({ store: { outbox }, storage: { sql } }) => {
    const failures = (): unknown => sql.exec("SELECT tries, failed, next_at FROM outbox").one();
    const [lost] = outbox.lease(NOW + 30_000);
    const [repeated] = outbox.lease(NOW + 60_000);
    if (lost === undefined || repeated === undefined) throw new Error("Nothing was due");
    const before = failures();
    outbox.record(lost, FAILED, NOW + 61_000, 0);
    const afterLate = failures();
    outbox.record(repeated, FAILED, NOW + 62_000, 0);
    return { before, afterLate, after: failures() };
  });
  expect(counts.before).toMatchObject({ tries: 3, failed: 0 });
  expect(counts.afterLate).toEqual(counts.before);
  expect(counts.after).toMatchObject({ tries: 3, failed: 1, next_at: NOW + 67_000 });
});

test("a new notification is leased in its commit and sent from there; the next one waits for its end", async () => {
  const { first, second, next } = await inStore(({ store }) => {
    const leased = store.takeLeased();
    store.commit({
      record: newRecord("1234"),
      binding: null,
      outbox: [{ ...ROW, sequence: 2 }],
      deadlines: [],
      forget: false,
      isViewChanged: true,
    });
    const second = store.takeLeased();
    const [row] = leased;
    if (row !== undefined) store.outbox.record(row, { end: "delivered", status: 204 }, NOW, 0);
    return { first: leased.map(({ sequence, tries }) => [sequence, tries]), second, next: store.outbox.lease(NOW) };
  });
  expect(first).toEqual([[1, 1]]);
  expect(second).toEqual([]);
  expect(next.map(({ sequence }) => sequence)).toEqual([2]);
});

test("a try that was never sent is not counted, and is due again at its time", async () => {
  const row = await inStore(({ store, storage: { sql } }) => {
    const [leased] = store.takeLeased();
    if (leased !== undefined) store.outbox.release(leased, NOW + 7_000);
    return sql.exec("SELECT tries, failed, next_at FROM outbox").one();
  });
  expect(row).toEqual({ tries: 0, failed: 0, next_at: NOW + 7_000 });
});

test("redaction deletes the keys, and the notifications that will not be sent any more", async () => {
  const left = await inStore(({ store, storage: { sql } }) => {
    const before = store.binding("shopper pay", "key-1");
    sql.exec("UPDATE outbox SET next_at = NULL");
    store.commit({
      record: { ...newRecord("1234"), redactedAt: NOW },
      binding: null,
      outbox: [],
      deadlines: [],
      forget: true,
      isViewChanged: false,
    });
    return [before?.subject, store.binding("shopper pay", "key-1"), sql.exec("SELECT 1 FROM outbox").toArray()];
  });
  expect(left).toEqual([1, null, []]);
});

test("tables of a newer version are used as they are, because changes only add to them", async () => {
  const [version, sequence] = await inStore(({ store, storage: { sql } }) => {
    sql.exec("UPDATE tables_version SET version = 1000");
    sql.exec("ALTER TABLE record ADD COLUMN newer TEXT");
    store.commit({
      record: { ...newRecord("1234"), sequence: 7 },
      binding: null,
      outbox: [],
      deadlines: [],
      forget: false,
      isViewChanged: true,
    });
    return [sql.exec("SELECT version FROM tables_version").one()["version"], store.load()?.sequence];
  });
  expect([version, sequence]).toEqual([1000, 7]);
});

test("a record of a newer version, or a damaged one, cannot be read, and is not written", async () => {
  const errors = await inStore(({ shard, storage: { sql } }) =>
    ['{"version":2}', "{", "null"].map((record) => {
      sql.exec("UPDATE record SET record = ?", record);
      try {
        return shard.order("1234", 47).load();
      } catch (error) {
        return error instanceof Error ? error.name : error;
      }
    }),
  );
  expect(errors).toEqual(["UnreadableRecord", "UnreadableRecord", "UnreadableRecord"]);
});

test("after 200 keys a call that changes no record binds none", async () => {
  const bound = await inStore(({ store, storage: { sql } }) => {
    for (let key = 2; key <= 202; key += 1) store.bind({ scope: "merchant notify", key: `key-${key}`, content: "", subject: 1 });
    return [sql.exec("SELECT COUNT(*) AS keys FROM key").one()["keys"], store.binding("merchant notify", "key-201")];
  });
  expect(bound).toEqual([200, null]);
});

test("the identity is stored with the first order; a failed first write stores nothing", async () => {
  const [identity, empty] = await inStore(({ shard, storage }) => {
    const identity = shard.identity();
    const other = new ShardStore(storage, {
      hasReceiver: false,
      hasIndex: false,
      retentionDays: 1,
      home: HOME,
      now: () => NOW,
      arm: () => {},
    });
    for (const table of ["shard", "record", "key", "outbox", "tables_version"]) storage.sql.exec(`DROP TABLE ${table}`);
    const broken = { record: newRecord("1"), binding: null, outbox: [ROW, ROW], deadlines: [], forget: false, isViewChanged: true };
    expect(() => other.order("1", 0).commit(broken)).toThrow();
    return [identity, [other.identity(), other.hasTables(), other.nextDue()]];
  });
  expect(identity).toEqual({ home: HOME, generation: "g1", shards: 256, position: 47 });
  expect(empty).toEqual([null, false, null]);
});

test("after a change of RETENTION_DAYS the deadlines of all orders are recomputed, a bounded number at a time", async () => {
  const swept = await inStore(({ storage }) => {
    const shard = new ShardStore(storage, {
      hasReceiver: true,
      hasIndex: true,
      retentionDays: 30,
      home: HOME,
      now: () => NOW,
      arm: () => {},
    });
    for (const orderId of ["1234--a", "1234--b"])
      shard
        .order(orderId, 47)
        .commit({ record: newRecord(orderId), binding: null, outbox: [], deadlines: [], forget: false, isViewChanged: true });
    return [shard.isSweeping(), shard.sweep(2), shard.isSweeping(), shard.sweep(2), shard.isSweeping(), shard.sweep(2)];
  });
  expect(swept).toEqual([true, ["1234", "1234--a"], true, ["1234--b"], false, []]);
});

test("a store sees what another store of its order has written, and nothing of a write that failed", async () => {
  const seen = await inStore(({ store, shard }) => {
    const other = shard.order("1234", 47);
    const commit = (sequence: number, outbox: readonly OutboxRow[]): void =>
      store.commit({
        record: { ...newRecord("1234"), sequence },
        binding: null,
        outbox,
        deadlines: [],
        forget: false,
        isViewChanged: true,
      });
    const before = other.load()?.sequence;
    commit(7, []);
    const after = other.load()?.sequence;
    // The order has a row of this number already.
    expect(() => commit(8, [ROW])).toThrow();
    return [before, after, other.load()?.sequence, store.load()?.sequence];
  });
  expect(seen).toEqual([0, 7, 7, 7]);
});
