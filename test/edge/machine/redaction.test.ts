import { describe, expect, test } from "vitest";
import { newRecord } from "../../../edge/machine/record.ts";
import { redact, retentionEnds } from "../../../edge/machine/redaction.ts";
import { deadlinesOf } from "../../../edge/machine/deadlines.ts";
import { merchantChargeView } from "../../../edge/machine/view.ts";
import { CHARGE, created, OrderHistory, refusal } from "./order-history.ts";

const DAY = 86_400_000;

function redacted(enter: (order: OrderHistory) => void): OrderHistory {
  const order = new OrderHistory();
  enter(order);
  order.pass(400 * DAY);
  order.happen({ type: "alarm" });
  return order;
}

describe("after retention (M10)", () => {
  test("a settled order has a deadline for redaction; an undecided or held one has none", () => {
    const paid = new OrderHistory();
    paid.succeed();
    expect(deadlinesOf(paid.record, paid)).toEqual([{ name: "retention", at: (paid.record.updatedAt ?? 0) + 400 * DAY }]);
    const undecided = new OrderHistory();
    undecided.pay();
    const held = new OrderHistory();
    held.hold();
    for (const order of [undecided, held]) expect(deadlinesOf(order.record, order).map(({ name }) => name)).not.toContain("retention");
  });

  test("no personal data is left, but everything that prevents a second charge is", () => {
    const order = redacted((one) => {
      one.pay("key-1", { card: { brand: "visa", last4: "4242" } });
      one.answer(created("process"));
      one.untilPoll();
      one.see({ payment: one.payment("success", { additional: { approval_code: "123456" } }) });
    });
    const text = JSON.stringify(order.record);
    for (const gone of [CHARGE.user_id, CHARGE.profile_id, CHARGE.description, "192.0.2.1", "4242", "ticket-key-1", "123456"]) {
      expect(text).not.toContain(`"${gone}"`);
    }
    expect(merchantChargeView(order.record)).toMatchObject({
      order_id: "1234",
      status: "succeeded",
      amount: 10,
      payment_id: "p1",
      cleared_amount: 10,
      description: null,
      attempts: [{ number: 1, state: "paid", sends: [] }],
    });
    expect(order.bindings.size).toBe(0);
  });

  test("redaction waits while an attempt, an operation, or a payment that an operator named is still polled", () => {
    const order = new OrderHistory();
    order.succeed();
    const { record } = order;
    const still = { nextPollAt: order.now } as const;
    for (const moving of [
      { attempts: [{ ...order.attempt(1), ...still, state: "held" as const }, order.attempt(1)] },
      { attempts: [order.attempt(1), { ...order.attempt(1), ...still, state: "undecided" as const }] },
      { attempts: [order.attempt(1), { ...order.attempt(1), ...still, state: "failed" as const }] },
      { resolutions: [{ number: 1, paymentId: "p9", note: "", at: order.now, state: "reading" as const, ...still }] },
    ]) {
      expect(retentionEnds({ ...record, ...moving }, 400)).toBeNull();
    }
    order.operate("refund", 100);
    expect(retentionEnds(order.record, 400)).toBeNull();
    expect(retentionEnds(newRecord("1234"), 400)).toBeNull();
  });

  test("every member with personal data is emptied, every member that prevents a second charge stays", () => {
    const order = new OrderHistory();
    order.declined();
    order.pay("key-2", { card: { brand: "visa", last4: "4242" } });
    order.see({ payment: {} });
    order.answer(created("process", { id: "p2" }));
    order.untilPoll();
    order.see({ payment: order.payment("success", { id: "p2", additional: { reference: "ref-1" } }) });
    order.operate("refund", 100);
    order.seeOperation(order.payment("success", { id: "p2" }));
    order.edited(refusal("11017", "operation_refused"));
    order.operate("refund", 100, "refund-2");
    order.seeOperation(order.payment("success", { id: "p2" }));
    order.edited({ kind: "answered", httpStatus: 200, answer: { id: "p2", refund_payment: { id: "r1" } } });
    order.seeOperation(order.payment("success", { id: "p2", refund_payments: [{ id: "r1", amount: -1, status: "success" }] }));
    order.resolve("p9");
    const before = structuredClone(order.record);
    redact(order.record, order.now);
    const gone = { description: "", card: null, userIp: "", ticket: "", urls: null, body: "", sends: [] };
    expect(order.record).toEqual({
      ...before,
      redactedAt: order.now,
      resolutions: [],
      attention: [],
      attempts: before.attempts.map((attempt) => ({
        ...attempt,
        ...gone,
        generation: attempt.generation + 1,
        terms: { ...attempt.terms, user_id: "", profile_id: "" },
        failure: attempt.failure === null ? null : { ...attempt.failure, description: null },
        ledger: attempt.ledger === null ? null : { ...attempt.ledger, reference: null },
      })),
      operations: before.operations.map((operation) => ({
        ...operation,
        body: null,
        sends: [],
        refusal: operation.refusal === null ? null : { ...operation.refusal, description: null },
      })),
    });
    expect(order.attempt(1).failure).toMatchObject({ by: "payment", category: "insufficient_funds" });
    expect(order.attempt(2).ledger).toMatchObject({ clearedAmount: 1000, refunds: [{ id: "r1", amount: 100, status: "success" }] });
    expect(order.record.operations.map(({ refusal: why }) => why?.gatewayCode ?? null)).toEqual(["11017", null]);
  });

  test("an operator's notes and the attention of the merchant are deleted too", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(refusal("10011", "duplicate"));
    order.pass(DAY);
    order.happen({ type: "alarm" });
    order.resolve("p9", "resolve-1", "the customer called");
    order.happen({ type: "resolution_read", resolution: 1, payment: { kind: "answered", httpStatus: 200, answer: {} } });
    expect([order.record.resolutions.length, order.record.attention.length]).toEqual([1, 2]);
    redact(order.record, order.now);
    expect(order.record).toMatchObject({ resolutions: [], attention: [] });
  });

  test("redaction sends no notification and is no change for the shopper", () => {
    const order = new OrderHistory();
    order.succeed();
    const { updatedAt, sequence } = order.record;
    const told = order.outbox.length;
    order.pass(400 * DAY);
    order.happen({ type: "alarm" });
    expect(order.outbox).toHaveLength(told);
    expect(order.record).toMatchObject({ updatedAt, sequence, redactedAt: order.now });
  });

  test("a paid order is answered with its charge, also under a profile that is no longer known; another amount conflicts", () => {
    const order = redacted((one) => one.succeed());
    expect(order.pay("key-9", { profile_id: "other" })).toEqual({ ok: true, began: false, subject: 1 });
    expect(order.pay("key-9", { amount: 11 })).toEqual({ ok: false, code: "charge_conflict" });
    expect(order.pay("key-9", { currency: "USD" })).toEqual({ ok: false, code: "charge_conflict" });
    expect(order.effects).toEqual([]);
    expect(order.bindings.size).toBe(0);
  });

  test("an order that was closed before it was paid begins nothing either", () => {
    const order = redacted((one) => one.close());
    expect(order.pay("key-9")).toEqual({ ok: false, code: "charge_closed" });
  });

  test("an order that had failed begins nothing any more", () => {
    const order = redacted((one) => one.declined());
    expect(order.pay("key-9")).toEqual({ ok: false, code: "charge_closed" });
  });

  test("an order is redacted once, without a notification", () => {
    const order = redacted((one) => one.succeed());
    const told = order.outbox.length;
    const at = order.record.redactedAt;
    order.pass(400 * DAY);
    order.happen({ type: "alarm" });
    expect(order.record.redactedAt).toBe(at);
    expect(order.outbox).toHaveLength(told);
    expect(deadlinesOf(order.record, order)).toEqual([]);
  });

  test("a payment can still be refunded, also if its read names the redacted profile", () => {
    const order = redacted((one) => one.succeed());
    expect(order.operate("refund", 100)).toMatchObject({ ok: true });
    order.seeOperation(order.payment("success", { from: { recurrent: { profile_id: CHARGE.profile_id } } }));
    expect([order.wants("edit"), order.told]).toEqual([true, []]);
  });
});
