/** When the alarm takes an order: the earliest of its deadlines, its notifications and its updates of daily indexes. */
import { beforeEach, describe, expect, test } from "vitest";
import { newRecord } from "../../../edge/machine/record.ts";
import type { OrderStore } from "../../../edge/storage/order-store.ts";
import { OrderHistory } from "../machine/order-history.ts";
import { AWAY, commitOf, DAY, HOUR, NOW, ROW, SECOND, ShardHost } from "./shard-host.ts";

const UPDATE = { day: "2026-11-22", version: NOW };
const LEASE = 30 * SECOND;

let host: ShardHost;

beforeEach(() => {
  host = new ShardHost();
});

function poll(at: number): { readonly name: string; readonly at: number } {
  return { name: "attempt 1 poll", at };
}

/** The versions of the updates that the next object finds pending. */
function pending(): readonly number[] {
  return host
    .order()
    .pendingUpdates(Number.MAX_SAFE_INTEGER)
    .map(({ version }) => version);
}

describe("after a commit an order is due", () => {
  test.each([
    ["never, if it has nothing to do", {}, null],
    ["at its earliest deadline", { deadlines: [poll(NOW + 9 * SECOND), poll(NOW + 8 * SECOND)] }, NOW + 8 * SECOND],
    ["at the end of its notification's lease", { outbox: [ROW] }, NOW + LEASE],
    ["at the end of its update's lease", { isViewChanged: true }, NOW + LEASE],
    ["at its deadline, if that is earlier", { deadlines: [poll(NOW + 8 * SECOND)], outbox: [ROW], isViewChanged: true }, NOW + 8 * SECOND],
    ["when something is to be sent, if that is earlier", { deadlines: [poll(NOW + HOUR)], outbox: [ROW] }, NOW + LEASE],
  ])("%s", (_, commit, due) => {
    host.order().commit(commitOf(commit));
    expect([host.due, host.armed]).toEqual([due, [due]]);
  });

  test("when the earlier of notification and update is", () => {
    const order = host.order();
    order.commit(commitOf({ isViewChanged: true }));
    host.now += 5 * SECOND;
    order.commit(commitOf({ outbox: [ROW] }));
    expect(host.due).toBe(NOW + LEASE);
    order.updateConfirmed(UPDATE);
    expect([host.due, host.armed.at(-1)]).toEqual([NOW + LEASE + 5 * SECOND, NOW + LEASE + 5 * SECOND]);
  });

  test("not for its notifications without a NOTIFY_URL, nor for its updates without daily indexes", () => {
    host.order({ hasReceiver: false, hasIndex: false }).commit(commitOf({ outbox: [ROW], isViewChanged: true }));
    expect(host.due).toBeNull();
  });
});

describe("while the order is away", () => {
  beforeEach(() => {
    host.order({ hasReceiver: false, hasIndex: false }).commit(commitOf());
    host.armed.length = 0;
  });

  test("a notification is not leased, and the settings are compared after an hour instead", () => {
    const order = host.order(AWAY);
    order.commit(commitOf({ outbox: [ROW] }));
    expect([order.takeLeased(), host.due]).toEqual([[], NOW + HOUR]);
  });

  test("an update of a daily index waits in the same way", () => {
    host.order(AWAY).commit(commitOf({ isViewChanged: true }));
    expect(host.due).toBe(NOW + HOUR);
  });

  test("with nothing to send only its deadlines count", () => {
    const order = host.order(AWAY);
    order.commit(commitOf());
    expect(host.due).toBeNull();
    order.commit(commitOf({ deadlines: [poll(NOW + 2 * HOUR)] }));
    expect(host.due).toBe(NOW + 2 * HOUR);
  });

  test("redaction deletes also what was to be sent, because nothing leaves any more", () => {
    const order = host.order(AWAY);
    order.commit(commitOf({ outbox: [ROW], isViewChanged: true }));
    order.commit(commitOf({ forget: true }));
    expect([order.outbox.views(), pending(), host.due]).toEqual([[], [], null]);
  });

  test("redaction that changes the view leaves only that day", () => {
    const order = host.order(AWAY);
    order.commit(commitOf({ isViewChanged: true }));
    host.now += DAY;
    order.commit(commitOf({ forget: true, isViewChanged: true }));
    expect(order.pendingUpdates(Number.MAX_SAFE_INTEGER).map(({ day }) => day)).toEqual(["2026-11-23"]);
  });
});

