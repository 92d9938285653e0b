import { expect, test } from "vitest";
import { migrateRecord } from "../../edge/migration.ts";
import { RECORD_VERSION } from "../../edge/record.ts";
import { merchantChargeView } from "../../edge/view.ts";
import { OrderHistory } from "./order-history.ts";
import version1 from "./record-1.json" with { type: "json" };

test("a record of version 1 is read, shown, and goes on", () => {
  const order = new OrderHistory();
  order.record = migrateRecord(structuredClone(version1));
  expect(order.record.version).toBe(RECORD_VERSION);
  expect(merchantChargeView(order.record)).toMatchObject({
    order_id: "1234",
    status: "unconfirmed",
    attempts: [{ number: 1 }],
    operations: [],
  });
  order.now = Date.parse("2026-11-22T10:00:30.000Z");
  order.untilLook();
  order.see({ payment: order.payment("success") });
  expect(order.status).toBe("succeeded");
  expect(order.operate("refund", 100)).toMatchObject({ ok: true });
});

test("a migrated record has every member that a new one has", () => {
  const order = new OrderHistory();
  order.pay();
  const migrated = migrateRecord(structuredClone(version1));
  expect(Object.keys(migrated).sort()).toEqual(Object.keys(order.record).sort());
  expect(Object.keys(migrated.attempts[0] ?? {}).sort()).toEqual(Object.keys(order.attempt(1)).sort());
});

test("what version 1 did not know is empty, and what it knew stays", () => {
  const told = { at: 1, reason: "configuration", attempt: 1, detail: "9403" };
  const migrated = migrateRecord({ ...structuredClone(version1), attention: [told] });
  expect(migrated).toMatchObject({ entombedAt: null, operations: [], resolutions: [], attention: [{ ...told, operation: null }] });
  expect(migrated.attempts).toEqual([{ ...version1.attempts[0], adopted: false, vouched: false, takenAt: null }]);
});

test("a payment that version 2 had as paid was taken when it was decided; of any other that is not known", () => {
  const [first] = version1.attempts;
  const taken = (state: string): unknown =>
    migrateRecord({ ...version1, version: 2, attempts: [{ ...first, state, decidedAt: 7 }] }).attempts[0]?.takenAt;
  expect(["paid", "refunded", "held"].map(taken)).toEqual([7, null, null]);
});

test("a list that is none is taken for an empty one", () => {
  expect(migrateRecord({ ...version1, attempts: null, attention: undefined })).toMatchObject({ attempts: [], attention: [] });
});

test("a record of this version is taken as it is", () => {
  const order = new OrderHistory();
  order.succeed();
  expect(migrateRecord(JSON.parse(JSON.stringify(order.record)))).toEqual(order.record);
});

test.each([RECORD_VERSION + 1, 0, null, "1", "2", undefined])(
  "a record of version %s is refused: an older deployment must not touch it",
  (version) => {
    expect(() => migrateRecord({ ...version1, version })).toThrow(
      new TypeError(`No deployment like this one reads a charge of version ${String(version)}`),
    );
  },
);
