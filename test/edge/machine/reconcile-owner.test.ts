import { describe, expect, test } from "vitest";
import { paymentReading } from "../../../edge/machine/payment-reading.ts";
import { applyPaymentRead, mismatchOf, endOthersUnder, ownerOf, holdsMoney } from "../../../edge/machine/reconcile.ts";
import type { Attempt, ChargeRecord, Send } from "../../../edge/machine/record.ts";
import { newRecord } from "../../../edge/machine/record.ts";
import type { PaymentState } from "../../../src/payment.ts";
import { created, lost, notFound, OrderHistory, refusal, START } from "./order-history.ts";

const HOUR = 3_600_000;

const SEND: Send = { requestId: "id-1", keyIndex: 0, at: START, leftBy: START, endedAt: START, end: null, superseded: false };

/** An attempt that was sent, and whose answer was lost. */
function attempt(number: number, more: Partial<Attempt> = {}): Attempt {
  const order = new OrderHistory();
  order.pay();
  return { ...order.attempt(1), number, sends: [SEND], ...more };
}

function recordOf(...attempts: Attempt[]): ChargeRecord {
  return { ...newRecord("1234"), attempts };
}

function payment(more: Partial<PaymentState> = {}): PaymentState {
  return { id: "p1", order_id: "1234", status: "success", amount: 10, ...more };
}

/** Applies a read of a payment. Returns the attention that was raised, and whether the payment counts as one. */
function believed(record: ChargeRecord, looking: Attempt, said: PaymentState): { counts: boolean; told: unknown[] } {
  const told: unknown[] = [];
  const counts = applyPaymentRead(record, looking, said, START + 5, (reason, { number }, detail) => told.push([reason, number, detail]));
  return { counts, told };
}

describe("a read of a payment", () => {
  test.each([
    ["nothing at all", { kind: "answered", httpStatus: 200, answer: {} }],
    ["1202", notFound],
    ["11068", refusal("11068", "not_found")],
    ["an error 1202 beside an id", { kind: "answered", httpStatus: 200, answer: { id: "p1", error: { code: "1202" } } }],
    ["an error 11068 beside an order_id", { kind: "answered", httpStatus: 200, answer: { order_id: "1234", error: { code: "11068" } } }],
    [
      "an error 1202 beside a status",
      { kind: "answered", httpStatus: 200, answer: { id: "p1", status: "error", error: { code: "1202" } } },
    ],
    [
      "an error 11068 beside all members of the sample of a request",
      {
        kind: "answered",
        httpStatus: 200,
        answer: { id: "p1", status: "error", amount: 0, created_at: "0001-01-01T00:00:00Z", error: { code: "11068" } },
      },
    ],
  ] as const)("%s means that there is no payment", (_, outcome) => {
    expect(paymentReading(outcome, "1234")).toEqual({ kind: "absent" });
  });

  test.each([
    ["a lost answer", lost()],
    ["another refusal", refusal("9999", "gateway_unavailable")],
    ["an id without a status", { kind: "answered", httpStatus: 200, answer: { id: "p1" } }],
    ["another error beside an id", { kind: "answered", httpStatus: 200, answer: { id: "p1", error: { code: "9999" } } }],
  ] as const)("%s proves nothing", (_, outcome) => {
    expect(paymentReading(outcome, "1234")).toEqual({ kind: "unreadable" });
  });

  test("a decline that names no order gets the order_id that was read; one that names an order keeps it", () => {
    const decline = { id: "p1", status: "error", amount: "10", error: { code: "10045" } };
    const read = (answer: PaymentState, asked: string | null): unknown =>
      paymentReading({ kind: "answered", httpStatus: 200, answer }, asked);
    expect(read(decline, "1234--2")).toEqual({ kind: "payment", payment: { ...decline, order_id: "1234--2" } });
    expect(read({ ...decline, order_id: "9" }, "1234")).toEqual({ kind: "payment", payment: { ...decline, order_id: "9" } });
    expect(read(decline, null)).toEqual({ kind: "payment", payment: decline });
  });

  test.each(["success", "approved", "process", "reversed", "waiting_3ds", "settling"])(
    "a payment with status %s that names no order gets none",
    (status) => {
      const answer = { id: "p1", status, amount: 10 };
      expect(paymentReading({ kind: "answered", httpStatus: 200, answer }, "1234")).toEqual({ kind: "payment", payment: answer });
    },
  );
});

