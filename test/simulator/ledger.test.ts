import { describe, expect, test } from "vitest";
import type { Call, ModelState, Plan } from "../../src/simulator/index.ts";
import { advance, createModel, editInCabinet, ledger, payments, receive, totalsOf } from "../../src/simulator/index.ts";
import { clearing, create, DAY, json, readOrder, refund, reverse, SECOND, START } from "./gateway-calls.ts";

const ID = "1000000001";

const send = (state: ModelState, request: Call, at: number): Record<string, unknown> => json(receive(state, request, at).reply);
const code = (answer: Record<string, unknown>): unknown => (answer["error"] as { code?: unknown } | undefined)?.code;

function started(autoClearing: boolean, plan?: Plan): ModelState {
  const state = createModel();
  receive(state, create({ autoClearing }), START, {}, plan);
  return state;
}

const kinds = (state: ModelState, until: number): readonly string[] =>
  ledger(state, until).map((entry) => `${(entry.at - START) / SECOND} ${entry.kind} ${entry.minor}`);

describe("two steps", () => {
  test("a hold is approved, and takes nothing", () => {
    const state = started(false);
    expect(send(state, readOrder(), START)).toMatchObject({ status: "approved", amount: 100, clearing: { cleared: false, amount: 0 } });
    expect(totalsOf(state, "1234", START)).toMatchObject({ held: 10_000, taken: 0 });
  });

  test("clearing is process_clearing first and paid afterwards", () => {
    const state = started(false);
    const answer = send(state, clearing(ID, 100), START + SECOND);
    expect(answer).toMatchObject({ id: ID, status: "process_clearing", amount: 100, clearing: { amount: 100 } });
    expect(send(state, readOrder(), START + 2 * SECOND)).toMatchObject({ status: "process_clearing", clearing: { cleared: false } });
    expect(send(state, readOrder(), START + 3 * SECOND)).toMatchObject({ status: "success", clearing: { cleared: true, amount: 100 } });
    expect(kinds(state, START + DAY)).toEqual(["0 held 10000", "3 taken 10000"]);
  });

  test("a part clearing takes the part and releases the rest", () => {
    const state = started(false);
    send(state, clearing(ID, 40.5), START);
    expect(kinds(state, START + DAY)).toEqual(["0 held 10000", "2 taken 4050", "2 released 5950"]);
    expect(send(state, readOrder(), START + DAY)).toMatchObject({ amount: 100, clearing: { cleared: true, amount: 40.5 } });
    expect(code(send(state, refund(ID, 40.51), START + DAY))).toBe("11018");
  });

  test("a reverse releases the hold and ends as reversed", () => {
    const state = started(false);
    const row = { id: "1000000002", status: "process" };
    expect(send(state, reverse(ID), START)).toEqual({ id: ID, amount: 100, reverse_payment: row });
    expect(send(state, readOrder(), START + SECOND)).toMatchObject({ status: "approved", reverse_payments: [row] });
    expect(send(state, readOrder(), START + 2 * SECOND)).toMatchObject({
      status: "reversed",
      reverse_payments: [{ ...row, status: "success" }],
    });
    expect(kinds(state, START + 10 * DAY)).toEqual(["0 held 10000", "2 released 10000"]);
  });

  test("the gateway clears a hold automatically after 5 days, to the millisecond", () => {
    const state = started(false);
    expect(send(state, readOrder(), START + 5 * DAY - 1)).toMatchObject({ status: "approved" });
    expect(send(state, readOrder(), START + 5 * DAY)).toMatchObject({ status: "success", clearing: { cleared: true, amount: 100 } });
    expect(kinds(state, START + 6 * DAY)).toEqual(["0 held 10000", "432000 taken 10000"]);
  });

  test.each([
    ["more than is held", clearing(ID, 100.01), "11018"],
    ["a refund of a hold", refund(ID, 1), "11017"],
    ["an unknown payment", clearing("7", 1), "11068"],
  ])("%s is refused: %s", (_, request, expected) => {
    const state = started(false);
    expect(code(send(state, request, START))).toBe(expected);
    expect(payments(state, START + DAY)).toMatchObject([{ held: 10_000, taken: 0, refundsAccepted: 0 }]);
  });

  test("while one operation is in progress the next is refused, and after its end too", () => {
    const state = started(false);
    send(state, clearing(ID, 100), START);
    expect(code(send(state, reverse(ID), START + SECOND))).toBe("11017");
    expect(code(send(state, clearing(ID, 100), START + DAY))).toBe("11017");
  });

  test("a failed operation leaves the hold unchanged, and may be repeated", () => {
    const state = started(false, { steps: [{ after: 0, does: "pays" }], edits: { end: "error" } });
    send(state, clearing(ID, 100), START);
    expect(send(state, readOrder(), START + SECOND)).toMatchObject({ status: "process_clearing" });
    expect(send(state, readOrder(), START + 2 * SECOND)).toMatchObject({ status: "approved" });
    expect(send(state, reverse(ID), START + 2 * SECOND)).toMatchObject({ reverse_payment: { status: "process" } });
    expect(send(state, readOrder(), START + DAY)).toMatchObject({ status: "approved", reverse_payments: [{ status: "error" }] });
  });
});

