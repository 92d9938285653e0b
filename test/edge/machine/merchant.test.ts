/** The rules of profile charges by the Merchant API: P1 to P3, P6 and P10 to P12 of docs/money-rules.md. */
import { describe, expect, test } from "vitest";
import type { Effect } from "../../../edge/machine/event.ts";
import type { CallbackContent, ReceivedCallback } from "../../../edge/machine/events/callback.ts";
import { answerToCallback, saysTest } from "../../../edge/machine/events/callback.ts";
import type { GatewayOutcome, Refusal } from "../../../edge/machine/gateway-call.ts";
import { isMerchantCall } from "../../../edge/machine/gateway-call.ts";
import { chargeView, merchantChargeView } from "../../../edge/machine/view.ts";
import type { Charge } from "../../../src/charge-token.ts";
import type { MerchantChargeView } from "../../../src/edge-api.ts";
import type { Field } from "../../../src/merchant-api/field.ts";
import type { CreatedPayment, PaymentState } from "../../../src/payment.ts";
import { merchantCategoryOf } from "../../../src/merchant-api/refusal.ts";
import { created, lost, OrderHistory, refusal, START } from "./order-history.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const PROFILE = { profile_id: "60144557" };

/** An order whose attempts go by the Merchant API. */
function merchantOrder(): OrderHistory {
  const order = new OrderHistory();
  order.api = "merchant";
  return order;
}

function signed(code: string): Refusal {
  return {
    kind: "refused",
    httpStatus: 200,
    code,
    description: "refused",
    category: merchantCategoryOf("create", code),
    isSigned: true,
    isNotIdentified: false,
  };
}

const notIdentified: Refusal = { ...signed("1100"), httpStatus: 401, isSigned: false, isNotIdentified: true };
const absent: Refusal = { ...signed("11068"), category: "not_found" };

function answer(order: OrderHistory, outcome: GatewayOutcome<CreatedPayment>): void {
  const send = order.takeSend();
  order.happen({ type: "create_answered", attempt: send.attempt, send: send.send, outcome, leftAt: order.now, read: null });
}

/** Fires alarms until a poll is in flight, and answers it. */
function see(order: OrderHistory, payment: PaymentState | Refusal | ReturnType<typeof lost>): void {
  order.untilPoll();
  order.see({ payment });
}

/** An order whose charge was accepted, as payment 501. */
function accepted(more: Partial<Charge> = {}): OrderHistory {
  const order = merchantOrder();
  order.pay("key-1", { ...PROFILE, ...more });
  answer(order, created("process", { id: "501" }));
  return order;
}

/** The fields of a status that say that everything was taken. */
const PAID = { pg_payment_status: "success", pg_captured: "1" };

/** The next poll reads a status of payment 501 with these fields, by the reader of its call. */
function seeStatus(order: OrderHistory, more: Readonly<Record<string, string | readonly Field[]>>): void {
  order.untilPoll();
  const poll = order.takePoll();
  const [read] = poll.reads;
  if (read?.about !== "order" || !isMerchantCall(read.call)) throw new Error("It is not read by the Merchant API");
  const status = { pg_payment_id: "501", pg_order_id: "1234", pg_amount: "10", ...more };
  const payment = read.call.action.answer(Object.entries(status).map(([name, value]) => ({ name, value })));
  if (payment === null) throw new Error("It is not read");
  order.see({ payment }, poll);
}

/** The same for the next poll of an operation on a payment that was taken. */
function seeRefund(order: OrderHistory, more: Readonly<Record<string, string>>): void {
  for (let fired = 0; !order.wants("poll_operation"); fired += 1) {
    if (fired > 50) throw new Error("No poll was started");
    order.fireAlarm();
  }
  const { payment: call } = order.effects.find((effect) => effect.kind === "poll_operation") ?? {};
  if (call === undefined || !isMerchantCall(call)) throw new Error("It is not read by the Merchant API");
  const status = { pg_payment_id: "501", pg_order_id: "1234", pg_amount: "10", ...PAID, ...more };
  const payment = call.action.answer(Object.entries(status).map(([name, value]) => ({ name, value })));
  if (payment === null) throw new Error("It is not read");
  order.seeOperation(payment);
}

