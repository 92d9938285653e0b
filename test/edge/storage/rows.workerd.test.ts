/** The rows of one order, where a late or repeated answer must not be taken for the newest. */
import { runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { newRecord } from "../../../edge/machine/record.ts";
import { SqlChargeStore } from "../../../edge/storage/order-store.ts";
import { object } from "../with-gateway.ts";

const HOME = { host: "test-api.freedompay.kz", merchantId: "999999" };
const NOW = Date.parse("2026-11-22T10:00:00.000Z");
const FAILED = { end: null, status: 500, retryAfter: null } as const;

/** A store over the tables of an order that was written once. */
function inStore<Result>(run: (store: SqlChargeStore, storage: DurableObjectStorage) => Result): Promise<Result> {
  return runInDurableObject(object(), (_, { storage }) => {
    const store = new SqlChargeStore(storage, { hasReceiver: true, hasIndex: true, retentionDays: 400, home: HOME });
    const outbox = [{ sequence: 1, type: "charge.succeeded", at: NOW, data: "{}" }];
    const binding = { scope: "shopper pay", key: "key-1", content: "terms", subject: 1 };
    store.commit({ record: newRecord("1234", HOME), binding, outbox, deadlines: [], forget: false });
    const result = run(store, storage);
    // What was made up here is not to be sent once the test is over.
    void storage.deleteAll();
    return result;
  });
}

test("a day's list that has an older version of the charge is told again, also when that was refused", async () => {
  const due = await inStore(({ index }, { sql }) => {
    const nextAt = (): unknown => sql.exec("SELECT next_at FROM day WHERE day = '2026-11-22'").one()["next_at"];
    const changed = (now: number): void => index.changed("2026-11-22", { now, retentionDays: 400, isFed: true });
    changed(NOW);
    const [older] = index.lease(NOW + 2_000);
    changed(NOW + 3_000);
    const newest = nextAt();
    if (older === undefined) throw new Error("Nothing was due");
    index.confirmed(older);
    const afterConfirmed = nextAt();
    index.failed(older, NOW + 60_000);
    return { newest, afterConfirmed, afterFailed: nextAt() };
  });
  expect(due).toEqual({ newest: NOW + 4_000, afterConfirmed: NOW + 4_000, afterFailed: NOW + 4_000 });
});

test("the failure of a try that was made again is not counted; that of the newest try is", async () => {
  const counts = await inStore(({ outbox }, { sql }) => {
    const failures = (): unknown => sql.exec("SELECT tries, failed, next_at FROM outbox").one();
    const [lost] = outbox.lease(NOW);
    const [again] = outbox.lease(NOW + 20_000);
    if (lost === undefined || again === undefined) throw new Error("Nothing was due");
    const before = failures();
    outbox.record(lost, FAILED, NOW + 21_000, 0);
    const afterLate = failures();
    outbox.record(again, FAILED, NOW + 22_000, 0);
    return { before, afterLate, after: failures() };
  });
  expect(counts.before).toMatchObject({ tries: 2, failed: 0 });
  expect(counts.afterLate).toEqual(counts.before);
  expect(counts.after).toMatchObject({ tries: 2, failed: 1, next_at: NOW + 27_000 });
});

test("at redaction the keys go, and so do the notifications that are not to be sent any more", async () => {
  const kept = await inStore((store, { sql }) => {
    const before = store.binding("shopper pay", "key-1");
    sql.exec("UPDATE outbox SET next_at = NULL");
    store.commit({ record: { ...newRecord("1234", HOME), redactedAt: NOW }, binding: null, outbox: [], deadlines: [], forget: true });
    return [before?.subject, store.binding("shopper pay", "key-1"), sql.exec("SELECT 1 FROM outbox").toArray()];
  });
  expect(kept).toEqual([1, null, []]);
});

test("tables of a newer version are not written: nothing of them changes", async () => {
  const [error, record, before] = await inStore((store, { sql }) => {
    const stored = (): unknown => sql.exec("SELECT record FROM charge").one()["record"];
    const was = stored();
    sql.exec("UPDATE tables_version SET version = 1000");
    try {
      store.commit({ record: { ...newRecord("1234", HOME), sequence: 7 }, binding: null, outbox: [], deadlines: [], forget: false });
      return [null, stored(), was];
    } catch (thrown) {
      return [String(thrown), stored(), was];
    }
  });
  expect(error).toContain("does not know tables of version 1000");
  expect(record).toEqual(before);
});

test("past 200 keys a call that changes no record binds none", async () => {
  const bound = await inStore((store, { sql }) => {
    for (let key = 2; key <= 202; key += 1) store.bind({ scope: "merchant notify", key: `key-${key}`, content: "", subject: 1 });
    return [sql.exec("SELECT COUNT(*) AS keys FROM key").one()["keys"], store.binding("merchant notify", "key-201")];
  });
  expect(bound).toEqual([200, null]);
});

test("no alarm is set in the past", async () => {
  const alarm = await inStore((store, storage) => {
    store.schedule([{ name: "retention", at: 1 }]);
    return storage.getAlarm();
  });
  expect(alarm).toBeGreaterThan(NOW);
});
