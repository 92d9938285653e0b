import { describe, expect, test } from "vitest";
import { chargeView } from "../../../edge/machine/view.ts";
import { declinedBy, unsettledRefunds, refundedOf } from "../../../edge/machine/reconcile.ts";
import type { Ledger, LedgerRow } from "../../../edge/machine/record.ts";
import type { PaymentState } from "../../../src/payment.ts";
import type { CHARGE } from "./order-history.ts";
import { created, OrderHistory } from "./order-history.ts";

/** An order with a payment that was read with each of these readings. */
function read(readings: readonly (Partial<PaymentState> & { status?: string })[], charge: Partial<typeof CHARGE> = {}): OrderHistory {
  const order = new OrderHistory();
  order.pay("key-1", charge);
  order.answer(created("process"));
  for (const { status = "success", ...more } of readings) {
    order.pass(10_000);
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    order.see({ payment: order.payment(status, more) });
  }
  return order;
}

function ledger(refunds: readonly LedgerRow[]): Ledger {
  const nothing = { approvalCode: null, reference: null, intreference: null, brand: null, profileExpiryDate: null };
  return { cleared: true, clearedAmount: 1000, refunds: [...refunds], reversals: [], ...nothing };
}

describe("the cleared amount", () => {
  const hold = { auto_clearing: false };
  const cleared = { clearing: { cleared: true, amount: 4 } };

  test("a hold that is read as paid without its cleared amount is read once more, because a part may have been cleared", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(created("process"));
    order.untilPoll();
    order.see({ payment: order.payment("approved", { clearing: { cleared: false } }) });
    order.untilPoll();
    order.see({ payment: order.payment("success") });
    expect(chargeView(order.record, null)).toMatchObject({ status: "succeeded", cleared_amount: 10 });
    const decided = order.now;
    order.untilPoll();
    expect(order.now).toBe(decided + 5_000);
    order.see({ payment: order.payment("success", { clearing: { cleared: true, amount: 4 } }) });
    expect(chargeView(order.record, null)).toMatchObject({ status: "succeeded", cleared_amount: 4 });
    expect(order.attempt(1).nextPollAt).toBeNull();
  });

  test.each([
    ["its cleared amount", "approved", { cleared: true, amount: 4 }],
    ["no cleared amount, but was never held", "process", undefined],
  ] as const)("a payment that shows %s is not read again", (_, first, clearing) => {
    const order = new OrderHistory();
    order.pay();
    order.answer(created("process"));
    order.untilPoll();
    order.see({ payment: order.payment(first) });
    order.untilPoll();
    order.see({ payment: order.payment("success", clearing === undefined ? {} : { clearing }) });
    expect(order.attempt(1)).toMatchObject({ state: "paid", nextPollAt: null });
  });

  test("of a charge in one step is the whole amount, once it is paid", () => {
    expect(read([{ status: "process" }]).attempt(1).ledger).toMatchObject({ cleared: false, clearedAmount: null });
    expect(read([{}]).attempt(1).ledger).toMatchObject({ cleared: true, clearedAmount: 1000 });
    expect(read([{ clearing: { cleared: false, amount: 4 } }]).attempt(1).ledger?.clearedAmount).toBe(1000);
  });

  test("of a hold is nothing, until a read shows that it was cleared", () => {
    expect(read([{ status: "approved" }], hold).attempt(1).ledger).toMatchObject({ cleared: false, clearedAmount: null });
    expect(read([{ status: "approved" }, cleared], hold).attempt(1).ledger).toMatchObject({ cleared: true, clearedAmount: 400 });
  });

  test("stays known if a later read leaves it out, and changes if a later read has another one", () => {
    expect(read([{ status: "approved" }, cleared, {}], hold).attempt(1).ledger).toMatchObject({ cleared: true, clearedAmount: 400 });
    const again = read([{ status: "approved" }, cleared, { clearing: { cleared: true, amount: 5 } }], hold);
    expect(again.attempt(1).ledger?.clearedAmount).toBe(500);
  });
});