/** Sees no payment until the attempt is decided or sends. Returns how long that took. */
function seeNothing(order: OrderHistory): number {
  const from = order.now;
  for (let polls = 0; order.sends === 0 && order.status !== "failed"; polls += 1) {
    if (polls > 500) throw new Error("Nothing is sent or decided");
    see(order, absent);
  }
  return order.now - from;
}

/** The form of the last call of a kind. */
function form({ call }: { readonly call: { readonly body: string } }): Readonly<Record<string, string>> {
  return Object.fromEntries(new URLSearchParams(call.body));
}

type Edit = Extract<Effect, { kind: "edit" }>;

describe("P1: one send", () => {
  test("the create is a form with the profile's number, whose bytes are stored; the part that binds it to a user stays here", () => {
    const order = merchantOrder();
    order.pay("key-1", { profile_id: "60144557.AAAAAAAAAAAAAAAA" });
    const send = order.takeSend();
    expect(send.call.action.name).toBe("makeRecurringPayment");
    expect(form(send)).toEqual({
      pg_recurring_profile: "60144557",
      pg_order_id: "1234",
      pg_amount: "10",
      pg_currency: "KZT",
      pg_description: "Test order",
      pg_auto_clearing: "1",
      pg_idempotency_key: "1234/charge",
      pg_request_method: "POST",
    });
    expect(order.attempt(1)).toMatchObject({ api: "merchant", body: send.call.body, requestId: send.call.requestId });
  });

  test.each([
    ["a lost answer", lost()],
    ["a refusal that is not listed", signed("777777")],
    ["a duplicate that is not about the order_id", signed("10011")],
  ])("after %s nothing is sent again; it fails by silence after five minutes, provisionally", (_, outcome) => {
    const order = merchantOrder();
    order.pay("key-1", PROFILE);
    answer(order, outcome);
    const took = seeNothing(order);
    expect(order.sends).toBe(0);
    expect(took).toBeGreaterThanOrEqual(5 * MINUTE + 30 * SECOND);
    expect(order.attempt(1).failure).toMatchObject({ by: "silence", category: "gateway_unavailable" });
  });

  test("after a refusal of the card two reads 15 s apart, from 30 s on, confirm it; the reason is the refusal's, and it stays provisional", () => {
    const order = merchantOrder();
    order.pay("key-1", PROFILE);
    answer(order, signed("10009"));
    const took = seeNothing(order);
    expect(took).toBeGreaterThanOrEqual(45 * SECOND);
    expect(took).toBeLessThan(2 * MINUTE);
    expect(order.attempt(1).failure).toEqual({ by: "silence", category: "insufficient_funds", code: "10009", description: "refused" });
    see(order, order.payment("success", { id: "501" }));
    expect(order.status).toBe("succeeded");
  });

  test.each([
    ["a refusal of the amount", "11005"],
    ["a gateway that is not available", "9999"],
  ])("%s is confirmed no sooner than a lost answer", (_, code) => {
    const order = merchantOrder();
    order.pay("key-1", PROFILE);
    answer(order, signed(code));
    expect(seeNothing(order)).toBeGreaterThanOrEqual(5 * MINUTE);
  });

  test.each(["9992", "9994", "9996", "9997"])(
    "a signed %s says that the shop may not do this: it fails at once as configuration",
    (code) => {
      const order = merchantOrder();
      order.pay("key-1", PROFILE);
      answer(order, signed(code));
      expect(order.attempt(1).failure).toMatchObject({ by: "refusal", category: "configuration" });
      expect(order.told).toEqual(["configuration"]);
    },
  );

  test("the same code unsigned decides nothing", () => {
    const order = merchantOrder();
    order.pay("key-1", PROFILE);
    answer(order, { ...signed("9992"), isSigned: false });
    expect(order.attempt(1).state).toBe("undecided");
  });

  test("a key that is not identified is tried once with the other, stored first, and the second answer counts as the sole one", () => {
    const order = merchantOrder();
    order.gatewayKeys = 2;
    order.pay("key-1", PROFILE);
    answer(order, notIdentified);
    expect(order.effects).toMatchObject([{ kind: "send", key: 1 }]);
    answer(order, notIdentified);
    expect(order.attempt(1).failure).toMatchObject({ by: "unauthorized", category: "configuration" });
    expect(order.attempt(1).sends.length).toBe(2);
  });

  test("an accepted charge is known to the gateway: it never fails by silence", () => {
    const order = merchantOrder();
    order.pay("key-1", PROFILE);
    answer(order, created("process", { id: "501" }));
    for (let polls = 0; polls < 60; polls += 1) see(order, absent);
    expect(order.attempt(1)).toMatchObject({ state: "undecided", paymentId: "501" });
  });
});