describe("whether a payment can belong to an attempt (M6)", () => {
  test.each([
    ["a payment that matches", {}, {}, null],
    ["a payment with only the required members", {}, { id: undefined, from: {}, created_at: undefined }, null],
    ["no id, if one is known", { paymentId: "p1" }, { id: undefined }, null],
    ["the known id", { paymentId: "p1" }, {}, null],
    ["another id than the known one", { paymentId: "p2" }, {}, "terms_differ"],
    ["another order_id", {}, { order_id: "1234--2" }, "terms_differ"],
    ["no order_id", {}, { order_id: undefined }, "terms_differ"],
    ["another currency", {}, { currency: "USD" }, "terms_differ"],
    ["another profile", {}, { from: { recurrent: { profile_id: "other" } } }, "terms_differ"],
    ["another amount", {}, { amount: 10.01 }, "amount_differs"],
    ["a date an hour before the first send", {}, { created_at: new Date(START - HOUR).toISOString() }, null],
    ["an earlier date", {}, { created_at: new Date(START - HOUR - 1).toISOString() }, "old_payment"],
    [
      "any other difference, once an operator has named it",
      { assignedByOperator: true },
      { amount: 1, currency: "USD", created_at: "2020-01-01" },
      null,
    ],
    ["another order_id, though an operator has named it", { assignedByOperator: true }, { order_id: "9" }, "terms_differ"],
    ["no currency, after an earlier read contradicted it", { contradicted: "currency" }, {}, "terms_differ"],
    ["no profile, after an earlier read contradicted it", { contradicted: "profile" }, {}, "terms_differ"],
    ["the right currency after a contradiction", { contradicted: "currency" }, { currency: "KZT" }, null],
    ["no member that an earlier read contradicted", { mismatch: "terms_differ" }, {}, null],
    ["the id in the other letter case", { paymentId: "P1" }, {}, null],
    ["a decline without an amount", {}, { status: "error", amount: undefined }, null],
    ["a decline of the amount 0, the gateway's placeholder", {}, { status: "error", amount: 0 }, null],
    ["a decline of another amount", {}, { status: "error", amount: 9 }, "amount_differs"],
    ["money without an amount", {}, { amount: undefined }, "amount_differs"],
    ["the gateway's placeholder date", {}, { created_at: "0001-01-01T00:00:00Z" }, null],
    ["the right currency after a contradiction", { mismatch: "terms_differ", knownToGateway: true }, { currency: "KZT" }, null],
    [
      "the right profile after a contradiction",
      { mismatch: "terms_differ", knownToGateway: true },
      { from: { recurrent: { profile_id: "0190fddd-bea7-7f17-b777-10344d5cc816" } } },
      null,
    ],
    ["no date, after an earlier read contradicted it", { mismatch: "old_payment" }, {}, "old_payment"],
    ["another id, though an operator has named it", { assignedByOperator: true, paymentId: "p2" }, {}, "terms_differ"],
  ] as const)("%s", (_, of, said, why) => {
    expect(mismatchOf(attempt(1, of), payment(said))).toBe(why);
  });

  test.each([
    ["held", 4, 4, null],
    ["paid", 4, 4, null],
    ["undecided", 4, 4, "amount_differs"],
    ["failed", 4, 4, "amount_differs"],
    ["held", 4, 5, "amount_differs"],
    ["held", 12, 12, "amount_differs"],
    ["held", 4, undefined, "amount_differs"],
    ["paid", 10, 4, null],
  ] as const)("an attempt that is %s: the amount %s if %s was cleared", (state, amount, cleared, why) => {
    expect(mismatchOf(attempt(1, { state }), payment({ amount, clearing: { cleared: true, amount: cleared } }))).toBe(why);
  });

  test("a cleared amount counts only if the read says that it was cleared", () => {
    expect(mismatchOf(attempt(1, { state: "held" }), payment({ amount: 4, clearing: { cleared: false, amount: 4 } }))).toBe(
      "amount_differs",
    );
  });
});