describe("after a delivery", () => {
  /** An order whose create is open: its poll is due before its notification and its update. */
  function undecided(): OrderStore {
    const history = new OrderHistory();
    history.pay();
    const order = host.order();
    order.commit(commitOf({ record: history.record, deadlines: [poll(NOW + 25 * SECOND)], outbox: [ROW], isViewChanged: true }));
    expect(host.due).toBe(NOW + 25 * SECOND);
    return order;
  }

  test("an order is due at the deadlines of its record, if nothing else is to be sent", () => {
    const order = host.order();
    order.commit(commitOf({ record: { ...newRecord("1234"), updatedAt: NOW }, outbox: [ROW] }));
    const [leased] = order.takeLeased();
    if (leased !== undefined) order.outbox.record(leased, { end: "delivered", status: 204 }, NOW, 0);
    order.reschedule();
    expect([host.due, host.armed.at(-1)]).toEqual([NOW + 400 * DAY, NOW + 400 * DAY]);
  });

  test("of an update it stays due at an earlier deadline, and the update is stored as confirmed", () => {
    const order = undecided();
    expect(pending()).toEqual([UPDATE.version]);
    order.updateConfirmed(UPDATE);
    expect([host.due, pending()]).toEqual([NOW + 25 * SECOND, []]);
  });

  test("of an update that failed it is due after a second", () => {
    undecided().updateFailed(UPDATE, NOW + 3 * SECOND);
    expect(host.due).toBe(NOW + 4 * SECOND);
  });

  test("under a shorter retention it is due earlier", () => {
    const record = { ...newRecord("1234"), updatedAt: NOW };
    host.order().commit(commitOf({ record, deadlines: [{ name: "retention", at: NOW + 400 * DAY }] }));
    host.order({ retentionDays: 30 }).reschedule();
    expect([host.due, host.armed.at(-1)]).toEqual([NOW + 30 * DAY, NOW + 30 * DAY]);
  });
});

describe("updates of daily indexes", () => {
  test("are leased when they are due, and the order is due at the end of the lease", () => {
    const order = host.order();
    order.commit(commitOf({ isViewChanged: true }));
    host.now += LEASE;
    expect(order.leaseUpdates(host.now)).toEqual([UPDATE]);
    expect([order.pendingUpdates(host.now), host.due]).toEqual([[], NOW + 2 * LEASE]);
  });

  test("that are not due are not leased, and the alarm stays", () => {
    const order = host.order();
    order.commit(commitOf({ isViewChanged: true }));
    host.armed.length = 0;
    expect([order.leaseUpdates(NOW + LEASE - 1), host.due, host.armed]).toEqual([[], NOW + LEASE, []]);
  });
});

describe("rows are the price of an order, so", () => {
  test("a due time that is computed again and is the same writes nothing, and still arms the alarm", () => {
    const order = host.order();
    order.commit(commitOf({ deadlines: [poll(NOW + SECOND)] }));
    const { writtenRows } = host.storage;
    order.storeDueTime([poll(NOW + SECOND)]);
    expect([host.storage.writtenRows - writtenRows, host.armed]).toEqual([0, [NOW + SECOND, NOW + SECOND]]);
    order.storeDueTime([poll(NOW + 2 * SECOND)]);
    expect([host.storage.writtenRows - writtenRows, host.due]).toEqual([1, NOW + 2 * SECOND]);
  });

  test("a commit with the same due time leaves that column and its index alone", () => {
    const order = host.order();
    order.commit(commitOf({ deadlines: [poll(NOW + SECOND)] }));
    host.storage.sql.exec("CREATE TRIGGER due_written BEFORE UPDATE OF due ON record BEGIN SELECT RAISE(ABORT, 'due was written'); END");
    const changed = { ...newRecord("1234"), sequence: 7 };
    order.commit(commitOf({ record: changed, deadlines: [poll(NOW + SECOND)] }));
    expect(host.order().load()).toEqual(changed);
    expect(() => order.commit(commitOf({ deadlines: [poll(NOW + 2 * SECOND)] }))).toThrow("due was written");
  });
});