describe("P1: an order_id that was used (9991)", () => {
  test("the send took nothing: after two reads 30 s apart without a payment the attempt moves on and is sent, under a fresh id", () => {
    const order = merchantOrder();
    order.pay("key-1", PROFILE);
    const first = order.attempt(1).requestId;
    answer(order, signed("9991"));
    const took = seeNothing(order);
    expect(took).toBeGreaterThanOrEqual(30 * SECOND);
    const send = order.takeSend();
    expect(form(send)).toMatchObject({ pg_order_id: "1234--2", pg_idempotency_key: "1234--2/charge" });
    expect(send.call.requestId).not.toBe(first);
    expect(order.attempt(1)).toMatchObject({
      gatewayOrderId: "1234--2",
      state: "undecided",
      sends: [{ superseded: true }, { superseded: false }],
    });
  });

  test("a refusal of the configuration after it counts as that of the sole send", () => {
    const order = merchantOrder();
    order.pay("key-1", PROFILE);
    answer(order, signed("9991"));
    seeNothing(order);
    answer(order, signed("9992"));
    expect(order.attempt(1).failure).toMatchObject({ by: "refusal", category: "configuration" });
  });

  test("a payment under that order_id is adopted", () => {
    const order = merchantOrder();
    order.pay("key-1", PROFILE);
    answer(order, signed("9991"));
    see(order, order.payment("success", { id: "501" }));
    expect(order.status).toBe("succeeded");
  });

  test("it is not sent later than two minutes after the click", () => {
    const order = merchantOrder();
    order.pay("key-1", PROFILE);
    answer(order, signed("9991"));
    while (order.now - START <= 2 * MINUTE) see(order, lost());
    seeNothing(order);
    expect(order.sends).toBe(0);
    expect(order.attempt(1).failure).toMatchObject({ by: "silence" });
  });

  test("it is not sent after a callback, because the gateway may know its payment", () => {
    const order = merchantOrder();
    order.pay("key-1", PROFILE);
    answer(order, signed("9991"));
    order.happen({ type: "hint", ticket: order.attempt(1).ticket });
    seeNothing(order);
    expect(order.sends).toBe(0);
    expect(order.attempt(1)).toMatchObject({ gatewayOrderId: "1234", failure: { by: "silence" } });
  });

  test("a payment that appears under that order_id after all is the order's, also after the attempt has failed", () => {
    const order = merchantOrder();
    order.pay("key-1", PROFILE);
    answer(order, signed("9991"));
    while (order.now - START <= 2 * MINUTE) see(order, lost());
    seeNothing(order);
    expect(order.status).toBe("failed");
    see(order, order.payment("success", { id: "501", clearing: { cleared: true } }));
    expect(order.status).toBe("succeeded");
  });

  test("it is not sent after a close", () => {
    const order = merchantOrder();
    order.pay("key-1", PROFILE);
    answer(order, signed("9991"));
    order.close();
    for (let polls = 0; order.status !== "closed"; polls += 1) {
      if (polls > 50) throw new Error("It does not end");
      see(order, absent);
    }
    expect(order.sends).toBe(0);
  });

  test("v5's duplicate keeps its meaning: the gateway knows the request", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(refusal("9991", "duplicate"));
    expect(order.attempt(1)).toMatchObject({ knownToGateway: true, sends: [{ superseded: false }] });
  });
});

