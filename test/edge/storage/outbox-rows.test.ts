/** When the notifications of an order leave: their leases, their order, their retries. */
import { beforeEach, describe, expect, test } from "vitest";
import type { OutboxRow } from "../../../edge/machine/record.ts";
import { TRY_LEASE } from "../../../edge/machine/notification-retries.ts";
import type { DeliveryResult } from "../../../edge/storage/message.ts";
import type { LeasedRow } from "../../../edge/storage/outbox-rows.ts";
import { OUTBOX_TABLE, OutboxRows } from "../../../edge/storage/outbox-rows.ts";
import type { SqlValue } from "../../../edge/storage/sql.ts";
import { NOW, SECOND } from "./shard-host.ts";
import { SqliteStorage } from "./sqlite-storage.ts";

const AT_HOME = { isDue: true, mayLeave: true, now: NOW };
const FAILED: DeliveryResult = { end: null, status: 500, retryAfter: null };
const DELIVERED: DeliveryResult = { end: "delivered", status: 204 };

let storage: SqliteStorage;
let outbox: OutboxRows;

beforeEach(() => {
  storage = new SqliteStorage();
  storage.sql.exec(OUTBOX_TABLE);
  outbox = new OutboxRows(storage.sql, [765, "1234"]);
});

function row(sequence: number): OutboxRow {
  return { sequence, type: "charge.succeeded", at: NOW, data: `{"sequence":${sequence}}` };
}

function stored(sequence = 1): Record<string, SqlValue> | undefined {
  return storage.all("SELECT tries, failed, resend_requested, next_at, ended, last_status FROM outbox WHERE sequence = ?", sequence)[0];
}

function numbers(rows: readonly { readonly sequence: number }[]): readonly number[] {
  return rows.map(({ sequence }) => sequence);
}

/** Leases the only row that is due. */
function leaseOne(now: number): LeasedRow {
  const [leased, ...others] = outbox.lease(now);
  if (leased === undefined || others.length > 0) throw new Error("Not exactly one row was due");
  return leased;
}

/** Sends the row that is due next, some times. Returns whether the last try gave it up. */
function trySome(times: number, result: DeliveryResult): boolean {
  let isGivenUp = false;
  for (let done = 0; done < times; done += 1) {
    const at = outbox.nextAt() ?? 0;
    isGivenUp = outbox.record(leaseOne(at), result, at, 0);
  }
  return isGivenUp;
}

describe("a new notification", () => {
  test("is leased with its commit: this is its first try, and its content is the event as JSON", () => {
    const leased = outbox.insert([row(1)], AT_HOME);
    const body = '{"type":"charge.succeeded","timestamp":"2026-11-22T10:00:00.000Z","data":{"sequence":1}}';
    expect(leased).toEqual([{ sequence: 1, tries: 1, id: expect.stringMatching(/^msg_[0-9a-f]{32}$/), body }]);
    expect(stored()).toMatchObject({ tries: 1, failed: 0, next_at: NOW + TRY_LEASE, ended: null });
  });

  test("has an id of its own, the same for every try", () => {
    const [first] = outbox.insert([row(1), row(2)], AT_HOME);
    const again = leaseOne(NOW + TRY_LEASE);
    expect([again.sequence, again.id, again.body]).toEqual([1, first?.id, first?.body]);
    outbox.record(again, DELIVERED, NOW, 0);
    expect(leaseOne(NOW).id).not.toBe(first?.id);
  });

  test("is stored without a NOTIFY_URL, and never due", () => {
    expect(outbox.insert([row(1)], { ...AT_HOME, isDue: false })).toEqual([]);
    expect([stored()?.["tries"], outbox.nextAt(), outbox.lease(Number.MAX_SAFE_INTEGER)]).toEqual([0, null, []]);
  });

  test("is due while the order is away, and not leased", () => {
    expect(outbox.insert([row(1)], { ...AT_HOME, mayLeave: false })).toEqual([]);
    expect([stored()?.["tries"], outbox.nextAt()]).toEqual([0, NOW]);
  });

  test("waits for those before it, of the same commit and of earlier ones; then it is due at once", () => {
    expect(numbers(outbox.insert([row(1), row(2)], AT_HOME))).toEqual([1]);
    expect(outbox.insert([row(3)], AT_HOME)).toEqual([]);
    expect(outbox.nextAt()).toBe(NOW + TRY_LEASE);
    trySome(1, DELIVERED);
    expect(outbox.nextAt()).toBe(NOW);
    expect(numbers(outbox.lease(NOW))).toEqual([2]);
    expect(stored(3)).toMatchObject({ tries: 0, next_at: NOW });
  });

  test("does not wait for one that failed three times", () => {
    outbox.insert([row(1)], AT_HOME);
    trySome(2, FAILED);
    expect(outbox.insert([row(2)], AT_HOME)).toEqual([]);
    trySome(1, FAILED);
    expect(numbers(outbox.insert([row(3)], AT_HOME)), "the second waits, so the third does").toEqual([]);
    trySome(1, DELIVERED);
    trySome(1, DELIVERED);
    expect(numbers(outbox.insert([row(4)], AT_HOME))).toEqual([4]);
  });

  test("does not wait for one that the merchant requested again", () => {
    outbox.insert([row(1)], AT_HOME);
    trySome(1, DELIVERED);
    outbox.resend(1, NOW);
    expect(numbers(outbox.insert([row(2)], AT_HOME))).toEqual([2]);
  });
});

