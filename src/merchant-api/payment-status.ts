/**
 * The Merchant API's answers in the vocabulary of the v5 API, which the reconciliation speaks: created payment, payment state, edited
 * payment (docs/merchant-api.md, "Status"). Pure.
 */
import type { DeclineCategory } from "../decline.ts";
import { toMajorUnits, toMinorUnits } from "../money.ts";
import type { CreatedPayment, EditedPayment, PaymentRow, PaymentState } from "../payment-answer.ts";
import type { AcceptedCharge, AcceptedOperation, PaymentStatus, StatusRow } from "./answers.ts";
import { cardDigest } from "./card-digest.ts";
import { merchantCategoryOf } from "./refusal.ts";

/** What a status means. `returned`: money went back, or a hold was released. `unknown`: a status that is not listed. */
export type StatusMeaning = "succeeded" | "returned" | "declined" | "undecided" | "unknown";

const MEANINGS: ReadonlyMap<string, StatusMeaning> = new Map<string, StatusMeaning>([
  ["success", "succeeded"],
  ["revoked", "returned"],
  ["refunded", "returned"],
  ["canceled", "returned"],
  ["error", "declined"],
  ["failed", "declined"],
  ["rejected", "declined"],
  ["new", "undecided"],
  ["pending", "undecided"],
  ["process", "undecided"],
  ["partial", "undecided"],
  ["waiting", "undecided"],
  ["incomplete", "undecided"],
]);

/** What a `pg_payment_status` means. */
export function meaningOf(status: string): StatusMeaning {
  return MEANINGS.get(status) ?? "unknown";
}

/** A payment state with the members that only the Merchant API has. */
export interface MerchantPaymentState extends PaymentState {
  readonly id: string;
  /** The gateway's status, unchanged: `new` and `incomplete` end a page, and `status` does not tell them from `process`. */
  readonly pg_payment_status: string;
  /** A digest of the card's token; null without one. */
  readonly cardDigest: string | null;
  /** Of a declined payment: why, by the codes of this API. */
  readonly failureCategory: DeclineCategory | null;
  /** The sum of the refunds by `pg_refund_amount`, in minor units. Null if it is absent or no amount. */
  readonly refundedAmount: number | null;
  readonly isTest: boolean;
}

/** What the status of a payment is read with. */
export interface StatusTerms {
  /** Whether the charge has one step. It counts where the gateway does not say whether a payment is captured. */
  readonly autoClearing: boolean;
}

/**
 * The state of a payment, in the statuses of v5.
 *
 * 1. `success`: paid if captured, else held (`approved`).
 * 2. `revoked`, `refunded`, `canceled`: `reversed` if not captured. If captured the payment is `success` less its refunds, and without
 *    any refund to read it is not known what is left of it: an unknown status.
 * 3. A status that is not listed becomes one that v5 does not have, also where v5 has a status of that name.
 *
 * There is no `created_at`: times have no offset, and a number of an order is used once.
 */
export function paymentStateOf(payment: PaymentStatus, { autoClearing }: StatusTerms): MerchantPaymentState {
  const isCaptured = payment.captured ?? autoClearing;
  const rows = rowsOf(payment);
  const status = statusOf(payment, isCaptured, rows);
  const { failure } = payment;
  const isDeclined = status === "error";
  return {
    id: payment.paymentId,
    order_id: payment.orderId ?? undefined,
    status,
    amount: payment.amount ?? undefined,
    currency: payment.currency ?? undefined,
    from: payment.card.brand === null ? undefined : { card: { brand: payment.card.brand } },
    clearing: clearingOf(payment, status),
    additional: {
      approval_code: payment.approvalCode ?? undefined,
      reference: payment.reference ?? undefined,
      intreference: payment.intreference ?? undefined,
    },
    refund_payments: isCaptured ? rows : undefined,
    reverse_payments: isCaptured ? undefined : rows,
    error: isDeclined && failure !== null ? { code: failure.code, description: failure.description ?? undefined } : undefined,
    pg_payment_status: payment.status,
    cardDigest: payment.cardToken === null ? null : cardDigest(payment.cardToken),
    failureCategory: isDeclined ? merchantCategoryOf("create", failure?.code ?? "") : null,
    refundedAmount: refundedAmountOf(payment),
    isTest: payment.isTest,
  };
}

function statusOf(payment: PaymentStatus, isCaptured: boolean, rows: readonly PaymentRow[] | undefined): string {
  switch (meaningOf(payment.status)) {
    case "succeeded":
      return isCaptured ? "success" : "approved";
    case "returned":
      if (!isCaptured) return "reversed";
      return rows === undefined ? unknownStatus(payment.status) : "success";
    case "declined":
      return "error";
    case "undecided":
      return payment.status === "new" || payment.status === "incomplete" ? payment.status : "process";
    case "unknown":
      return unknownStatus(payment.status);
  }
}

/** A status that v5 does not have: no status of v5 has a colon. */
function unknownStatus(status: string): string {
  return `pg:${status}`;
}

/** Only money that was taken or held has a clearing. The gateway writes an amount also where it means none. */
function clearingOf({ captured, clearingAmount }: PaymentStatus, status: string): PaymentState["clearing"] {
  if (captured === null || (status !== "success" && status !== "approved")) return undefined;
  return captured ? { cleared: true, amount: clearingAmount ?? undefined } : { cleared: false };
}

/** The refunds and revocations, each payment id once. Without any, the sum counts as one row. Undefined: none. */
function rowsOf(payment: PaymentStatus): readonly PaymentRow[] | undefined {
  const seen = new Set<string>();
  const listed = [...payment.refunds, ...payment.revocations].filter(({ paymentId }) => {
    if (paymentId === null) return true;
    const isNew = !seen.has(paymentId);
    seen.add(paymentId);
    return isNew;
  });
  if (listed.length > 0) return listed.map(rowOf);
  const refunded = refundedAmountOf(payment);
  return refunded === null || refunded === 0 ? undefined : [{ amount: toMajorUnits(-refunded), status: "success" }];
}

function rowOf({ paymentId, amount, status }: StatusRow): PaymentRow {
  const meaning = meaningOf(status ?? "");
  const state = meaning === "declined" ? "error" : meaning === "succeeded" ? "success" : "pending";
  return { id: paymentId ?? undefined, amount: amount ?? undefined, status: state };
}

function refundedAmountOf({ refundAmount }: PaymentStatus): number | null {
  const minor = toMinorUnits(refundAmount);
  return minor === null ? null : Math.abs(minor);
}

/** An accepted charge as a created payment: in process, whatever becomes of it. */
export function createdPaymentOf({ paymentId, amount }: AcceptedCharge): CreatedPayment {
  return { id: paymentId, status: "process", amount: amount ?? undefined };
}

/** The operations as v5 names them. */
export type MerchantOperation = "clearing" | "reverse" | "refund";

/**
 * An accepted operation as an edited payment.
 *
 * @param paymentId The payment of the call, because the answer names none. It names no row either.
 */
export function editedPaymentOf(operation: MerchantOperation, paymentId: string, answer: AcceptedOperation): EditedPayment {
  if (operation !== "clearing") return { id: paymentId };
  return { id: paymentId, status: "process_clearing", clearing: { amount: answer.clearingAmount ?? undefined } };
}