describe("refunds", () => {
  test("a refund is a row that is first process and then success; its amount is negative", () => {
    const state = started(true);
    expect(send(state, refund(ID, 30), START + SECOND)).toEqual({
      id: ID,
      amount: 100,
      refund_payment: { id: "1000000002", status: "process", amount: -30 },
    });
    expect(send(state, readOrder(), START + SECOND)).toMatchObject({
      status: "success",
      refund_payments: [{ status: "process", amount: -30 }],
    });
    expect(totalsOf(state, "1234", START + 2 * SECOND)).toMatchObject({ taken: 10_000, refunded: 0 });
    expect(send(state, readOrder(), START + 3 * SECOND)).toMatchObject({ refund_payments: [{ status: "success" }] });
    expect(kinds(state, START + DAY)).toEqual(["0 taken 10000", "3 refunded 3000"]);
  });

  test("refunds in progress count: together they never exceed the taken amount", () => {
    const state = started(true);
    send(state, refund(ID, 60), START);
    expect(code(send(state, refund(ID, 40.01), START))).toBe("11018");
    expect(send(state, refund(ID, 40), START)).toHaveProperty("refund_payment");
    expect(code(send(state, refund(ID, 0.01), START + DAY))).toBe("11017");
    expect(totalsOf(state, "1234", START + DAY)).toMatchObject({ taken: 10_000, refunded: 10_000 });
  });

  test("a refund whose row ends as error returns no money, and its amount can be refunded again", () => {
    const state = started(true, { steps: [{ after: 0, does: "pays" }], edits: { end: "error", settleAfter: 10 * SECOND } });
    send(state, refund(ID, 100), START);
    expect(send(state, readOrder(), START + 10 * SECOND)).toMatchObject({ refund_payments: [{ status: "error" }] });
    expect(send(state, refund(ID, 100), START + 11 * SECOND)).toHaveProperty("refund_payment");
    expect(kinds(state, START + DAY)).toEqual(["0 taken 10000"]);
  });

  test("every edit is also possible in the merchant's cabinet, without a request", () => {
    const state = started(true);
    expect(editInCabinet(state, { orderId: "1234" }, "refund", START, 2500)).toEqual({ rowId: "1000000002" });
    expect(editInCabinet(state, { paymentId: ID }, "refund", START)).toEqual({ rowId: "1000000003" });
    expect(editInCabinet(state, { paymentId: ID }, "refund", START)).toEqual({ code: "11017" });
    expect(editInCabinet(state, { orderId: "unknown" }, "reverse", START)).toEqual({ code: "11068" });
    expect(send(state, readOrder(), START + DAY)).toMatchObject({ refund_payments: [{ amount: -25 }, { amount: -75 }] });
    expect(state.requests.size).toBe(2);
  });

  test("a planned refund in the cabinet happens at its time, even without a call at that time", () => {
    const state = started(true, { steps: [{ after: 0, does: "pays" }], cabinet: [{ after: 20 * SECOND, kind: "refund", minor: 1000 }] });
    advance(state, START + DAY);
    expect(kinds(state, START + DAY)).toEqual(["0 taken 10000", "22 refunded 1000"]);
  });
});

describe("what a status does not change", () => {
  test("money that was taken stays taken when the status goes backwards", () => {
    const plan: Plan = {
      steps: [
        { after: 0, does: "pays" },
        { after: 5 * SECOND, does: "waits" },
        { after: 8 * SECOND, does: "pays" },
      ],
    };
    const state = started(true, plan);
    expect(send(state, readOrder(), START + 6 * SECOND)).toMatchObject({ status: "process" });
    expect(totalsOf(state, "1234", START + 6 * SECOND).taken).toBe(10_000);
    expect(kinds(state, START + DAY)).toEqual(["0 taken 10000"]);
  });

  test("an order's totals include all of its attempts, and no other order", () => {
    const state = createModel();
    for (const orderId of ["1234", "1234--2", "12345"]) {
      receive(state, create({ orderId }), START);
    }
    expect(totalsOf(state, "1234", START)).toEqual({ held: 0, taken: 20_000, refunded: 0, payments: 2 });
    expect(ledger(state, START - 1)).toEqual([]);
    expect(payments(state, START - 1)).toEqual([]);
  });
});