describe("a lease", () => {
  test("ends after 30 s: then the row is due again, and its next try has a lease of its own", () => {
    outbox.insert([row(1)], AT_HOME);
    expect(outbox.lease(NOW + TRY_LEASE - 1)).toEqual([]);
    expect(leaseOne(NOW + TRY_LEASE).tries).toBe(2);
    expect(stored()).toMatchObject({ tries: 2, next_at: NOW + 2 * TRY_LEASE });
  });

  test("takes twenty rows at most, the oldest ones", () => {
    const rows = Array.from({ length: 21 }, (_, index) => row(index + 1));
    outbox.insert(rows, { ...AT_HOME, isDue: false });
    for (const { sequence } of rows) outbox.resend(sequence, NOW);
    expect(numbers(outbox.lease(NOW))).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(numbers(outbox.lease(NOW))).toEqual([21]);
  });

  test("that never led to a try does not count, and the row is due at the given time", () => {
    const [leased] = outbox.insert([row(1)], AT_HOME);
    if (leased !== undefined) outbox.release(leased, NOW + 7 * SECOND);
    expect(stored()).toMatchObject({ tries: 0, failed: 0, next_at: NOW + 7 * SECOND });
  });

  test("that has ended gives nothing back: the row has a newer try, or was delivered", () => {
    const [late] = outbox.insert([row(1)], AT_HOME);
    const newer = leaseOne(NOW + TRY_LEASE);
    if (late !== undefined) outbox.release(late, NOW);
    expect(stored()).toMatchObject({ tries: 2, next_at: NOW + 2 * TRY_LEASE });
    outbox.record(newer, DELIVERED, NOW, 0);
    outbox.release(newer, NOW);
    expect(stored()).toMatchObject({ tries: 2, next_at: null });
  });
});

describe("a try that failed", () => {
  test("is repeated after its pause, and the receiver's status is stored", () => {
    outbox.insert([row(1)], AT_HOME);
    const at = NOW + TRY_LEASE;
    expect(outbox.record(leaseOne(at), FAILED, at, 0.5)).toBe(false);
    expect(stored()).toMatchObject({ tries: 2, failed: 1, next_at: at + 5.25 * SECOND, ended: null, last_status: 500 });
  });

  test("is repeated no sooner than the receiver allows", () => {
    outbox.insert([row(1)], AT_HOME);
    const at = NOW + TRY_LEASE;
    outbox.record(leaseOne(at), { ...FAILED, retryAfter: 60 }, at, 0);
    expect(outbox.nextAt()).toBe(at + 60 * SECOND);
  });

  test("counts only if it is the newest one", () => {
    const [late] = outbox.insert([row(1)], AT_HOME);
    leaseOne(NOW + TRY_LEASE);
    const before = stored();
    expect(late === undefined ? null : outbox.record(late, FAILED, NOW + TRY_LEASE, 0)).toBe(false);
    expect(stored()).toEqual(before);
  });

  test("does not count after an earlier try was delivered", () => {
    const [first] = outbox.insert([row(1)], AT_HOME);
    const repeated = leaseOne(NOW + TRY_LEASE);
    if (first !== undefined) outbox.record(first, DELIVERED, NOW + TRY_LEASE, 0);
    outbox.record(repeated, FAILED, NOW + TRY_LEASE, 0);
    expect(stored()).toMatchObject({ failed: 0, next_at: null, ended: "delivered", last_status: 204 });
  });

  test("is the last one after ten: the notification is given up, which is reported once", () => {
    outbox.insert([row(1)], AT_HOME);
    expect(trySome(9, FAILED)).toBe(false);
    expect(stored()).toMatchObject({ failed: 9, ended: null });
    expect(trySome(1, FAILED)).toBe(true);
    expect(stored()).toMatchObject({ failed: 10, next_at: null, ended: "given_up", last_status: 500 });
  });
});

describe("a notification that is requested again", () => {
  test("is the newest one, unless the request names one", () => {
    outbox.insert([row(1), row(2), row(3)], AT_HOME);
    expect([outbox.resend(null, NOW), outbox.resend(2, NOW)]).toEqual([3, 2]);
    expect([1, 2, 3].map((sequence) => stored(sequence)?.["resend_requested"])).toEqual([0, 1, 1]);
  });

  test("must exist", () => {
    expect(outbox.resend(null, NOW)).toBeNull();
    outbox.insert([row(1)], AT_HOME);
    expect(outbox.resend(2, NOW)).toBeNull();
    expect(stored()?.["resend_requested"]).toBe(0);
  });

  test("is due at once, with the whole retry schedule before it, also after it was given up", () => {
    outbox.insert([row(1)], AT_HOME);
    trySome(10, FAILED);
    outbox.resend(1, NOW);
    expect(stored()).toMatchObject({ tries: 11, failed: 0, next_at: NOW, ended: null });
    expect(trySome(9, FAILED)).toBe(false);
    expect(trySome(1, FAILED)).toBe(true);
  });

  test("leaves before those that wait, which still wait for the one before them", () => {
    outbox.insert([row(1), row(2), row(3)], AT_HOME);
    outbox.resend(3, NOW);
    expect(numbers(outbox.lease(NOW))).toEqual([3]);
  });

  test("is no longer a request once it was delivered", () => {
    outbox.insert([row(1)], AT_HOME);
    outbox.resend(1, NOW);
    trySome(1, DELIVERED);
    expect(stored()).toMatchObject({ resend_requested: 0, next_at: null });
  });

  test.each([
    ["delivered", DELIVERED],
    ["refused", FAILED],
    ["gone", { end: "gone", status: 410 } as const],
  ])("is pending until the receiver has answered: %s", (_, result) => {
    outbox.insert([row(1)], { ...AT_HOME, isDue: false });
    outbox.resend(1, NOW);
    expect([outbox.isPending(1), outbox.isPending(2)]).toEqual([true, false]);
    trySome(1, result);
    expect(outbox.isPending(1)).toBe(false);
  });
});
