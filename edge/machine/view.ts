/** The shopper's and the merchant's view of a record. Pure. Amounts are in major units, times in ISO 8601. */
import type { Charge } from "../../src/charge-token.ts";
import { retryAdvice } from "../../src/decline.ts";
import type { AttemptView, ChargeStatus, ChargeView, MerchantChargeView, OperationView, SendView } from "../../src/edge-api.ts";
import { toMajorUnits } from "../../src/money.ts";
import type { Attempt, ChargeRecord, FailedBy, Operation, Send } from "./record.ts";
import { isProvisional, shownPage } from "./page.ts";
import { isSameId, sameTerms } from "./record.ts";
import { termsOf } from "./attempt.ts";
import { refundedOf, holdsMoney } from "./reconcile.ts";

/** Statuses of a payment that the gateway accepted. Until a read decides, the charge is `processing`. */
const ACCEPTED_STATUSES: ReadonlySet<string> = new Set(["process", "waiting_3ds", "process_clearing", "approved", "success"]);

const STATUS_OF_STATE = {
  held: "authorized",
  paid: "succeeded",
  failed: "failed",
  reversed: "reversed",
  refunded: "refunded",
} as const;

/**
 * The attempt that the order's status comes from: the first that took or holds money, else the first whose money went back, else the
 * last undecided one, else the last one.
 */
export function currentAttempt(record: ChargeRecord): Attempt | null {
  const { attempts } = record;
  return (
    attempts.find(holdsMoney) ??
    attempts.findLast((attempt) => attempt.state === "reversed" || attempt.state === "refunded") ??
    attempts.findLast((attempt) => attempt.state === "undecided") ??
    attempts.at(-1) ??
    null
  );
}

/** The status of the order (design: the table of statuses). */
export function statusOf(record: ChargeRecord): ChargeStatus {
  const attempt = currentAttempt(record);
  const closed = record.closedAt !== null;
  if (attempt === null) return closed ? "closed" : "ready";
  if (attempt.state === "undecided") return isUnconfirmed(attempt) ? "unconfirmed" : "processing";
  return closed && attempt.state === "failed" ? "closed" : STATUS_OF_STATE[attempt.state];
}

/** Whether an undecided attempt is `unconfirmed`: its answer was lost, or contradicts the terms. */
function isUnconfirmed(attempt: Attempt): boolean {
  if (attempt.mismatch !== null) return true;
  // A page is open, or is being checked: its shopper waits for nothing that was lost.
  if (attempt.page !== null) return false;
  if (attempt.gatewayStatus !== null && ACCEPTED_STATUSES.has(attempt.gatewayStatus)) return false;
  return attempt.sends.some((send) => send.endedAt !== null && !send.superseded);
}

function iso(at: number): string;
function iso(at: number | null): string | null;
function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

/** After these failures a new attempt may follow at once: nothing was sent, the gateway saw nothing, or nobody could pay. */
const PROVEN_UNTAKEN: ReadonlySet<string> = new Set<FailedBy>(["silence", "never_sent", "no_page"]);

function failureOf(attempt: Attempt): ChargeView["failure"] {
  if (attempt.failure === null) return null;
  const { by, category } = attempt.failure;
  return { category, retry: retryAdvice(category, PROVEN_UNTAKEN.has(by)) };
}

function needsOf({ state, gatewayStatus, page }: Attempt): ChargeView["needs"] {
  if (state !== "undecided") return null;
  if (page !== null && page.openedAt !== null) return "payment_page";
  return gatewayStatus === "waiting_3ds" ? "bank_confirmation" : null;
}

/** The open page. Nobody gets the address of a page under other terms: it may save a card against the shopper's will (P5). */
function pageView(record: ChargeRecord, attempt: Attempt, requested: Charge | null): ChargeView["payment_page"] {
  const shown = shownPage(record, attempt);
  if (shown === null || (requested !== null && !sameTerms(termsOf(requested), attempt.terms))) return null;
  const { url, expiresAt, lastDecline } = shown;
  const last_failure = lastDecline === null ? null : { category: lastDecline.category, retry: retryAdvice(lastDecline.category, false) };
  return { url, expires_at: iso(expiresAt), last_failure };
}

/**
 * The charge as the shopper's page sees it.
 * @param requested the charge of the token, shown for an order without an attempt; null for the merchant
 */
