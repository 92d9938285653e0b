import { describe, expect, test } from "vitest";
import { newRecord } from "../../../edge/machine/record.ts";
import { chargeView, currentAttempt, merchantChargeView } from "../../../edge/machine/view.ts";
import { CHARGE, created, lost, notFound, OrderHistory, refusal, START } from "./order-history.ts";

const ISO = "2026-11-22T10:00:00.000Z";
const CARD = { brand: "visa", last4: "4242" };

/** The view of an order that nobody has tried to pay. */
const NOTHING = {
  order_id: "1234",
  amount: null,
  currency: null,
  description: null,
  card: null,
  status: "ready",
  needs: null,
  payment_page: null,
  attempt: 0,
  failure: null,
  payment_id: null,
  cleared_amount: 0,
  refunded_amount: 0,
  updated_at: null,
};

/** The shopper's view of a paid charge. */
const PAID = {
  ...NOTHING,
  amount: 10,
  currency: "KZT",
  description: "Test order",
  status: "succeeded",
  attempt: 1,
  payment_id: "p1",
  cleared_amount: 10,
};

function read(gatewayStatus: string, more: Parameters<OrderHistory["payment"]>[1] = {}, charge: Partial<typeof CHARGE> = {}): OrderHistory {
  const order = new OrderHistory();
  order.pay("key-1", charge);
  order.answer(created("process"));
  order.untilPoll();
  order.see({ payment: order.payment(gatewayStatus, more) });
  return order;
}

describe("what the shopper sees", () => {
  test("before the first attempt: the terms of the token, or nothing", () => {
    const record = newRecord("1234");
    expect(chargeView(record, null)).toEqual(NOTHING);
    expect(chargeView(record, CHARGE)).toEqual({ ...NOTHING, amount: 10, currency: "KZT", description: "Test order" });
    expect(chargeView(record, { ...CHARGE, card: CARD }).card).toEqual(CARD);
  });

  test("an order closed before its first attempt", () => {
    expect(chargeView({ ...newRecord("1234"), closedAt: START }, null)).toEqual({ ...NOTHING, status: "closed" });
  });

  test("a paid order has its own terms, whatever the token says now", () => {
    const order = new OrderHistory();
    order.pay("key-1", { card: CARD });
    order.answer(created("process"));
    order.untilPoll();
    order.see({ payment: order.payment("success") });
    const asked = { ...CHARGE, amount: 11, currency: "USD", description: "Another", card: { brand: "mastercard", last4: "1111" } } as const;
    expect(chargeView(order.record, asked)).toEqual({ ...PAID, card: CARD, updated_at: new Date(order.now).toISOString() });
    expect(chargeView(order.record, null).description).toBe("Test order");
  });

  test("a paid order without a card hint shows none, also if the token has one", () => {
    const order = new OrderHistory();
    order.succeed();
    expect(chargeView(order.record, { ...CHARGE, card: CARD }).card).toBeNull();
  });

  test("after retention the description is the token's", () => {
    const order = new OrderHistory();
    order.succeed();
    order.pass(400 * 86_400_000);
    order.happen({ type: "alarm" });
    expect(chargeView(order.record, CHARGE).description).toBe("Test order");
    expect(chargeView(order.record, null).description).toBeNull();
  });

  test("of a hold nothing is cleared; later the cleared amount and the refunded amount, pending refunds included", () => {
    expect(chargeView(read("approved", {}, { auto_clearing: false }).record, null)).toMatchObject({
      cleared_amount: 0,
      refunded_amount: 0,
    });
    const refunds = [
      { id: "r1", amount: -1, status: "success" },
      { id: "r2", amount: -2.5, status: "process" },
      { id: "r3", amount: -4, status: "error" },
    ];
    expect(chargeView(read("success", { refund_payments: refunds }).record, null)).toMatchObject({
      cleared_amount: 10,
      refunded_amount: 3.5,
    });
  });

  test("the bank's confirmation, while the charge is undecided and waits for it", () => {
    const order = read("waiting_3ds");
    expect(chargeView(order.record, null).needs).toBe("bank_confirmation");
    expect(chargeView(read("process").record, null).needs).toBeNull();
    order.happen({
      type: "create_answered",
      leftAt: null,
      read: null,
      attempt: 1,
      send: 0,
      outcome: created("error", { error: { code: "10009" } }),
    });
    expect(order.attempt(1).gatewayStatus).toBe("waiting_3ds");
    expect(chargeView(order.record, null).needs).toBeNull();
  });

  test("the advice after a failure: by its category, and by whether the attempt reached the gateway", () => {
    const declined = new OrderHistory();
    declined.declined("10009");
    expect(chargeView(declined.record, null).failure).toEqual({ category: "insufficient_funds", retry: "later" });
    const silent = new OrderHistory();
    silent.silent();
    expect(chargeView(silent.record, null).failure).toEqual({ category: "gateway_unavailable", retry: "now" });
    const spoken = new OrderHistory();
    spoken.declined("9999");
    expect(chargeView(spoken.record, null).failure).toEqual({ category: "gateway_unavailable", retry: "later" });
    const neverSent = new OrderHistory();
    neverSent.declined();
    neverSent.pay("key-2");
    while (neverSent.attempt(2).state === "undecided") {
      if (neverSent.polls === 0) neverSent.fireAlarm();
      else neverSent.see({});
    }
    expect(chargeView(neverSent.record, null).failure).toEqual({ category: "gateway_unavailable", retry: "now" });
    expect(chargeView(new OrderHistory().record, null).failure).toBeNull();
  });

  test("no failure of an attempt that is hidden by a paid or undecided one, nor of a closed order", () => {
    const order = new OrderHistory();
    order.declined();
    order.pay("key-2");
    expect(chargeView(order.record, null)).toMatchObject({ status: "processing", attempt: 2, failure: null });
    order.close();
    expect(chargeView(order.record, null)).toMatchObject({ status: "closed", failure: null });
  });
});