describe("P2: reads", () => {
  test("by the order_id while no payment id is known, then by the id; nothing asks about the request", () => {
    const order = merchantOrder();
    order.pay("key-1", PROFILE);
    answer(order, lost());
    order.untilPoll();
    const byOrder = order.takePoll();
    expect(byOrder.reads.map(form)).toEqual([{ pg_order_id: "1234" }]);
    order.see({ payment: order.payment("process", { id: "501" }) }, byOrder);
    order.untilPoll();
    expect(order.takePoll().reads.map(form)).toEqual([{ pg_payment_id: "501" }]);
  });

  test("a hold that a read has shown is paid only by a read that says so", () => {
    const order = merchantOrder();
    order.pay("key-1", PROFILE);
    answer(order, created("process", { id: "501" }));
    const status = (more: Readonly<Record<string, string>>): void => {
      order.pass(10 * SECOND);
      order.happen({ type: "hint", ticket: order.attempt(1).ticket });
      seeStatus(order, { pg_payment_status: "success", ...more });
    };
    status({ pg_captured: "0" });
    expect(order.status).toBe("authorized");
    status({});
    expect(order.status).toBe("authorized");
    status({ pg_captured: "1" });
    expect(order.status).toBe("succeeded");
  });

  test("refunds of a payment that is not decided are shown once it is paid", () => {
    const order = merchantOrder();
    order.pay("key-1", PROFILE);
    answer(order, created("process", { id: "501" }));
    const refunds = { refund_payments: [{ id: "r-1", amount: -3, status: "success" }] };
    see(order, order.payment("process", { id: "501", ...refunds }));
    expect(chargeView(order.record, null)).toMatchObject({ status: "processing", cleared_amount: 0, refunded_amount: 0 });
    see(order, order.payment("success", { id: "501", clearing: { cleared: true }, ...refunds }));
    expect(chargeView(order.record, null)).toMatchObject({ status: "succeeded", cleared_amount: 10, refunded_amount: 3 });
  });

  test("a sum of refunds without rows says again what their rows said: only what is more counts", () => {
    const order = merchantOrder();
    order.pay("key-1", PROFILE);
    answer(order, created("process", { id: "501" }));
    const read = (refund_payments: PaymentState["refund_payments"]): number => {
      order.pass(10 * SECOND);
      order.happen({ type: "hint", ticket: order.attempt(1).ticket });
      see(order, order.payment("success", { id: "501", clearing: { cleared: true }, refund_payments }));
      return chargeView(order.record, null).refunded_amount;
    };
    expect(read([{ id: "r-1", amount: -3, status: "success" }])).toBe(3);
    expect(read([{ amount: -3, status: "success" }])).toBe(3);
    expect(read([{ amount: -5, status: "success" }])).toBe(5);
    expect(read([{ amount: -3, status: "success" }])).toBe(3);
    expect(
      read([
        { id: "r-1", amount: -3, status: "success" },
        { id: "r-2", amount: -2, status: "success" },
      ]),
    ).toBe(5);
  });

  test.each([
    ["100091", "insufficient_funds", "100091"],
    ["9901", "card_expired", "9901"],
    // The two codes of an unknown payment, of a payment that was found.
    ["11068", "declined", null],
    ["340", "declined", "340"],
  ])("a decline's code is read by this API's list: %s", (code, category, shown) => {
    const order = accepted();
    seeStatus(order, { pg_payment_status: "error", pg_failure_code: code });
    expect(order.attempt(1).failure).toMatchObject({ by: "payment", category, code: shown });
  });
});