describe("an impossible amount", () => {
  test("is not taken as the cleared amount: zero, negative, or more than was requested", () => {
    const hold = { auto_clearing: false };
    for (const amount of [0, -1, 10.01, "ten", undefined]) {
      const order = read([{ status: "approved" }, { clearing: { cleared: true, amount } }], hold);
      expect(order.attempt(1).ledger).toMatchObject({ cleared: true, clearedAmount: 1000 });
    }
    const least = read([{ status: "approved" }, { clearing: { cleared: true, amount: 0.01 } }], hold);
    expect(least.attempt(1).ledger?.clearedAmount).toBe(1);
    const cleared = [{ status: "approved" }, { clearing: { cleared: true, amount: 4 } }, { clearing: { cleared: true, amount: 10 } }];
    expect(read(cleared, hold).attempt(1).ledger?.clearedAmount).toBe(1000);
  });

  test("is not taken as the amount of a row: more than the largest amount of a charge", () => {
    for (const [amount, minor] of [
      [-99_999_999, 9_999_999_900],
      [-100_000_000, null],
    ] as const) {
      const order = read([{ refund_payments: [{ id: "r1", amount, status: "error" }] }]);
      expect(order.attempt(1).ledger?.refunds).toMatchObject([{ id: "r1", amount: minor, status: "error" }]);
    }
  });

  test("for a payment that an operator named, the limit is the amount of its attempt", () => {
    for (const [amount, minor] of [
      [0, 1000],
      [-1, 1000],
      ["ten", 1000],
      [0.01, 1],
      [12, 1200],
    ] as const) {
      const order = read([]);
      order.resolve("p1");
      order.take("read_resolution");
      const answer = order.payment("success", { amount });
      order.happen({ type: "resolution_read", resolution: 1, payment: { kind: "answered", httpStatus: 200, answer } });
      expect(order.attempt(1)).toMatchObject({ state: "paid", ledger: { clearedAmount: minor } });
    }
  });
});

describe("the refund rows of a payment", () => {
  function rows(...readings: readonly (PaymentState["refund_payments"] | undefined)[]): readonly LedgerRow[] | undefined {
    return read(readings.map((refund_payments) => ({ refund_payments }))).attempt(1).ledger?.refunds;
  }

  test("are kept by id, in positive minor units; a row without an id is kept by its place in the last read", () => {
    expect(rows([{ id: "r1", amount: -4.5, status: "process" }, { amount: -1, status: "success" }, { id: "r2" }])).toMatchObject([
      { id: "r1", amount: 450, status: "process" },
      { id: "no id 2", amount: 100, status: "success" },
      { id: "r2", amount: null, status: null },
    ]);
    expect(rows(undefined)).toEqual([]);
  });

  test("are never forgotten, and a row that was success does not go back", () => {
    const first = { id: "r1", amount: -4, status: "success" };
    expect(rows([first], [])).toMatchObject([{ id: "r1", amount: 400, status: "success" }]);
    expect(rows([first], [{ id: "r1", amount: -4, status: "process" }])).toMatchObject([{ id: "r1", amount: 400, status: "success" }]);
    expect(rows([{ ...first, status: "process" }], [{ ...first, status: "error" }])).toMatchObject([
      { id: "r1", amount: 400, status: "error" },
    ]);
  });

  test("keep the known amount if a later read has an invalid one", () => {
    expect(rows([{ id: "r1", amount: -4, status: "process" }], [{ id: "r1", amount: "four", status: "success" }])).toMatchObject([
      { id: "r1", amount: 400, status: "success" },
    ]);
    expect(rows([{ id: "r1", amount: "four", status: "success" }])).toMatchObject([{ id: "r1", amount: null, status: "success" }]);
  });

  test("reversals are kept like refunds", () => {
    const order = read([{ reverse_payments: [{ id: "v1", status: "error" }] }, {}]);
    expect(order.attempt(1).ledger?.reversals).toMatchObject([{ id: "v1", amount: null, status: "error" }]);
  });
});