describe("the attempt that a payment belongs to (M3)", () => {
  test("the earliest attempt under its order_id whose terms it matches", () => {
    const [first, second] = [attempt(1), attempt(2)];
    expect(ownerOf(recordOf(first, second), second, payment())).toBe(first);
    const other = attempt(1, { terms: { ...first.terms, amount: 1100 } });
    expect(ownerOf(recordOf(other, second), other, payment())).toBe(second);
    expect(ownerOf(recordOf(other), other, payment())).toBeNull();
  });

  test("never an attempt that sent nothing, unless it is the one being polled", () => {
    const [unsent, sent] = [attempt(1, { sends: [] }), attempt(2)];
    expect(ownerOf(recordOf(unsent, sent), sent, payment())).toBe(sent);
    expect(ownerOf(recordOf(unsent, sent), unsent, payment())).toBe(unsent);
  });

  test("the attempt that an earlier read gave it to; an id that only a create named does not count for that", () => {
    const order = new OrderHistory();
    order.succeed();
    const { ledger } = order.attempt(1);
    const [first, named, read] = [attempt(1), attempt(2, { paymentId: "p1" }), attempt(2, { paymentId: "p1", ledger })];
    expect(ownerOf(recordOf(first, named), first, payment())).toBe(first);
    expect(ownerOf(recordOf(first, read), first, payment())).toBe(read);
    expect(ownerOf(recordOf(first, attempt(2, { ledger })), first, payment({ id: undefined }))).toBe(first);
  });

  test("nobody, if a read contradicts the attempt that the payment decided; another attempt, if that one was undecided", () => {
    const order = new OrderHistory();
    order.succeed();
    const { ledger, terms } = order.attempt(1);
    const second = attempt(2, { terms: { ...terms, amount: 1100 } });
    for (const state of ["held", "paid", "reversed", "refunded"] as const) {
      const first = attempt(1, { state, paymentId: "p1", ledger });
      expect(ownerOf(recordOf(first, second), second, payment({ amount: 11 }))).toBeNull();
    }
    const undecided = attempt(1, { paymentId: "p1", ledger });
    expect(ownerOf(recordOf(undecided, second), second, payment({ amount: 11 }))).toBe(second);
  });

  test("not a refused attempt if another attempt has the payment id: attention is raised", () => {
    const failure = { by: "refusal", category: "configuration", code: "9403", description: null } as const;
    const refused = attempt(1, { state: "failed", failure });
    const other = attempt(2, { gatewayOrderId: "1234--2", paymentId: "p1" });
    expect(ownerOf(recordOf(refused, other), refused, payment())).toBeNull();
    expect(believed(recordOf(refused, other), refused, payment())).toEqual({ counts: true, told: [["terms_differ", 1, "p1"]] });
    expect(ownerOf(recordOf(refused, { ...other, paymentId: "p2" }), refused, payment())).toBe(refused);
  });

  test("an attempt that the gateway refused explicitly only if no other attempt matches", () => {
    const refused = (by: "refusal" | "unauthorized"): Attempt =>
      attempt(1, { state: "failed", failure: { by, category: "configuration", code: "1100", description: null } });
    const second = attempt(2);
    for (const by of ["refusal", "unauthorized"] as const) {
      const first = refused(by);
      expect(ownerOf(recordOf(first, second), first, payment())).toBe(second);
      expect(ownerOf(recordOf(first), first, payment())).toBe(first);
    }
    const silent = attempt(1, {
      state: "failed",
      failure: { by: "silence", category: "gateway_unavailable", code: null, description: null },
    });
    expect(ownerOf(recordOf(silent, second), second, payment())).toBe(silent);
  });
});