describe("P3: an order_id protects within one API", () => {
  /** An attempt by v5 that ended in silence, then the pause before a new click. */
  function silentByAsync(): OrderHistory {
    const order = new OrderHistory();
    order.silent();
    order.api = "merchant";
    return order;
  }

  test("a silent attempt counts as undecided for the other API for 20 minutes; then the order_id moves on", () => {
    const order = silentByAsync();
    const decidedAt = order.attempt(1).decidedAt ?? 0;
    expect(order.pay("key-2", PROFILE)).toEqual({ ok: false, code: "charge_conflict" });
    order.now = decidedAt + 20 * MINUTE - 1;
    expect(order.pay("key-2", PROFILE)).toEqual({ ok: false, code: "charge_conflict" });
    order.now = decidedAt + 20 * MINUTE;
    expect(order.pay("key-2", PROFILE)).toMatchObject({ ok: true, began: true });
    expect(order.attempt(2)).toMatchObject({ api: "merchant", gatewayOrderId: "1234--2" });
  });

  test("the same API may follow at once, under the same order_id", () => {
    const order = silentByAsync();
    order.api = "async";
    expect(order.pay("key-2")).toMatchObject({ ok: true, began: true });
    expect(order.attempt(2).gatewayOrderId).toBe("1234");
  });

  test("each order_id is read by the API that used it", () => {
    const order = silentByAsync();
    order.pass(21 * MINUTE);
    order.effects = [];
    order.pay("key-2", PROFILE);
    const [v5, merchant] = order.takePoll().reads;
    expect([v5?.call.action.name, merchant?.call.action.name]).toEqual(["gateway.payment.status", "getStatus"]);
    expect(v5?.call.body).toBe('{"order_id":"1234"}');
    expect(merchant === undefined ? null : form(merchant)).toEqual({ pg_order_id: "1234--2" });
  });

  test("after a decline of one API the other one may follow", () => {
    const order = new OrderHistory();
    order.declined();
    order.api = "merchant";
    expect(order.pay("key-2", PROFILE)).toMatchObject({ ok: true, began: true });
    expect(order.attempt(2).gatewayOrderId).toBe("1234--2");
  });

  test("an attempt that was never sent by one API leaves its order_id to no other", () => {
    const order = new OrderHistory();
    order.pay();
    const send = order.takeSend();
    order.happen({ type: "create_answered", attempt: 1, send: send.send, outcome: { kind: "not_sent" }, leftAt: null, read: null });
    order.pass(2 * SECOND);
    order.api = "merchant";
    order.pay("key-2", PROFILE);
    expect(order.attempt(2).gatewayOrderId).toBe("1234--2");
  });
});

