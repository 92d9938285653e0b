/** One order in its shard: what a commit stores, what is read of it, and what is left after a write that failed. */
import { beforeEach, describe, expect, test } from "vitest";
import type { KeyBinding } from "../../../edge/machine/record.ts";
import { newRecord } from "../../../edge/machine/record.ts";
import { UnreadableRecord } from "../../../edge/storage/order-store.ts";
import { OrderHistory } from "../machine/order-history.ts";
import { commitOf, HOUR, NOW, POSITION, ROW, ShardHost } from "./shard-host.ts";

const BINDING: KeyBinding = { scope: "shopper pay", key: "key-1", content: "terms", subject: 1 };
const UPDATE = { day: "2026-11-22", version: NOW };

let host: ShardHost;

beforeEach(() => {
  host = new ShardHost();
});

describe("an order that was never stored", () => {
  test("is nothing in an empty shard, and reading it writes nothing", () => {
    const order = host.order();
    expect([order.load(), order.binding("shopper pay", "key-1"), order.pendingUpdates(NOW)]).toEqual([null, null, []]);
    expect(host.storage.all("SELECT name FROM sqlite_master")).toEqual([]);
  });

  test("is nothing beside a neighbour of its slot, and has nothing to send", () => {
    host
      .shard()
      .order("1234--a", POSITION)
      .commit(commitOf({ record: newRecord("1234--a"), binding: BINDING }));
    host.armed.length = 0;
    const order = host.order();
    expect([order.load(), order.binding("shopper pay", "key-1"), order.leaseUpdates(NOW)]).toEqual([null, null, []]);
  });

  test("is not made by an alarm or a delivery that finds it gone", () => {
    host
      .shard()
      .order("1234--a", POSITION)
      .commit(commitOf({ record: newRecord("1234--a") }));
    host.armed.length = 0;
    const order = host.order();
    order.reschedule();
    order.storeDueTime([{ name: "retention", at: NOW }]);
    order.updateConfirmed(UPDATE);
    order.updateFailed(UPDATE, NOW);
    expect([order.load(), host.armed]).toEqual([null, []]);
  });
});

describe("a commit", () => {
  test("is there with all its parts for the next object", () => {
    const history = new OrderHistory();
    history.succeed();
    host.order().commit(commitOf({ record: history.record, binding: BINDING, outbox: [ROW], isViewChanged: true }));
    const order = host.order();
    expect(order.load()).toEqual(history.record);
    expect(order.binding("shopper pay", "key-1")).toEqual(BINDING);
    expect(order.outbox.views()).toMatchObject([{ sequence: 1 }]);
    expect(order.pendingUpdates(Number.MAX_SAFE_INTEGER)).toEqual([UPDATE]);
  });

  test("binds its key for that caller and operation alone", () => {
    const order = host.order();
    order.commit(commitOf({ binding: BINDING }));
    expect([order.binding("merchant pay", "key-1"), order.binding("shopper pay", "key-2")]).toEqual([null, null]);
  });

  test("gives its leased notifications once", () => {
    const order = host.order();
    order.commit(commitOf({ outbox: [ROW] }));
    expect(order.takeLeased()).toMatchObject([{ sequence: 1, tries: 1 }]);
    expect(order.takeLeased()).toEqual([]);
  });

  test("without a notification leases none, also if an earlier one was not taken", () => {
    const order = host.order();
    expect(order.takeLeased()).toEqual([]);
    order.commit(commitOf({ outbox: [ROW] }));
    order.commit(commitOf());
    expect(order.takeLeased()).toEqual([]);
  });

  test("without a change of the view keeps the days, and one with a change adds its day", () => {
    const order = host.order();
    order.commit(commitOf({ isViewChanged: true }));
    order.commit(commitOf());
    expect(order.pendingUpdates(Number.MAX_SAFE_INTEGER)).toEqual([UPDATE]);
    host.now += 24 * HOUR;
    order.commit(commitOf({ isViewChanged: true }));
    expect(order.pendingUpdates(Number.MAX_SAFE_INTEGER).map(({ day }) => day)).toEqual(["2026-11-22", "2026-11-23"]);
  });

  test("is read by another store of the same order, which had read the one before", () => {
    const shard = host.shard();
    const [one, other] = [shard.order("1234", POSITION), shard.order("1234", POSITION)];
    one.commit(commitOf());
    expect(other.load()?.sequence).toBe(0);
    one.commit(commitOf({ record: { ...newRecord("1234"), sequence: 7 } }));
    expect(other.load()?.sequence).toBe(7);
  });
});