describe("a payment that an attempt's own create named with its amount", () => {
  const terms = (amount: number): Attempt["terms"] => ({ ...attempt(1).terms, amount });
  const silent = attempt(1, {
    terms: terms(1100),
    state: "failed",
    failure: { by: "silence", category: "gateway_unavailable", code: null, description: null },
  });
  const second = attempt(2, { paymentId: "p1", amountConfirmed: true });

  test("is not given to an earlier attempt by a single read with the earlier one's amount", () => {
    expect(ownerOf(recordOf(silent, second), second, payment({ amount: 11 }))).toBeNull();
    expect(ownerOf(recordOf(silent, second), second, payment())).toBe(second);
    expect(ownerOf(recordOf(silent, { ...second, amountConfirmed: false }), second, payment({ amount: 11 }))).toBe(silent);
    expect(ownerOf(recordOf(silent, { ...second, paymentId: null }), second, payment({ amount: 11, id: undefined }))).toBe(silent);
    expect(ownerOf(recordOf(silent, { ...second, paymentId: "p2" }), second, payment({ amount: 11 }))).toBe(silent);
  });

  test("a read that names no payment id is compared by its terms alone", () => {
    expect(ownerOf(recordOf(silent, second), second, payment({ amount: 11, id: undefined }))).toBe(silent);
  });

  test("still goes to the earliest attempt whose terms it matches, and to the one whose profile a read names (M3)", () => {
    const same = { ...silent, terms: terms(1000) };
    expect(ownerOf(recordOf(same, second), second, payment())).toBe(same);
    const otherCard = { ...silent, terms: { ...terms(1000), profile_id: "card-1" } };
    const named = payment({ from: { recurrent: { profile_id: "card-1" } } });
    expect(ownerOf(recordOf(otherCard, second), second, named)).toBe(otherCard);
  });

  test("loses amountConfirmed once the payment belongs to another attempt", () => {
    const same = { ...silent, terms: terms(1000) };
    const later = { ...second };
    expect(believed(recordOf(same, later), later, payment()).counts).toBe(true);
    expect([same.paymentId, later.paymentId, later.amountConfirmed]).toEqual(["p1", null, false]);
    const one = { ...second };
    believed(recordOf(one), one, payment());
    expect(one).toMatchObject({ paymentId: "p1", amountConfirmed: true });
  });

  test("an order whose payment and amount its own answer named is shown with that amount, whatever one read shows", () => {
    const order = new OrderHistory();
    order.silent();
    expect(order.pay("key-2", { amount: 11 }).ok).toBe(true);
    order.see({ payment: {} });
    order.answer(created("process", { amount: 11 }));
    order.untilPoll();
    order.see({ payment: order.payment("success") });
    expect(order.status).toBe("unconfirmed");
    expect(order.told).toContain("amount_differs");
    order.untilPoll();
    order.see({ payment: order.payment("success", { amount: 11 }) });
    expect(order.status).toBe("succeeded");
    expect(order.attempt(2)).toMatchObject({ state: "paid", paymentId: "p1" });
    expect(order.attempt(1)).toMatchObject({ state: "failed" });
  });
});

describe("a payment that belongs to nobody", () => {
  test("stops the polled attempt, raises attention with its id, and proves that the gateway knows the request", () => {
    const one = attempt(1);
    expect(believed(recordOf(one), one, payment({ amount: 11 }))).toEqual({ counts: true, told: [["amount_differs", 1, "p1"]] });
    expect(one).toMatchObject({ state: "undecided", knownToGateway: true, mismatch: "amount_differs", ledger: null });
    const nameless = attempt(1);
    expect(believed(recordOf(nameless), nameless, payment({ id: undefined, order_id: "9" })).told).toEqual([["terms_differ", 1, null]]);
  });

  test("raises attention for a decided attempt too, but changes nothing about it", () => {
    const one = attempt(1, { state: "paid", paymentId: "p1" });
    expect(believed(recordOf(one), one, payment({ id: "p2" })).told).toEqual([["terms_differ", 1, "p2"]]);
    expect(one).toMatchObject({ state: "paid", paymentId: "p1", mismatch: null });
  });

  test("counts as no payment if it is an older decline; any other older payment stops the attempt", () => {
    const created_at = "2020-01-01T00:00:00Z";
    const one = attempt(1);
    expect(believed(recordOf(one), one, payment({ status: "error", created_at }))).toEqual({ counts: false, told: [] });
    expect(one).toMatchObject({ knownToGateway: false, mismatch: null });
    expect(believed(recordOf(one), one, payment({ created_at }))).toEqual({ counts: true, told: [["old_payment", 1, "p1"]] });
    const other = attempt(1);
    expect(believed(recordOf(other), other, payment({ status: "error", amount: 11 })).counts).toBe(true);
  });
});