describe("P6: callbacks", () => {
  const CONTENT: CallbackContent = { orderId: "1234", paymentId: "501", amount: "10.00", currency: "KZT" };

  function answerOf(order: OrderHistory, more: Partial<ReceivedCallback> = {}): "ok" | "rejected" {
    return answerToCallback(order.record, { kind: "check", ticket: "ticket-key-1", content: CONTENT, isVerified: true, ...more });
  }

  function undecided(): OrderHistory {
    const order = merchantOrder();
    order.pay("key-1", PROFILE);
    return order;
  }

  test("is ok for the current undecided attempt of an open order, if it verifies", () => {
    expect(answerOf(undecided())).toBe("ok");
    // The format of v5's callbacks is not published, so nothing of theirs is verified.
    const v5 = new OrderHistory();
    v5.pay();
    expect(answerOf(v5, { isVerified: false })).toBe("ok");
  });

  test.each<readonly [string, (order: OrderHistory) => void, Partial<ReceivedCallback>]>([
    ["that does not verify", () => {}, { isVerified: false }],
    ["of another amount", () => {}, { content: { ...CONTENT, amount: "11" } }],
    ["of another order_id", () => {}, { content: { ...CONTENT, orderId: "1234--2" } }],
    ["after a close", (order) => order.close(), {}],
    ["of an attempt that has failed", (order) => answer(order, signed("9992")), {}],
    ["with a ticket of no attempt", () => {}, { ticket: "ticket-key-2" }],
  ])("is rejected %s", (_, happen, more) => {
    const order = undecided();
    happen(order);
    expect(answerOf(order, more)).toBe("rejected");
  });

  test("is rejected while another attempt holds money", () => {
    const order = undecided();
    const [first] = order.record.attempts;
    if (first === undefined) throw new Error("There is no attempt");
    order.record.attempts.unshift({ ...first, state: "held", ticket: "ticket-key-0" });
    expect(answerOf(order)).toBe("rejected");
  });

  test("a result is ok in every state, verified or not", () => {
    for (const isVerified of [true, false]) {
      expect(answerOf(undecided(), { kind: "result", isVerified })).toBe("ok");
      const closed = undecided();
      closed.close();
      expect(answerOf(closed, { kind: "result", isVerified })).toBe("ok");
    }
  });
});

