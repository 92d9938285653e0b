/** The answer to a callback, from storage alone (M7). Pure. */
import { toMinorUnits } from "../../../src/money.ts";
import { CAPABILITIES } from "../capabilities.ts";
import type { Notice } from "../event.ts";
import type { Page, ProfileOffer } from "../page-record.ts";
import type { Attempt, ChargeRecord } from "../record.ts";
import { isSameId } from "../record.ts";
import { currentAttempt } from "../view.ts";

/** The content of a callback. A member that is absent or empty is null. */
export interface CallbackContent {
  readonly orderId: string | null;
  readonly paymentId: string | null;
  /** Major units, as received. */
  readonly amount: string | number | null;
  readonly currency: string | null;
}

/** A callback with a verified ticket. */
export interface ReceivedCallback {
  readonly kind: "check" | "result";
  readonly ticket: string;
  readonly content: CallbackContent;
  /** Whether it is a notification of the Merchant API that verifies. Absent: no. */
  readonly isVerified?: boolean;
  /** Whether it verifies, came by POST, and says that its payment is a test. Absent: no. */
  readonly isTest?: boolean;
  /** Whether it verifies and came by GET. Absent: no. */
  readonly isByGet?: boolean;
  /** Whether it is a verified result of a payment that failed. Absent: no. */
  readonly isFailed?: boolean;
  /** Whether it is a verified result, by POST, of a payment that is paid or held. Absent: no. */
  readonly isPaid?: boolean;
  /** The profile that a verified result names, with the gateway's own number. Absent or null: none. */
  readonly profile?: ProfileOffer | null;
}

/**
 * The answer to a callback.
 *
 * 1. A result is always `ok`, in every state, for repeats, and for an unknown attempt. With `pg_can_reject=1` the gateway would give the
 *    money back for any other answer, while the charge still shows `succeeded`.
 * 2. A check is `ok` while its attempt is undecided and nothing in the callback contradicts it.
 * 3. A check of the Merchant API moreover has to verify, and its attempt has to be the one that the order is shown by, on an order that is
 *    not closed: it is the last moment at which a payment can be stopped (P6).
 * 4. A check of a page moreover has to name its number and amount, and the page must not have given way. Once a verified result says that a
 *    try is paid, no other try may pay.
 * 5. Any other check is `rejected`.
 */
export function answerToCallback(
  record: ChargeRecord | null,
  { kind, ticket, content, isVerified = false }: ReceivedCallback,
): "ok" | "rejected" {
  if (kind === "result") return "ok";
  const attempt = record?.attempts.find((one) => one.ticket === ticket);
  if (record === null || attempt?.state !== "undecided" || contradicts(attempt, content)) return "rejected";
  if (!CAPABILITIES[attempt.api].signsCallbacks) return "ok";
  if (attempt.page !== null && !(isNamed(content) && mayPayOn(attempt.page, content))) return "rejected";
  return isVerified && mayTakeMoney(record, attempt) ? "ok" : "rejected";
}

/**
 * What a callback says of the page of its attempt, once it is stored. Null for one that does not verify, that contradicts its attempt, or
 * that does not name its number and amount.
 */
export function noticeOf(
  record: ChargeRecord,
  { kind, ticket, content, isVerified = false, isByGet = false, isFailed = false, isPaid = false }: ReceivedCallback,
  { answer, offer }: { readonly answer: "ok" | "rejected"; readonly offer: ProfileOffer | null },
): Notice | null {
  const attempt = record.attempts.find((one) => one.ticket === ticket);
  if (!isVerified || attempt === undefined || contradicts(attempt, content) || !isNamed(content)) return null;
  const holds = kind === "check" ? answer === "ok" : !isFailed;
  return { paymentId: content.paymentId, holds, isPaid, offer, isByGet };
}

/** Whether a try may pay, as far as results say: none says that another one is paid. */
function mayPayOn({ saidPaidId }: Page, { paymentId }: CallbackContent): boolean {
  return saidPaidId === null || isSameId(paymentId, saidPaidId);
}

function isNamed({ orderId, amount }: CallbackContent): boolean {
  return orderId !== null && amount !== null;
}

/** Whether a callback says that the payment of its attempt is a test (P12). One that contradicts its attempt says nothing. */
export function saysTest(record: ChargeRecord, { ticket, content, isTest = false }: ReceivedCallback): boolean {
  const attempt = record.attempts.find((one) => one.ticket === ticket);
  return isTest && attempt !== undefined && CAPABILITIES[attempt.api].signsCallbacks && !contradicts(attempt, content);
}

/** Whether this attempt is the only one of the order that may take money now, and nothing of it is in doubt. */
function mayTakeMoney(record: ChargeRecord, attempt: Attempt): boolean {
  const isAlone = record.attempts.every((other) => other === attempt || other.state !== "undecided" || other.sends.length === 0);
  // A verified result said that another page was paid, and no read has shown it yet.
  const isPaidBefore = record.attempts.some((other) => other !== attempt && (other.page?.saidPaidId ?? null) !== null);
  if (record.closedAt !== null || currentAttempt(record) !== attempt || !isAlone || isPaidBefore) return false;
  return attempt.page === null || (attempt.sends.length > 0 && attempt.mismatch === null && !attempt.page.hasGivenWay);
}

function contradicts(attempt: Attempt, content: CallbackContent): boolean {
  return (
    (content.orderId !== null && content.orderId !== attempt.gatewayOrderId) ||
    // A try on a page may have an id of its own.
    (attempt.page === null &&
      content.paymentId !== null &&
      attempt.paymentId !== null &&
      !isSameId(content.paymentId, attempt.paymentId)) ||
    (content.amount !== null && toMinorUnits(content.amount) !== attempt.terms.amount) ||
    (content.currency !== null && content.currency !== attempt.terms.currency)
  );
}