test("a member of the bank's references that a read leaves out stays; one that a read has is replaced", () => {
  const said = {
    additional: { approval_code: "123456", reference: "ref-1", intreference: "int-1" },
    from: { card: { brand: "VISA" }, recurrent: { profile_expiry_date: "2027-01-01" } },
  };
  const known = { approvalCode: "123456", reference: "ref-1", intreference: "int-1", brand: "VISA", profileExpiryDate: "2027-01-01" };
  expect(read([said, { from: {} }]).attempt(1).ledger).toMatchObject(known);
  expect(read([{}, said]).attempt(1).ledger).toMatchObject(known);
  const other = {
    additional: { approval_code: "654321", reference: "ref-2", intreference: "int-2" },
    from: { card: { brand: "MC" }, recurrent: { profile_expiry_date: "2028-01-01" } },
  };
  expect(read([said, other]).attempt(1).ledger).toMatchObject({
    approvalCode: "654321",
    reference: "ref-2",
    intreference: "int-2",
    brand: "MC",
    profileExpiryDate: "2028-01-01",
  });
});

describe("the refunded amount", () => {
  const [done, pending, failed] = [
    { id: "r1", amount: 300, status: "success", firstSeenAt: 1, isReported: false },
    { id: "r2", amount: 200, status: "process", firstSeenAt: 1, isReported: false },
    { id: "r3", amount: 400, status: "error", firstSeenAt: 1, isReported: false },
  ];

  test("pending rows count; rows with error and rows without an amount do not", () => {
    expect(
      refundedOf(ledger([done, pending, failed, { id: "r4", amount: null, status: "success", firstSeenAt: 1, isReported: false }])),
    ).toBe(500);
    expect(refundedOf(null)).toBe(0);
  });

  test("a refund is in process until it is done or refused", () => {
    const unnamed = { id: "r4", amount: 100, status: null, firstSeenAt: 1, isReported: false };
    expect(unsettledRefunds(ledger([done, failed]))).toEqual([]);
    expect(unsettledRefunds(ledger([done, pending, unnamed]))).toEqual([pending, unnamed]);
    expect(unsettledRefunds(null)).toEqual([]);
  });

  test.each([
    ["all of it in one row", [["r1", -10, "success"]], "refunded"],
    [
      "all of it in two",
      [
        ["r1", -4, "success"],
        ["r2", -6, "success"],
      ],
      "refunded",
    ],
    [
      "all of it beside a refused row",
      [
        ["r1", -10, "error"],
        ["r2", -10, "success"],
      ],
      "refunded",
    ],
    ["more than all of it", [["r1", -11, "success"]], "refunded"],
    ["a part", [["r1", -9.99, "success"]], "succeeded"],
    [
      "all of it, a part still in process",
      [
        ["r1", -4, "success"],
        ["r2", -6, "process"],
      ],
      "succeeded",
    ],
    ["nothing but refused rows", [["r1", -10, "error"]], "succeeded"],
  ] as const)("%s makes the charge %s", (_, said, status) => {
    const refund_payments = said.map(([id, amount, word]) => ({ id, amount, status: word }));
    expect(read([{ refund_payments }]).status).toBe(status);
  });

  test("a reversed payment stays reversed, whatever its rows show", () => {
    const refund_payments = [{ id: "r1", amount: -10, status: "success" }];
    expect(read([{ status: "reversed" }, { status: "reversed", refund_payments }], { auto_clearing: false }).status).toBe("reversed");
  });

  test("the status refunded is final", () => {
    const refund_payments = [{ id: "r1", amount: -10, status: "success" }];
    const reversed = read([{}, { status: "reversed", refund_payments }]);
    expect([reversed.status, reversed.attempt(1).generation]).toEqual(["reversed", 3]);
    for (const status of ["success", "reversed", "error", "process", "approved"]) {
      expect(read([{ refund_payments }, { status }]).status).toBe("refunded");
    }
  });
});