describe("P10: operations", () => {
  function paid(): OrderHistory {
    const order = merchantOrder();
    order.pay("key-1", PROFILE);
    answer(order, created("process", { id: "501" }));
    see(order, order.payment("success", { id: "501", clearing: { cleared: true } }));
    return order;
  }

  function held(): OrderHistory {
    const order = merchantOrder();
    order.pay("key-1", { ...PROFILE, auto_clearing: false });
    answer(order, created("process", { id: "501" }));
    see(order, order.payment("approved", { id: "501", clearing: { cleared: false } }));
    return order;
  }

  const state = (order: OrderHistory, more: Partial<PaymentState> = {}): PaymentState =>
    order.payment("success", { id: "501", clearing: { cleared: true }, ...more });

  /** Reads the payment unchanged for so long. Returns the edits that were sent meanwhile. */
  function unchanged(order: OrderHistory, milliseconds: number, payment: PaymentState): Edit[] {
    const until = order.now + milliseconds;
    while (order.now < until && !order.wants("edit")) order.seeOperation(payment);
    return order.wants("edit") ? [order.take("edit")] : [];
  }

  test("a refund is a form; a new row of its amount proves it", () => {
    const order = paid();
    order.operate("refund", 400);
    order.seeOperation(state(order));
    const edit = order.take("edit");
    expect([edit.call.action.name, form(edit)]).toEqual(["revoke", { pg_payment_id: "501", pg_refund_amount: "4" }]);
    order.edited({ kind: "answered", httpStatus: 200, answer: { id: "501" } }, edit);
    order.seeOperation(state(order, { refund_payments: [{ id: "502", amount: -4, status: "success" }] }));
    expect(order.operation(1).state).toBe("done");
  });

  test("refunds of which the status has no rows are one row without an id", () => {
    const order = accepted();
    seeStatus(order, PAID);
    order.operate("refund", 400, "r-1");
    seeRefund(order, {});
    order.edited({ kind: "answered", httpStatus: 200, answer: { id: "501" } });
    seeRefund(order, { pg_refund_amount: "-4" });
    expect(order.attempt(1).ledger?.refunds).toMatchObject([{ id: "no id 1", amount: 400, status: "success" }]);
    order.operate("refund", null, "r-2");
    seeRefund(order, { pg_refund_amount: "-4" });
    order.edited({ kind: "answered", httpStatus: 200, answer: { id: "501" } });
    seeRefund(order, { pg_payment_status: "refunded", pg_refund_amount: "-10" });
    expect(order.attempt(1).ledger?.refunds).toMatchObject([{ id: "no id 1", amount: 1000 }]);
    expect([order.status, order.operation(1).state, order.operation(2).state]).toEqual(["refunded", "done", "done"]);
  });

  test("without rows the growth of the sum proves it, and another growth does not", () => {
    const order = paid();
    const sum = (amount: number): PaymentState => state(order, { refund_payments: [{ amount: -amount, status: "success" }] });
    order.operate("refund", 400, "r-1");
    order.seeOperation(sum(3));
    order.edited({ kind: "answered", httpStatus: 200, answer: { id: "501" } });
    order.seeOperation(sum(3));
    expect(order.operation(1).state).toBe("undecided");
    order.seeOperation(sum(4));
    expect(order.operation(1).state).toBe("undecided");
    order.seeOperation(sum(7));
    expect(order.operation(1).state).toBe("done");
  });

  test.each([
    ["the card", "10009"],
    ["the operation", "10033"],
  ])("a refusal about %s decides nothing, because the gateway may have done it", (_, code) => {
    const order = paid();
    order.operate("refund", 400);
    order.seeOperation(state(order));
    order.edited(signed(code));
    expect(order.operation(1).state).toBe("undecided");
  });

  test.each([
    ["not identified", notIdentified],
    ["not enabled", signed("9992")],
  ])("a refusal that proves that nothing was done ends it: %s", (_, outcome) => {
    const order = paid();
    order.operate("refund", 400);
    order.seeOperation(state(order));
    order.edited(outcome);
    expect(order.operation(1).state).toBe("refused");
  });

  test.each([
    ["a refund of all that is left", "refund", paid, "revoke"],
    ["a reverse", "reverse", held, "cancel"],
    ["a clearing of the whole", "clearing", held, "doCapture"],
  ] as const)(
    "%s goes once more after two reads without a change, 5 minutes after the send and 30 s apart; no third time",
    (_, kind, begin, name) => {
      const order = begin();
      const payment = kind === "refund" ? state(order) : order.payment("approved", { id: "501", clearing: { cleared: false } });
      order.operate(kind);
      order.seeOperation(payment);
      const first = order.take("edit");
      order.edited(lost(), first);
      const sentAt = order.now;
      const [again] = unchanged(order, 20 * MINUTE, payment);
      expect(order.now - sentAt).toBeGreaterThanOrEqual(5 * MINUTE + 30 * SECOND);
      expect([again?.call.action.name, again?.call.body]).toEqual([name, first.call.body]);
      if (again === undefined) return;
      order.edited(lost(), again);
      expect(unchanged(order, 60 * MINUTE, payment)).toEqual([]);
      expect(order.operation(1)).toMatchObject({ state: "undecided" });
    },
  );

  test("a part never goes again: it waits for a read or an operator", () => {
    const order = paid();
    order.operate("refund", 400);
    order.seeOperation(state(order));
    order.edited(lost());
    expect(unchanged(order, 60 * MINUTE, state(order))).toEqual([]);
    expect(order.told).toEqual(["operation_undecided"]);
  });

  test("a read of a payment that an operator names goes to the API that can know it", () => {
    const order = merchantOrder();
    order.pay("key-1", PROFILE);
    answer(order, lost());
    order.resolve("501");
    order.resolve("0190fddd-bea7-7f17-b777-10344d5cc816", "resolve-2");
    const names = order.effects.filter((effect) => effect.kind === "read_resolution").map(({ payment }) => payment.action.name);
    expect(names).toEqual(["getStatus", "gateway.payment.status"]);
    order.happen({
      type: "resolution_read",
      resolution: 2,
      payment: { kind: "answered", httpStatus: 200, answer: order.payment("success", { id: "0190fddd-bea7-7f17-b777-10344d5cc816" }) },
    });
    expect(order.record.resolutions).toMatchObject([{ state: "reading" }, { state: "refused" }]);
  });
});