describe("which attempt an order is shown by", () => {
  type State = OrderHistory["record"]["attempts"][number]["state"];

  function shown(...states: readonly State[]): number | undefined {
    const order = new OrderHistory();
    order.pay();
    const attempts = states.map((state, index) => ({ ...order.attempt(1), number: index + 1, state }));
    return currentAttempt({ ...order.record, attempts })?.number;
  }

  test.each([
    [[], undefined],
    [["failed", "failed"], 2],
    [["failed", "undecided", "failed"], 2],
    [["undecided", "undecided", "failed"], 2],
    [["reversed", "undecided", "failed"], 1],
    [["refunded", "undecided"], 1],
    [["reversed", "refunded", "undecided"], 2],
    [["refunded", "reversed", "undecided"], 2],
    [["failed", "held", "undecided"], 2],
    [["refunded", "paid", "reversed"], 2],
    [["held", "paid"], 1],
    [["paid", "held"], 1],
  ] as const)("of %j number %s: the first that took or holds money, a returned one, an undecided one, the last", (states, number) => {
    expect(shown(...states)).toBe(number);
  });
});

describe("whether an undecided attempt is processing or unconfirmed", () => {
  test.each(["process", "waiting_3ds", "process_clearing", "approved", "success"])("an answer with status %s is processing", (word) => {
    const order = new OrderHistory();
    order.pay();
    order.answer(created(word));
    expect(order.status).toBe("processing");
  });

  test("a lost answer, or an unknown status, is unconfirmed", () => {
    for (const outcome of [lost(), created("a_new_word")]) {
      const order = new OrderHistory();
      order.pay();
      order.answer(outcome);
      expect(order.status).toBe("unconfirmed");
    }
  });

  test("a refused signature that is tried with the other key is processing; after a lost answer it is unconfirmed, also while it is resent", () => {
    const order = new OrderHistory();
    order.gatewayKeys = 2;
    order.pay();
    order.answer(refusal("1100", "configuration", 401));
    expect(order.status).toBe("processing");
    order.answer(lost());
    expect(order.status).toBe("unconfirmed");
    order.untilSendOrDecision();
    expect(order.status).toBe("unconfirmed");
  });
});