describe("a payment status that goes back", () => {
  test("from paid to declined raises attention once, and changes nothing", () => {
    const order = read([{}, { status: "error" }, { status: "error" }]);
    expect(order.status).toBe("succeeded");
    expect(order.attempt(1).gatewayStatus).toBe("success");
    expect(order.record.attention.map(({ reason, detail }) => [reason, detail])).toEqual([["status_went_back", "error"]]);
  });

  test.each(["approved", "process", "process_clearing", "waiting_3ds"])("from paid to %s is a delayed read: no attention", (status) => {
    const order = read([{}, { status }]);
    expect([order.status, order.attempt(1).gatewayStatus, order.told]).toEqual(["succeeded", "success", []]);
  });

  test("an unknown status after a decision: no attention, and not stored", () => {
    const order = read([{}, { status: "a_new_word" }]);
    expect([order.status, order.attempt(1).gatewayStatus, order.attempt(1).mismatch, order.told]).toEqual([
      "succeeded",
      "success",
      null,
      [],
    ]);
  });

  test("reversed and declined payments do not become undecided again, but a decline that turns out paid becomes paid", () => {
    expect(read([{ status: "reversed" }, {}], { auto_clearing: false }).status).toBe("reversed");
    expect(read([{ status: "error" }, { status: "approved" }]).status).toBe("authorized");
    expect(read([{ status: "error" }, { status: "reversed" }]).status).toBe("reversed");
  });
});

describe("a failed attempt whose payment is read later", () => {
  test("a failure by silence becomes a decline with its reason", () => {
    const order = new OrderHistory();
    order.silent();
    const decidedAt = order.attempt(1).decidedAt;
    order.untilPoll();
    order.see({ payment: order.payment("error", { error: { code: "10009", description: "no money" } }) });
    expect(order.attempt(1)).toMatchObject({
      state: "failed",
      gatewayStatus: "error",
      decidedAt,
      failure: { by: "payment", category: "insufficient_funds", code: "10009", description: "no money" },
    });
    expect(order.attempt(1).nextPollAt).toBeNull();
  });

  test("a decline keeps its first reason", () => {
    const order = read([
      { status: "error", error: { code: "10009" } },
      { status: "error", error: { code: "10017" } },
    ]);
    expect(order.attempt(1).failure?.code).toBe("10009");
    expect(order.attempt(1).generation).toBe(2);
  });

  test("after a failure by silence a payment in process makes the attempt undecided again, and it is polled at once", () => {
    const order = new OrderHistory();
    order.silent();
    order.untilPoll();
    order.see({ payment: order.payment("process") });
    expect(order.attempt(1)).toMatchObject({
      state: "undecided",
      gatewayStatus: "process",
      decidedAt: null,
      failure: null,
      nextPollAt: order.now,
    });
  });
});

describe("the reason of a decline", () => {
  test.each([
    ["10009", "insufficient_funds"],
    ["10017", "card_expired"],
    ["10010", "card_blocked"],
    ["10005", "card_invalid"],
    ["9011", "profile_dead"],
    ["10006", "limit_exceeded"],
    ["10004", "authentication_required"],
    ["10007", "declined"],
    ["10030", "amount_invalid"],
    ["9403", "configuration"],
    ["9999", "gateway_unavailable"],
    ["9991", "declined"],
    ["9013", "declined"],
    ["77777", "declined"],
  ])("%s is shown as %s", (code, category) => {
    expect(declinedBy({ error: { code, description: "text" } })).toEqual({ by: "payment", category, code, description: "text" });
  });

  test("a decline without a code is still a decline", () => {
    expect(declinedBy({})).toEqual({ by: "payment", category: "declined", code: null, description: null });
  });
});