describe("a payment that belongs to an attempt", () => {
  test("decides the attempt, and counts once: no other attempt keeps its id", () => {
    const first = attempt(1, { paymentId: "p1", terms: { ...attempt(1).terms, amount: 1100 } });
    const second = attempt(2);
    const third = attempt(3, { paymentId: "p3", gatewayOrderId: "1234--2" });
    expect(believed(recordOf(first, second, third), second, payment()).counts).toBe(true);
    expect([first.paymentId, second.paymentId, third.paymentId]).toEqual([null, "p1", "p3"]);
    expect(second).toMatchObject({ state: "paid", knownToGateway: true, gatewayStatus: "success" });
  });

  test("keeps the known id if a read leaves it out, or has an invalid one", () => {
    for (const id of [undefined, "p 1"]) {
      const one = attempt(1);
      const other = attempt(2, { gatewayOrderId: "1234--2" });
      believed(recordOf(one, other), one, payment({ id }));
      expect([one.state, one.paymentId, other.paymentId]).toEqual(["paid", null, null]);
    }
  });

  test("ends the other attempts under its order_id, also if nothing about its own attempt changes", () => {
    const first = attempt(1);
    const second = attempt(2);
    believed(recordOf(first, second), second, payment({ status: "process" }));
    expect(first).toMatchObject({ state: "undecided", paymentId: "p1" });
    expect(second).toMatchObject({ state: "failed", failure: { by: "other_attempt", category: "gateway_unavailable" } });
  });

  test("raises attention if another attempt holds or took money too, and not otherwise", () => {
    for (const [state, status, told] of [
      ["held", "success", [["second_payment", 2, "p2"]]],
      ["paid", "success", [["second_payment", 2, "p2"]]],
      ["paid", "process", []],
      ["failed", "success", []],
      ["reversed", "success", []],
    ] as const) {
      const first = attempt(1, { state, paymentId: "p1", gatewayOrderId: "1234" });
      const second = attempt(2, { gatewayOrderId: "1234--2" });
      expect(believed(recordOf(first, second), second, payment({ id: "p2", order_id: "1234--2", status })).told).toEqual(told);
    }
    const held = attempt(1, { state: "paid", paymentId: "p1" });
    const one = attempt(2, { gatewayOrderId: "1234--2", terms: { ...held.terms, auto_clearing: false } });
    expect(believed(recordOf(held, one), one, payment({ id: "p2", order_id: "1234--2", status: "approved" })).told).toEqual([
      ["second_payment", 2, "p2"],
    ]);
  });

  test("took money if it is held or paid, in no other state", () => {
    const states = ["undecided", "held", "paid", "failed", "reversed", "refunded"] as const;
    expect(states.filter((state) => holdsMoney(attempt(1, { state })))).toEqual(["held", "paid"]);
  });
});

test("only undecided attempts under the same order_id end, for the owner's reason or because the payment belongs to another", () => {
  const owner = attempt(1);
  const others = [
    attempt(2),
    attempt(3, { gatewayOrderId: "1234--2" }),
    attempt(4, { state: "failed", failure: { by: "silence", category: "gateway_unavailable", code: null, description: null } }),
    attempt(5, { state: "paid" }),
  ];
  endOthersUnder(recordOf(owner, ...others), owner, START + 5);
  expect(others.map(({ state, failure }) => [state, failure?.by ?? null])).toEqual([
    ["failed", "other_attempt"],
    ["undecided", null],
    ["failed", "silence"],
    ["paid", null],
  ]);
  expect(others[0]).toMatchObject({ decidedAt: START + 5, failure: { category: "gateway_unavailable", code: null, description: null } });
  expect(owner.state).toBe("undecided");
  const declined = attempt(1, { state: "failed", failure: { by: "payment", category: "card_expired", code: "10017", description: "old" } });
  const second = attempt(2);
  endOthersUnder(recordOf(declined, second), declined, START);
  expect(second.failure).toEqual({ by: "other_attempt", category: "card_expired", code: "10017", description: "old" });
});
