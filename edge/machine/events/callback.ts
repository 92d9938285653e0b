/** The answer to a callback, from storage alone (M7). Pure. */
import { toMinorUnits } from "../../../src/money.ts";
import { CAPABILITIES } from "../capabilities.ts";
import type { Attempt, ChargeRecord } from "../record.ts";
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
}

/**
 * The answer to a callback.
 *
 * 1. A result is always `ok`, in every state, for repeats, and for an unknown attempt. With `pg_can_reject=1` the gateway would give the
 *    money back for any other answer, while the charge still shows `succeeded`.
 * 2. A check is `ok` while its attempt is undecided and nothing in the callback contradicts it.
 * 3. A check of the Merchant API moreover has to verify, and its attempt has to be the one that the order is shown by, on an order that is
 *    not closed: it is the last moment at which a payment can be stopped (P6).
 * 4. Any other check is `rejected`.
 */
export function answerToCallback(
  record: ChargeRecord | null,
  { kind, ticket, content, isVerified = false }: ReceivedCallback,
): "ok" | "rejected" {
  if (kind === "result") return "ok";
  const attempt = record?.attempts.find((one) => one.ticket === ticket);
  if (record === null || attempt?.state !== "undecided" || contradicts(attempt, content)) return "rejected";
  return CAPABILITIES[attempt.api].signsCallbacks && !(isVerified && mayTakeMoney(record, attempt)) ? "rejected" : "ok";
}

/** Whether a callback says that the payment of its attempt is a test (P12). One that contradicts its attempt says nothing. */
export function saysTest(record: ChargeRecord, { ticket, content, isTest = false }: ReceivedCallback): boolean {
  const attempt = record.attempts.find((one) => one.ticket === ticket);
  return isTest && attempt !== undefined && CAPABILITIES[attempt.api].signsCallbacks && !contradicts(attempt, content);
}

/** Whether this attempt is the only one of the order that may take money now. */
function mayTakeMoney(record: ChargeRecord, attempt: Attempt): boolean {
  return record.closedAt === null && currentAttempt(record) === attempt;
}

function contradicts(attempt: Attempt, content: CallbackContent): boolean {
  return (
    (content.orderId !== null && content.orderId !== attempt.gatewayOrderId) ||
    // A UUID may be written in either case.
    (content.paymentId !== null && attempt.paymentId !== null && content.paymentId.toLowerCase() !== attempt.paymentId.toLowerCase()) ||
    (content.amount !== null && toMinorUnits(content.amount) !== attempt.terms.amount) ||
    (content.currency !== null && content.currency !== attempt.terms.currency)
  );
}
