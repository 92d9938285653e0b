import { describe, expect, test } from "vitest";
import type { PaymentStatus, StatusRow } from "../../../src/merchant-api/answers.ts";
import { createdPaymentOf, editedPaymentOf, meaningOf, paymentStateOf } from "../../../src/merchant-api/payment-status.ts";
import { isKnownStatus } from "../../../src/payment-answer.ts";

const PAYMENT: PaymentStatus = {
  paymentId: "902",
  orderId: "1234",
  status: "success",
  amount: "20.00",
  currency: "KZT",
  captured: true,
  clearingAmount: "20",
  refundAmount: null,
  refunds: [],
  revocations: [],
  approvalCode: "123456",
  reference: "633400000001",
  intreference: null,
  card: { brand: "VISA", last4: "4440", expiry: "12/27" },
  cardToken: "token-1",
  failure: null,
  isTest: false,
};

const row = (paymentId: string | null, amount: string, status = "success"): StatusRow => ({ paymentId, amount, status });
const ROWS = [row("903", "-5.00")];

type Case = readonly [status: string, captured: boolean | null, autoClearing: boolean, becomes: string, cleared: boolean | undefined];

const CASES: readonly Case[] = [
  ["success", true, true, "success", true],
  ["success", true, false, "success", true],
  ["success", false, true, "approved", false],
  ["success", false, false, "approved", false],
  ["success", null, true, "success", undefined],
  ["success", null, false, "approved", undefined],
  ...["revoked", "refunded", "canceled"].flatMap((status): Case[] => [
    [status, false, true, "reversed", undefined],
    [status, false, false, "reversed", undefined],
    [status, true, false, "success", true],
    [status, null, true, "success", undefined],
    [status, null, false, "reversed", undefined],
  ]),
  ...["error", "failed", "rejected"].map((status): Case => [status, null, true, "error", undefined]),
  ...["pending", "process", "partial", "waiting"].flatMap((status): Case[] => [
    [status, null, true, "process", undefined],
    [status, true, true, "process", undefined],
  ]),
  // Those of a page that nobody paid on are kept apart.
  ...["new", "incomplete"].flatMap((status): Case[] => [
    [status, null, true, status, undefined],
    [status, true, true, status, undefined],
  ]),
];

test.each(CASES)("%s, captured %j, one step %j, with a refund is %s", (status, captured, autoClearing, becomes, cleared) => {
  const state = paymentStateOf({ ...PAYMENT, status, captured, refunds: ROWS }, { autoClearing });
  expect([state.status, state.clearing?.cleared, state.pg_payment_status]).toEqual([becomes, cleared, status]);
});

test.each(["approved", "reversed", "process_clearing", "waiting_3ds", "thinking", "Success", "constructor"])(
  "%s is not listed, so it becomes a status that v5 does not have either, and the word is kept",
  (status) => {
    const state = paymentStateOf({ ...PAYMENT, status }, { autoClearing: true });
    expect(meaningOf(status)).toBe("unknown");
    expect(isKnownStatus(state.status ?? "")).toBe(false);
    expect(state.status).toBe(`pg:${status}`);
    expect(state.clearing).toBeUndefined();
  },
);

describe("money that went back of a captured payment", () => {
  const back = (change: Partial<PaymentStatus>): ReturnType<typeof paymentStateOf> =>
    paymentStateOf({ ...PAYMENT, status: "refunded", ...change }, { autoClearing: true });

  test("is paid less its rows", () => {
    expect(back({ refunds: ROWS })).toMatchObject({
      status: "success",
      refund_payments: [{ id: "903", amount: "-5.00", status: "success" }],
    });
    expect(back({ refunds: ROWS }).reverse_payments).toBeUndefined();
  });

  test("is paid less its sum, where there are no rows", () => {
    expect(back({ refundAmount: "-5.00" })).toMatchObject({
      status: "success",
      refund_payments: [{ amount: -5, status: "success" }],
      refundedAmount: 500,
    });
  });

  test.each([null, "0", "0.00", "five"])("is not known if nothing says how much (%j)", (refundAmount) => {
    expect(back({ refundAmount })).toMatchObject({ status: "pg:refunded", refund_payments: undefined });
  });
});

test("what went back of a hold is a reversal, never a refund", () => {
  const state = paymentStateOf({ ...PAYMENT, status: "revoked", captured: false, refunds: ROWS }, { autoClearing: true });
  expect(state).toMatchObject({ status: "reversed", refund_payments: undefined, reverse_payments: [{ id: "903" }] });
});