export function chargeView(record: ChargeRecord, requested: Charge | null): ChargeView {
  const attempt = currentAttempt(record);
  const status = statusOf(record);
  const ledger = attempt?.ledger ?? null;
  return {
    order_id: record.orderId,
    amount: attempt === null ? (requested?.amount ?? null) : toMajorUnits(attempt.terms.amount),
    currency: attempt?.terms.currency ?? requested?.currency ?? null,
    description: (attempt === null || record.redactedAt !== null ? null : attempt.description) ?? requested?.description ?? null,
    card: attempt === null ? (requested?.card ?? null) : attempt.card,
    status,
    needs: attempt === null ? null : needsOf(attempt),
    payment_page: attempt === null ? null : pageView(record, attempt, requested),
    attempt: record.attempts.length,
    failure: status === "failed" && attempt !== null ? failureOf(attempt) : null,
    payment_id: attempt?.paymentId ?? attempt?.page?.shownTryId ?? null,
    cleared_amount: ledger?.cleared === true ? toMajorUnits(ledger.clearedAmount ?? 0) : 0,
    // Of a payment that is not decided yet, refunds may be read already. Nothing of it is cleared.
    refunded_amount: ledger?.cleared === true ? toMajorUnits(refundedOf(ledger)) : 0,
    updated_at: iso(record.updatedAt),
  };
}

function sendView(send: Send): SendView {
  return {
    at: iso(send.at),
    request_id: send.requestId,
    ended: send.end?.how ?? null,
    http_status: send.end?.httpStatus ?? null,
    word: send.end?.gatewayStatus ?? null,
    code: send.end?.code ?? null,
    description: send.end?.description ?? null,
  };
}

function attemptView(attempt: Attempt): AttemptView {
  const { terms, failure } = attempt;
  return {
    number: attempt.number,
    api: attempt.api,
    gateway_order_id: attempt.gatewayOrderId,
    request_id: attempt.requestId,
    caller: attempt.caller,
    pay_with: terms.pay_with,
    profile_id: terms.pay_with === "profile" ? terms.profile_id : null,
    user_id: terms.user_id,
    amount: toMajorUnits(terms.amount),
    currency: terms.currency,
    auto_clearing: terms.auto_clearing,
    state: attempt.state,
    failure:
      failure === null
        ? null
        : {
            category: failure.category,
            code: failure.code,
            description: failure.description,
            sent: attempt.sends.length > 0,
            provisional: isProvisional(attempt),
          },
    payment_id: attempt.paymentId ?? attempt.page?.shownTryId ?? null,
    word: attempt.gatewayStatus,
    sends: attempt.sends.map(sendView),
    claimed_at: iso(attempt.createdAt),
    taken_at: iso(attempt.takenAt),
    decided_at: iso(attempt.decidedAt),
  };
}

/** The code is shown only while nobody else may have paid on the page: else the browser that has it may not be the payer's (P7). */
function profileView({ page, paymentId }: Attempt): MerchantChargeView["profile"] {
  if (page === null || page.profile === null) return null;
  const { profileId, expiresAt, brand, last4 } = page.profile;
  const isAlone = page.tries.every(({ id, said }) => isSameId(id, paymentId) || said === "unpaid" || said === "absent");
  return { profile_id: profileId, expires_at: iso(expiresAt), card: { brand, last4 }, return_code: isAlone ? page.returnCode : null };
}

function operationView(operation: Operation): OperationView {
  const { number, kind, attempt, amount, state, refusal, requestId, sends, createdAt, decidedAt } = operation;
  return {
    number,
    kind,
    attempt,
    amount: amount === null ? null : toMajorUnits(amount),
    state,
    refusal: refusal === null ? null : { code: refusal.code, gateway_code: refusal.gatewayCode, description: refusal.description },
    request_id: requestId,
    sends: sends.map(sendView),
    claimed_at: iso(createdAt),
    decided_at: iso(decidedAt),
  };
}

/** The merchant's view: everything but the exact bytes, the ticket and the payer's address. */
export function merchantChargeView(record: ChargeRecord): MerchantChargeView {
  const attempt = currentAttempt(record);
  const ledger = attempt?.ledger ?? null;
  return {
    ...chargeView(record, null),
    user_id: attempt?.terms.user_id ?? null,
    pay_with: attempt?.terms.pay_with ?? null,
    profile_id: attempt?.terms.pay_with === "profile" ? attempt.terms.profile_id : null,
    auto_clearing: attempt?.terms.auto_clearing ?? null,
    closed: record.closedAt !== null,
    approval_code: ledger?.approvalCode ?? null,
    reference: ledger?.reference ?? null,
    intreference: ledger?.intreference ?? null,
    brand: ledger?.brand ?? null,
    profile_expiry_date: ledger?.profileExpiryDate ?? null,
    profile: attempt === null ? null : profileView(attempt),
    test: attempt?.isTest ?? false,
    attempts: record.attempts.map(attemptView),
    operations: record.operations.map(operationView),
    resolutions: record.resolutions.map(({ at, paymentId, note, state }) => ({ at: iso(at), payment_id: paymentId, note, state })),
    attention: record.attention.map(({ at, reason, attempt: number, operation, detail }) => ({
      at: iso(at),
      reason,
      attempt: number,
      operation,
      detail,
    })),
    sequence: record.sequence,
  };
}