describe("a commit that the disk refuses", () => {
  const first = commitOf({ deadlines: [{ name: "attempt 1 poll", at: NOW }] });
  const later = commitOf({
    record: { ...newRecord("1234"), sequence: 7 },
    binding: BINDING,
    outbox: [ROW],
    deadlines: [{ name: "attempt 1 poll", at: NOW + HOUR }],
  });

  test("throws, stores none of its parts, and arms nothing", () => {
    const order = host.order({ hasReceiver: false });
    order.commit(first);
    host.refuseRecords();
    expect(() => order.commit(later)).toThrow("refused");
    expect([order.load()?.sequence, order.binding("shopper pay", "key-1"), order.outbox.views()]).toEqual([0, null, []]);
    expect([host.due, host.armed]).toEqual([NOW, [NOW]]);
  });

  test("can be repeated with all its parts by the same store", () => {
    const order = host.order({ hasReceiver: false });
    order.commit(first);
    host.refuseRecords();
    expect(() => order.commit(later)).toThrow("refused");
    host.acceptRecords();
    order.commit(later);
    expect([host.order().load()?.sequence, host.order().binding("shopper pay", "key-1"), host.due]).toEqual([7, BINDING, NOW + HOUR]);
  });

  test("can be repeated if it was the first of its order, which is stored then", () => {
    const shard = host.shard();
    shard.order("1234--a", POSITION).commit(commitOf({ record: newRecord("1234--a") }));
    const order = shard.order("1234", POSITION);
    host.refuseRecords();
    expect(() => order.commit(first)).toThrow("refused");
    expect(order.load()).toBeNull();
    host.acceptRecords();
    order.commit(first);
    expect(host.order().load()).toEqual(newRecord("1234"));
  });
});

test("a commit that does not redact keeps the keys and the notifications that have ended", () => {
  const order = host.order();
  order.commit(commitOf({ binding: BINDING, outbox: [ROW] }));
  const [leased] = order.takeLeased();
  if (leased !== undefined) order.outbox.record(leased, { end: "delivered", status: 204 }, NOW, 0);
  order.commit(commitOf());
  expect(order.binding("shopper pay", "key-1")).toEqual(BINDING);
  expect(order.outbox.views()).toMatchObject([{ sequence: 1, ended: "delivered" }]);
});

test("a record is parsed once as long as its text is the same", () => {
  host.order().commit(commitOf());
  const order = host.order();
  const record = order.load();
  order.postpone(NOW);
  expect(order.load()).toBe(record);
});

test("calls that change no record bind keys until the order has 200", () => {
  const order = host.order();
  order.commit(commitOf({ binding: BINDING }));
  for (let key = 2; key <= 202; key += 1) order.bind({ ...BINDING, scope: "merchant notify", key: `key-${key}` });
  expect(order.binding("merchant notify", "key-200")).toMatchObject({ key: "key-200" });
  expect(order.binding("merchant notify", "key-201")).toBeNull();
});

describe("redaction", () => {
  test("deletes the keys and the notifications that have ended; a pending one, and the days, stay", () => {
    const order = host.order();
    order.commit(commitOf({ binding: BINDING, outbox: [ROW, { ...ROW, sequence: 2 }], isViewChanged: true }));
    const [leased] = order.takeLeased();
    if (leased !== undefined) order.outbox.record(leased, { end: "delivered", status: 204 }, NOW, 0);
    order.commit(commitOf({ forget: true }));
    expect(order.binding("shopper pay", "key-1")).toBeNull();
    expect(order.outbox.views().map(({ sequence }) => sequence)).toEqual([2]);
    expect(order.pendingUpdates(Number.MAX_SAFE_INTEGER)).toEqual([UPDATE]);
  });

  test("deletes nothing of another order of its slot", () => {
    const neighbour = host.shard().order("1234--a", POSITION);
    neighbour.commit(commitOf({ record: newRecord("1234--a"), binding: BINDING }));
    host.order().commit(commitOf({ forget: true }));
    expect(neighbour.binding("shopper pay", "key-1")).toEqual(BINDING);
  });
});

describe("a record that cannot be read", () => {
  test.each([
    ["of a newer version", '{"version":1000}'],
    ["damaged", "{"],
    ["empty", "null"],
  ])("is refused by name, with the cause and without its content: %s", (_, record) => {
    host.order().commit(commitOf());
    host.storage.sql.exec("UPDATE record SET record = ?", record);
    const loaded = (): unknown => host.order().load();
    expect(loaded).toThrow(UnreadableRecord);
    expect(loaded).toThrow(
      expect.objectContaining({
        name: "UnreadableRecord",
        message: "The record of an order cannot be read",
        cause: expect.any(Error),
      }),
    );
  });

  test("stays as it is when its order is put off, which arms the alarm for then", () => {
    host.order().commit(commitOf());
    host.storage.sql.exec("UPDATE record SET record = '{'");
    const order = host.order();
    order.postpone(NOW + HOUR);
    expect([host.due, host.armed.at(-1)]).toEqual([NOW + HOUR, NOW + HOUR]);
    expect(host.storage.all("SELECT record FROM record")).toEqual([{ record: "{" }]);
  });
});