test("rows of refunds and revocations count by their payment once; rows without one each count", () => {
  const state = paymentStateOf(
    {
      ...PAYMENT,
      refunds: [row("903", "-5"), row(null, "-1"), row(null, "-1")],
      revocations: [row("903", "-5"), row("904", "-2")],
      refundAmount: "-9",
    },
    { autoClearing: true },
  );
  expect(state.refund_payments?.map(({ id }) => id)).toEqual(["903", undefined, undefined, "904"]);
});

test.each([
  ["success", "success"],
  ["error", "error"],
  ["failed", "error"],
  ["rejected", "error"],
  ["process", "pending"],
  ["refunded", "pending"],
  ["thinking", "pending"],
])("a row that is %s is %s", (status, becomes) => {
  const state = paymentStateOf({ ...PAYMENT, refunds: [row("903", "-5", status)] }, { autoClearing: true });
  expect(state.refund_payments).toEqual([{ id: "903", amount: "-5", status: becomes }]);
});

test("a decline has its code, and its category by the codes of this API", () => {
  const decline = (code: string): PaymentStatus => ({
    ...PAYMENT,
    status: "failed",
    captured: null,
    failure: { code, description: "text" },
  });
  expect(paymentStateOf(decline("100091"), { autoClearing: true })).toMatchObject({
    status: "error",
    error: { code: "100091", description: "text" },
    failureCategory: "insufficient_funds",
  });
  expect(paymentStateOf({ ...decline("1"), failure: null }, { autoClearing: true })).toMatchObject({
    status: "error",
    error: undefined,
    failureCategory: "other",
  });
});

test("the state has every member that the reconciliation reads", () => {
  expect(paymentStateOf({ ...PAYMENT, intreference: "INT1", refundAmount: "-0" }, { autoClearing: true })).toEqual({
    id: "902",
    order_id: "1234",
    status: "success",
    amount: "20.00",
    currency: "KZT",
    from: { card: { brand: "VISA" } },
    clearing: { cleared: true, amount: "20" },
    additional: { approval_code: "123456", reference: "633400000001", intreference: "INT1" },
    refund_payments: undefined,
    reverse_payments: undefined,
    error: undefined,
    pg_payment_status: "success",
    // printf token-1 | sha256sum | cut -c1-32
    cardDigest: "3f08aace122ee2368432c1ca23a049bc",
    failureCategory: null,
    refundedAmount: 0,
    isTest: false,
  });
});

test("what the gateway leaves out is left out", () => {
  const nothing = {
    ...PAYMENT,
    orderId: null,
    amount: null,
    currency: null,
    clearingAmount: null,
    approvalCode: null,
    reference: null,
    card: { brand: null, last4: null, expiry: null },
  };
  const state = paymentStateOf(nothing, { autoClearing: true });
  expect(JSON.parse(JSON.stringify(state))).toEqual({
    id: "902",
    status: "success",
    clearing: { cleared: true },
    additional: {},
    pg_payment_status: "success",
    // printf token-1 | sha256sum | cut -c1-32
    cardDigest: "3f08aace122ee2368432c1ca23a049bc",
    failureCategory: null,
    refundedAmount: null,
    isTest: false,
  });
});

test("a payment that is not declined has no error, whatever code is beside it", () => {
  const state = paymentStateOf({ ...PAYMENT, failure: { code: "10009", description: null } }, { autoClearing: true });
  expect(state).toMatchObject({ status: "success", error: undefined, failureCategory: null });
});

test("no date and no card but its brand goes into the state", () => {
  const state = paymentStateOf(PAYMENT, { autoClearing: true });
  expect(state.created_at).toBeUndefined();
  expect(state.from).toEqual({ card: { brand: "VISA" } });
  expect(JSON.stringify(state)).not.toMatch(/4440|token-1|12\/27/);
});

test("an accepted charge is in process, whatever becomes of it", () => {
  expect(createdPaymentOf({ paymentId: "901", amount: "20", currency: "KZT", profileExpiryDate: null })).toEqual({
    id: "901",
    status: "process",
    amount: "20",
  });
});

test("an accepted operation is of the payment of its call, and names no row", () => {
  const accepted = { amount: "20", clearingAmount: "10" };
  expect(editedPaymentOf("clearing", "901", accepted)).toEqual({ id: "901", status: "process_clearing", clearing: { amount: "10" } });
  for (const operation of ["reverse", "refund"] as const) expect(editedPaymentOf(operation, "901", accepted)).toEqual({ id: "901" });
});
