/** What the merchant is shown of the notifications of an order, and what of them is left after its redaction. */
import { beforeEach, expect, test } from "vitest";
import type { OutboxRow } from "../../../edge/machine/record.ts";
import { OUTBOX_TABLE, OutboxRows } from "../../../edge/storage/outbox-rows.ts";
import { NOW, ROW, SECOND } from "./shard-host.ts";
import { SqliteStorage } from "./sqlite-storage.ts";

const AT_HOME = { isDue: true, mayLeave: true, now: NOW };

let outbox: OutboxRows;
/** Another order of the same slot. */
let neighbour: OutboxRows;

beforeEach(() => {
  const { sql } = new SqliteStorage();
  sql.exec(OUTBOX_TABLE);
  outbox = new OutboxRows(sql, [765, "1234"]);
  neighbour = new OutboxRows(sql, [765, "1234--a"]);
});

function rows(count: number): readonly OutboxRow[] {
  return Array.from({ length: count }, (_, index) => ({ ...ROW, sequence: index + 1 }));
}

function shown(): readonly number[] {
  return outbox.views().map(({ sequence }) => sequence);
}

test("a notification is shown with its tries and how it ended", () => {
  const [leased] = outbox.insert(rows(1), AT_HOME);
  const id = leased?.id;
  const view = { sequence: 1, id, type: "charge.succeeded", at: "2026-11-22T10:00:00.000Z", tries: 1 };
  expect(outbox.views()).toEqual([{ ...view, delivered_at: null, ended: null, last_status: null }]);
  if (leased !== undefined) outbox.record(leased, { end: "delivered", status: 204 }, NOW + SECOND, 0);
  expect(outbox.views()).toEqual([{ ...view, delivered_at: "2026-11-22T10:00:01.000Z", ended: "delivered", last_status: 204 }]);
});

test("a notification that was delivered once keeps that time when a later try is answered with 410", () => {
  const [leased] = outbox.insert(rows(1), AT_HOME);
  if (leased !== undefined) outbox.record(leased, { end: "delivered", status: 204 }, NOW, 0);
  outbox.resend(1, NOW + SECOND);
  const [again] = outbox.lease(NOW + SECOND);
  expect(again === undefined ? null : outbox.record(again, { end: "gone", status: 410 }, NOW + 2 * SECOND, 0)).toBe(false);
  expect(outbox.views()).toMatchObject([{ delivered_at: "2026-11-22T10:00:00.000Z", ended: "gone", last_status: 410 }]);
});

test("a notification that was only ever answered with 410 has no time of delivery", () => {
  const [leased] = outbox.insert(rows(1), AT_HOME);
  if (leased !== undefined) outbox.record(leased, { end: "gone", status: 410 }, NOW, 0);
  expect(outbox.views()).toMatchObject([{ delivered_at: null, ended: "gone", last_status: 410 }]);
});

test("the newest fifty are shown, oldest first", () => {
  outbox.insert(rows(51), AT_HOME);
  expect(shown()).toEqual(Array.from({ length: 50 }, (_, index) => index + 2));
});

test("redaction deletes those that are not to be sent any more; the others stay until they have ended", () => {
  const [leased] = outbox.insert(rows(2), AT_HOME);
  if (leased !== undefined) outbox.record(leased, { end: "delivered", status: 204 }, NOW, 0);
  outbox.forgetEnded();
  expect(shown()).toEqual([2]);
});

test("redaction while nothing may leave deletes all of them", () => {
  outbox.insert(rows(2), AT_HOME);
  outbox.forgetAll();
  expect(shown()).toEqual([]);
});

test("orders of one slot do not see, hold back or delete each other's notifications", () => {
  neighbour.insert(rows(1), AT_HOME);
  expect([shown(), outbox.nextAt(), outbox.resend(null, NOW), outbox.isPending(1)]).toEqual([[], null, null, false]);
  expect(outbox.insert(rows(1), { ...AT_HOME, isDue: false })).toEqual([]);
  outbox.resend(1, NOW);
  expect(outbox.lease(NOW)).toHaveLength(1);
  outbox.forgetAll();
  expect(neighbour.views()).toMatchObject([{ sequence: 1, tries: 1 }]);
});