describe("P12: a payment that is a test", () => {
  const CONTENT: CallbackContent = { orderId: "1234", paymentId: "501", amount: "10", currency: "KZT" };

  function shown(order: OrderHistory): Pick<MerchantChargeView, "test" | "attention"> {
    const { test: isTest, attention } = merchantChargeView(order.record);
    return { test: isTest, attention };
  }

  test("is shown and told once, by the first status that says so", () => {
    const order = accepted({ auto_clearing: false });
    expect(shown(order)).toEqual({ test: false, attention: [] });
    seeStatus(order, { pg_payment_status: "success", pg_captured: "0", pg_testing_mode: "1" });
    expect(order.status).toBe("authorized");
    const attention = [{ at: expect.any(String), reason: "test_payment", attempt: 1, operation: null, detail: "501" }];
    expect(shown(order)).toEqual({ test: true, attention });
    expect(order.outbox.map(({ type }) => type)).toEqual(["charge.authorized", "charge.attention"]);
    // A status that does not say it does not take it back.
    order.operate("clearing");
    seeRefund(order, { pg_captured: "0", pg_testing_mode: "0" });
    expect(shown(order)).toEqual({ test: true, attention });
  });

  test.each([{}, { pg_testing_mode: "0" }, { pg_testing_mode: "yes" }])("is none by the status %j", (more) => {
    const order = accepted();
    seeStatus(order, { ...PAID, ...more });
    expect([order.status, shown(order)]).toEqual(["succeeded", { test: false, attention: [] }]);
  });

  test("is told by a verified notification too, before any read, and not again by the read", () => {
    const order = accepted();
    order.happen({ type: "hint", ticket: "ticket-key-1", isTest: true });
    expect([shown(order).test, order.told, order.status]).toEqual([true, ["test_payment"], "processing"]);
    seeStatus(order, { ...PAID, pg_testing_mode: "1" });
    expect([shown(order).test, order.told, order.status]).toEqual([true, ["test_payment"], "succeeded"]);
  });

  test("is not told by a notification that is not verified, contradicts its attempt, has another ticket, or is one of v5", () => {
    const { record } = accepted();
    const received = { kind: "result", ticket: "ticket-key-1", content: CONTENT, isVerified: true, isTest: true } as const;
    expect(saysTest(record, received)).toBe(true);
    expect(saysTest(record, { ...received, isTest: false })).toBe(false);
    expect(saysTest(record, { ...received, content: { ...CONTENT, amount: "11" } })).toBe(false);
    expect(saysTest(record, { ...received, content: { ...CONTENT, orderId: "1235" } })).toBe(false);
    expect(saysTest(record, { ...received, ticket: "ticket-key-2" })).toBe(false);
    // The format of v5's callbacks is not published, so nothing of theirs is believed.
    const v5 = new OrderHistory();
    v5.pay();
    expect(saysTest(v5.record, received)).toBe(false);
  });

  test("that was declined does not make the next attempt one", () => {
    const order = accepted();
    seeStatus(order, { pg_payment_status: "error", pg_testing_mode: "1" });
    expect([order.status, shown(order).test]).toEqual(["failed", true]);
    order.pass(2 * SECOND);
    order.pay("key-2", PROFILE);
    expect(shown(order)).toMatchObject({ test: false, attention: [{ attempt: 1 }] });
  });
});

test("P11: of a card only the brand is stored, whatever the status has", () => {
  const order = accepted();
  const secrets = {
    pg_card_pan: "4400-44XX-XXXX-4440",
    pg_card_token: "token-of-the-card",
    pg_card_exp: "12/27",
    pg_card_owner: "CARD HOLDER",
  };
  const contacts = { pg_user_phone: "77000000000", pg_user_contact_email: "nobody@shop.example" };
  seeStatus(order, { ...PAID, pg_card_brand: "VI", ...secrets, ...contacts });
  expect(order.attempt(1)).toMatchObject({ state: "paid", ledger: { brand: "VI" } });
  for (const secret of Object.values({ ...secrets, ...contacts })) expect(JSON.stringify(order.record)).not.toContain(secret);
});