describe("what the merchant sees in addition", () => {
  const UNKNOWN = {
    user_id: null,
    pay_with: null,
    profile_id: null,
    auto_clearing: null,
    closed: false,
    approval_code: null,
    reference: null,
    intreference: null,
    brand: null,
    profile_expiry_date: null,
    profile: null,
    test: false,
    attempts: [],
    operations: [],
    resolutions: [],
    attention: [],
    sequence: 0,
  };

  test("of an unknown order: every member, all of them empty", () => {
    expect(merchantChargeView(newRecord("1234"))).toEqual({ ...NOTHING, ...UNKNOWN });
    expect(merchantChargeView({ ...newRecord("1234"), closedAt: START }).closed).toBe(true);
  });

  test("of a paid order: all of it", () => {
    const order = new OrderHistory();
    order.pay();
    const create = order.takeSend().call.requestId;
    order.happen({ type: "create_answered", leftAt: null, read: null, attempt: 1, send: 0, outcome: created("process") });
    order.untilPoll();
    const decided = new Date(order.now).toISOString();
    order.see({
      payment: order.payment("success", {
        additional: { approval_code: "123456", reference: "ref-1", intreference: "int-1" },
        from: { card: { brand: "VISA" }, recurrent: { profile_id: CHARGE.profile_id, profile_expiry_date: "2027-01-01" } },
      }),
    });
    expect(merchantChargeView(order.record)).toEqual({
      ...PAID,
      ...UNKNOWN,
      updated_at: decided,
      user_id: "12345",
      pay_with: "profile",
      profile_id: CHARGE.profile_id,
      auto_clearing: true,
      approval_code: "123456",
      reference: "ref-1",
      intreference: "int-1",
      brand: "VISA",
      profile_expiry_date: "2027-01-01",
      profile: null,
      test: false,
      sequence: 1,
      attempts: [
        {
          api: "async",
          number: 1,
          gateway_order_id: "1234",
          request_id: create,
          caller: "shopper",
          pay_with: "profile",
          profile_id: CHARGE.profile_id,
          user_id: "12345",
          amount: 10,
          currency: "KZT",
          auto_clearing: true,
          state: "paid",
          failure: null,
          payment_id: "p1",
          word: "success",
          sends: [{ at: ISO, request_id: create, ended: "answered", http_status: 200, word: "process", code: null, description: null }],
          claimed_at: ISO,
          taken_at: decided,
          decided_at: decided,
        },
      ],
    });
  });

  test("of a failed attempt: why, whether it was sent, and whether the failure is provisional", () => {
    const declined = new OrderHistory();
    declined.pay();
    declined.answer(created("error", { error: { code: "10009", description: "no money" } }));
    expect(merchantChargeView(declined.record).attempts[0]).toMatchObject({
      failure: { category: "insufficient_funds", code: "10009", description: "no money", sent: true, provisional: false },
      sends: [{ ended: "answered", word: "error", code: "10009", description: "no money" }],
      decided_at: ISO,
    });
    const silent = new OrderHistory();
    silent.silent();
    expect(merchantChargeView(silent.record).attempts[0]?.failure).toEqual({
      category: "gateway_unavailable",
      code: null,
      description: null,
      sent: true,
      provisional: true,
    });
    const closed = new OrderHistory();
    closed.declined();
    closed.pay("key-2");
    closed.close();
    expect(merchantChargeView(closed.record)).toMatchObject({
      closed: true,
      attempts: [
        {},
        { failure: { category: "gateway_unavailable", sent: false, provisional: false }, decided_at: "2026-11-22T10:00:02.000Z" },
      ],
    });
  });

  test("of an open send nothing yet; of a lost or refused one the reason", () => {
    const order = new OrderHistory();
    order.pay();
    const open = { at: ISO, ended: null, http_status: null, word: null, code: null, description: null };
    expect(merchantChargeView(order.record).attempts[0]).toMatchObject({ sends: [open], decided_at: null, word: null });
    order.answer(refusal("10011", "duplicate", 422));
    expect(merchantChargeView(order.record).attempts[0]?.sends).toMatchObject([
      { ended: "refused", http_status: 422, word: null, code: "10011", description: "refused" },
    ]);
    const unanswered = new OrderHistory();
    unanswered.pay();
    unanswered.answer(lost("server_error"));
    expect(merchantChargeView(unanswered.record).attempts[0]?.sends).toMatchObject([
      { ended: "server_error", http_status: 502, word: null, code: null, description: null },
    ]);
  });

  test("operations, resolutions, and attention", () => {
    const order = new OrderHistory();
    order.succeed();
    order.operate("refund", 450);
    const asked = new Date(order.now).toISOString();
    expect(merchantChargeView(order.record).operations).toEqual([
      {
        number: 1,
        kind: "refund",
        attempt: 1,
        amount: null,
        state: "undecided",
        refusal: null,
        request_id: order.operation(1).requestId,
        sends: [],
        claimed_at: asked,
        decided_at: null,
      },
    ]);
    order.seeOperation(order.payment("success"));
    expect(merchantChargeView(order.record).operations[0]).toMatchObject({ amount: 4.5, sends: [{ at: asked, ended: null }] });
    order.edited(refusal("11017", "operation_refused", 422));
    expect(merchantChargeView(order.record).operations[0]).toMatchObject({
      amount: 4.5,
      state: "refused",
      refusal: { code: "operation_not_allowed", gateway_code: "11017", description: "refused" },
      sends: [{ ended: "refused", http_status: 422, code: "11017" }],
      decided_at: asked,
    });
    const stuck = new OrderHistory();
    stuck.pay();
    stuck.answer(lost());
    stuck.untilPoll();
    stuck.see({ request: notFound, payment: stuck.payment("success", { amount: 99 }) });
    stuck.resolve("p9");
    const at = new Date(stuck.now).toISOString();
    expect(merchantChargeView(stuck.record)).toMatchObject({
      resolutions: [{ at, payment_id: "p9", note: "seen in the cabinet", state: "reading" }],
      attention: [{ at, reason: "amount_differs", attempt: 1, operation: null, detail: "p1" }],
    });
  });
});
