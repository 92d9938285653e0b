/**
 * Applies a read of a payment to an order (M3, M5 and M6): which attempt owns the payment, whether the two match, and what the
 * payment's status decides. The functions change the record they are given; it is the copy that transition.ts made.
 */
import { isFailureCategory } from "../../src/decline.ts";
import type { AttentionReason } from "../../src/edge-api.ts";
import { gatewayTime } from "../../src/lib/gateway-time.ts";
import { categoryOf } from "../../src/decline.ts";
import { MAX_AMOUNT, toMajorUnits, toMinorUnits } from "../../src/money.ts";
import type { PaymentState } from "../../src/payment.ts";
import { decide, reopen } from "./attempt.ts";
import { CAPABILITIES } from "./capabilities.ts";
import type { ReadPayment } from "./gateway-call.ts";
import { firstSendAt } from "./pending-call.ts";
import { noteTry } from "./page.ts";
import type { Page } from "./page-record.ts";
import { applyTry, isTry } from "./page-try.ts";
import { CLEARING_POLL, MAX_PAYMENT_AGE } from "./schedule.ts";
import type { Attempt, AttemptState, ChargeRecord, FailedBy, Failure, Ledger, LedgerRow, Mismatch } from "./record.ts";
import { isSameId, storedPaymentId, storedText, storedCode } from "./record.ts";
import { redactedLedger } from "./redaction.ts";

/** How a payment and an attempt differ; null if the payment can be the attempt's (M6). */
export function mismatchOf(attempt: Attempt, payment: PaymentState): Exclude<Mismatch, "unknown_word"> | null {
  if (payment.order_id !== attempt.gatewayOrderId) return "terms_differ";
  if (attempt.paymentId !== null && payment.id !== undefined && !isSameId(payment.id, attempt.paymentId)) return "terms_differ";
  if (attempt.assignedByOperator) return null;
  if (contradictionOf(attempt, payment) !== null) return "terms_differ";
  const amount = toMinorUnits(payment.amount);
  const isAmount = amount !== null && (amount === attempt.terms.amount || amount === partlyCleared(attempt, payment));
  // A decline took nothing, nor did a page on which nobody has paid, so their amount may be absent or 0.
  const needsNone = TAKES_NOTHING.has(payment.status) && (payment.amount === undefined || amount === 0);
  if (!isAmount && !needsNone) return "amount_differs";
  const createdAt = gatewayTime(payment.created_at);
  if (Number.isNaN(createdAt)) return attempt.mismatch === "old_payment" ? "old_payment" : null;
  return createdAt < firstSendAt(attempt) - MAX_PAYMENT_AGE ? "old_payment" : null;
}

/** Statuses of a payment that took nothing. */
const TAKES_NOTHING: ReadonlySet<string | undefined> = new Set(["error", "new", "incomplete"]);

/** The term that a payment contradicts. A read without that member keeps the contradiction of an earlier read. */
function contradictionOf({ terms, contradicted }: Attempt, { currency, from }: PaymentState): Attempt["contradicted"] {
  const profileId = from?.recurrent?.profile_id;
  if (currency === undefined ? contradicted === "currency" : currency !== terms.currency) return "currency";
  // A redacted attempt has no profile to compare with.
  if (terms.profile_id === "") return null;
  return (profileId === undefined ? contradicted === "profile" : profileId !== terms.profile_id) ? "profile" : null;
}

/** The cleared part of a hold, because a read may show that as the payment's amount. */
function partlyCleared(attempt: Attempt, payment: PaymentState): number | null {
  return holdsMoney(attempt) ? clearedBy(attempt, payment) : null;
}

/**
 * The cleared amount of a read. Null without one, and for an impossible one: 0 (the gateway writes 0 for an absent amount), a negative
 * one, or more than the attempt's.
 */
function clearedBy(attempt: Attempt, payment: PaymentState): number | null {
  if (payment.clearing?.cleared !== true) return null;
  const cleared = plausibleAmount(payment.clearing.amount);
  return cleared !== null && cleared > 0 && (attempt.assignedByOperator || cleared <= attempt.terms.amount) ? cleared : null;
}

/** The minor units of an amount; null for one that no payment or row can have. */
function plausibleAmount(amount: unknown): number | null {
  const minor = toMinorUnits(amount);
  return minor !== null && Math.abs(minor) <= MAX_AMOUNT * 100 ? minor : null;
}

/** States in which the attempt's payment took or held money, by a read. */
const OWNING_STATES: ReadonlySet<AttemptState> = new Set(["held", "paid", "reversed", "refunded"]);

/** Failures in which the gateway answered that it made no payment. */
const REFUSED_BY: ReadonlySet<FailedBy> = new Set(["refusal", "unauthorized"]);

/**
 * The attempt that owns a payment (M6), by the first of these rules that applies. Null: nobody.
 *
 * 1. The attempt that an earlier read matched to this payment id, or that an operator assigned it to, if the terms still match. An
 *    operator's assignment leaves only the order_id to match.
 * 2. Nobody, if that attempt was decided by the payment and the terms do not match any more.
 * 3. Nobody, if an attempt's own create answered with this payment id and its amount, and this read has another amount.
 * 4. The attempt whose page was opened under this order_id and whose terms match: a page is not opened under a used one (P4).
 * 5. The earliest attempt whose terms match. It must have sent something or be the polled one, and the gateway must not have refused it.
 * 6. The earliest matching attempt that the gateway refused, if no attempt has this payment id.
 */
export function ownerOf(record: ChargeRecord, polled: Attempt, payment: PaymentState): Attempt | null {
  // An attempt gets its ledger from the first read that matched it.
  const known = record.attempts.find(
    ({ paymentId, ledger, assignedByOperator }) => (ledger !== null || assignedByOperator) && isSameId(paymentId, payment.id),
  );
  const isKnowns = known !== undefined && mismatchOf(known, payment) === null;
  if (isKnowns) return known;
  if (known !== undefined && OWNING_STATES.has(known.state)) return null;
  const confirmed = record.attempts.find(({ paymentId, amountConfirmed }) => amountConfirmed && isSameId(paymentId, payment.id));
  if (confirmed !== undefined && mismatchOf(confirmed, payment) === "amount_differs") return null;
  const opened = record.attempts.find((attempt) => attempt.page?.openedAt != null && mismatchOf(attempt, payment) === null);
  if (opened !== undefined) return opened;
  const candidates = record.attempts.filter((attempt) => attempt === polled || attempt.sends.length > 0);
  const matching = candidates.filter((attempt) => mismatchOf(attempt, payment) === null);
  const isNamed = record.attempts.some(({ paymentId }) => isSameId(paymentId, payment.id));
  return matching.find(({ failure }) => failure === null || !REFUSED_BY.has(failure.by)) ?? (isNamed ? null : (matching[0] ?? null));
}

/** Raises attention in the transition that calls. */
export type RaiseAttention = (reason: AttentionReason, attempt: Attempt, detail: string | null) => void;

/**
 * Applies a read of a payment.
 * @param polled the attempt that the read was for
 * @returns false if the payment counts as absent: a decline that is older than the attempt (M6)
 */
export function applyPaymentRead(record: ChargeRecord, polled: Attempt, payment: ReadPayment, now: number, raise: RaiseAttention): boolean {
  const owner = ownerOf(record, polled, payment);
  if (owner === null) {
    const why = mismatchOf(polled, payment) ?? "terms_differ";
    if (why === "old_payment" && payment.status === "error") return false;
    polled.knownToGateway = true;
    polled.contradicted = contradictionOf(polled, payment);
    if (polled.state === "undecided") {
      polled.mismatch = why;
      if (polled.page !== null) noteMismatch(polled.page, payment);
    }
    raise(why, polled, storedPaymentId(payment.id));
    return true;
  }
  const before = owner.state;
  owner.knownToGateway = true;
  owner.contradicted = null;
  // Whatever the tries of a page come to, only its end decides it (P5).
  if (owner.page !== null && owner.paymentId === null && isTry(payment)) {
    if (payment.isTest === true) markAsTest(owner, raise);
    applyTry(owner, owner.page, payment, { now, startedAt: owner.lastPollStartedAt ?? now, raise });
    return true;
  }
  const paymentId = storedPaymentId(payment.id);
  if (paymentId !== null) {
    for (const attempt of record.attempts) {
      if (attempt === owner || !isSameId(attempt.paymentId, paymentId)) continue;
      attempt.paymentId = null;
      attempt.amountConfirmed = false;
    }
    owner.paymentId = paymentId;
  }
  applyGatewayStatus(owner, payment, now, raise);
  if (owner.page !== null && owner.terms.save_card_months !== null) owner.page.cardDigest = payment.cardDigest ?? owner.page.cardDigest;
  if (payment.isTest === true) markAsTest(owner, raise);
  const ledger = ledgerOf(owner, payment, now);
  owner.ledger = record.redactedAt === null ? ledger : redactedLedger(ledger);
  applyLedger(owner, now);
  // A hold can be cleared in part, also in the cabinet. A read without the cleared amount is repeated.
  if (before === "held" && owner.state === "paid" && clearedBy(owner, payment) === null) owner.nextPollAt = now + CLEARING_POLL;
  if (owner.state !== before || owner !== polled) {
    endOthersUnder(record, owner, now);
    if (holdsMoney(owner) && record.attempts.some((other) => other !== owner && holdsMoney(other))) {
      raise("second_payment", owner, owner.paymentId);
    }
  }
  return true;
}

/** The payment that contradicts a page is read by its id from now on: the number may show another one next time. */
function noteMismatch(page: Page, { id }: ReadPayment): void {
  page.mismatchTryId = storedPaymentId(id);
  noteTry(page, id);
}

/** The gateway says that this payment moves no money (P12). It stays so: a read or a notification without that word does not clear it. */
export function markAsTest(attempt: Attempt, raise: RaiseAttention): void {
  if (attempt.isTest) return;
  attempt.isTest = true;
  raise("test_payment", attempt, attempt.paymentId);
}

/** Whether this attempt took money or holds it. */
export function holdsMoney(attempt: Attempt): boolean {
  return attempt.state === "held" || attempt.state === "paid";
}

/** The state that a payment's status leads to; null for a status that is not known. */
function stateOfStatus(attempt: Attempt, payment: PaymentState): Exclude<AttemptState, "refunded"> | null {
  switch (payment.status) {
    case "process":
    case "waiting_3ds":
    case "process_clearing":
    case "new":
    case "incomplete":
      return "undecided";
    case "approved":
      return "held";
    case "success":
      return attempt.terms.auto_clearing || payment.clearing?.cleared === true ? "paid" : "held";
    case "reversed":
      return "reversed";
    case "error":
      return "failed";
    default:
      return null;
  }
}

/** The states that a read may lead to from each state. Any other change is a lagging read, or a status that went back: it is not applied. */
const NEXT_STATES: Readonly<Record<AttemptState, readonly AttemptState[]>> = {
  undecided: ["held", "paid", "reversed", "failed"],
  failed: ["undecided", "held", "paid", "reversed"],
  held: ["paid", "reversed"],
  paid: ["reversed"],
  reversed: [],
  refunded: [],
};

function applyGatewayStatus(attempt: Attempt, payment: ReadPayment, now: number, raise: RaiseAttention): void {
  const state = stateOfStatus(attempt, payment);
  if (state === null) {
    // There is a payment, so the attempt was seen. Its status is not known.
    if (attempt.failure?.by === "silence") reopen(attempt, now);
    if (attempt.state !== "undecided") return;
    attempt.gatewayStatus = storedCode(payment.status);
    attempt.mismatch = "unknown_word";
    raise("unknown_word", attempt, attempt.gatewayStatus);
    return;
  }
  if (state === attempt.state) {
    attempt.gatewayStatus = storedCode(payment.status);
    attempt.mismatch = null;
    if (state === "failed" && attempt.failure?.by !== "payment") decide(attempt, state, now, declinedBy(payment));
  } else if (!NEXT_STATES[attempt.state].includes(state) || (state === "undecided" && attempt.failure?.by === "payment")) {
    if (state === "failed") raise("status_went_back", attempt, storedCode(payment.status));
    return;
  } else if (state === "undecided") {
    attempt.gatewayStatus = storedCode(payment.status);
    reopen(attempt, now);
  } else {
    attempt.gatewayStatus = storedCode(payment.status);
    decide(attempt, state, now, state === "failed" ? declinedBy(payment) : null);
  }
  if (payment.status === "waiting_3ds") raise("bank_confirmation", attempt, null);
}

/**
 * The failure of a payment with status error. The Merchant API's list of codes is its own (P2.2). A code that the contract does not list
 * counts as a decline here (M4).
 */
export function declinedBy(payment: Partial<Pick<ReadPayment, "error" | "failureCategory">>): Failure {
  const code = storedCode(payment.error?.code);
  const category = payment.failureCategory ?? (code === null ? "other" : categoryOf("create", code));
  return {
    by: "payment",
    category: isFailureCategory(category) ? category : "declined",
    code,
    description: storedText(payment.error?.description),
  };
}

/** Ends the other undecided attempts with the owner's gateway order_id, because the gateway keeps one payment for one order_id. */
export function endOthersUnder(record: ChargeRecord, owner: Attempt, now: number): void {
  for (const other of record.attempts) {
    if (other === owner || other.gatewayOrderId !== owner.gatewayOrderId || other.state !== "undecided") continue;
    const why: Omit<Failure, "by"> = owner.failure ?? { category: "gateway_unavailable", code: null, description: null };
    decide(other, "failed", now, { ...why, by: "other_attempt" });
  }
}

/** The id that a row without one gets, by its place. Such rows are replaced by every read. */
const NO_ID = "no id ";

/**
 * The refunds of a read, beside the rows that earlier reads have listed. A sum without rows says again what those say: only what is more
 * counts (P2).
 */
function refundsIn(attempt: Attempt, read: PaymentState["refund_payments"]): PaymentState["refund_payments"] {
  const [sum, ...others] = read ?? [];
  const isSum = CAPABILITIES[attempt.api].sumsRefunds && sum !== undefined && others.length === 0 && storedPaymentId(sum.id) === null;
  if (!isSum) return read;
  const listed = refundedOf({ refunds: (attempt.ledger?.refunds ?? []).filter(({ id }) => !id.startsWith(NO_ID)) });
  const more = Math.abs(plausibleAmount(sum.amount) ?? 0) - listed;
  return more > 0 ? [{ ...sum, amount: toMajorUnits(more) }] : [];
}

/** Merges the rows of a read by id. A row is never removed, and `success` is final. */
function mergedRows(known: readonly LedgerRow[], read: PaymentState["refund_payments"], now: number): LedgerRow[] {
  const rows = new Map(known.filter(({ id }) => read === undefined || !id.startsWith(NO_ID)).map((row) => [row.id, row]));
  for (const [index, { id: readId, amount, status }] of (read ?? []).entries()) {
    const id = storedPaymentId(readId) ?? `${NO_ID}${index + 1}`;
    const minor = plausibleAmount(amount);
    const old = known.find((row) => row.id === id);
    rows.set(id, {
      id,
      amount: minor === null ? (old?.amount ?? null) : Math.abs(minor),
      status: old?.status === "success" ? "success" : storedCode(status),
      firstSeenAt: old?.firstSeenAt ?? now,
      isReported: old?.isReported ?? false,
    });
  }
  return [...rows.values()];
}

/** The ledger after a read. Members that the read leaves out stay. */
function ledgerOf(attempt: Attempt, payment: PaymentState, now: number): Ledger {
  const known = attempt.ledger;
  const cleared =
    known?.cleared === true || payment.clearing?.cleared === true || (attempt.state === "paid" && attempt.terms.auto_clearing);
  return {
    cleared,
    clearedAmount: cleared ? (clearedBy(attempt, payment) ?? known?.clearedAmount ?? amountOf(attempt, payment)) : null,
    refunds: mergedRows(known?.refunds ?? [], refundsIn(attempt, payment.refund_payments), now),
    reversals: mergedRows(known?.reversals ?? [], payment.reverse_payments, now),
    approvalCode: storedText(payment.additional?.approval_code) ?? known?.approvalCode ?? null,
    reference: storedText(payment.additional?.reference) ?? known?.reference ?? null,
    intreference: storedText(payment.additional?.intreference) ?? known?.intreference ?? null,
    brand: storedText(payment.from?.card?.brand) ?? known?.brand ?? null,
    profileExpiryDate: storedText(payment.from?.recurrent?.profile_expiry_date) ?? known?.profileExpiryDate ?? null,
  };
}

/** The amount of a payment: its attempt's, but its own if an operator assigned it. */
function amountOf(attempt: Attempt, payment: PaymentState): number {
  const amount = attempt.assignedByOperator ? plausibleAmount(payment.amount) : null;
  return amount !== null && amount > 0 ? amount : attempt.terms.amount;
}

/** The sum of the refunds, in minor units. Pending rows count, failed ones do not (M8). */
export function refundedOf(ledger: Pick<Ledger, "refunds"> | null): number {
  let sum = 0;
  for (const row of ledger?.refunds ?? []) if (row.status !== "error") sum += row.amount ?? 0;
  return sum;
}

/** Whether the refunds have no ids: then the gateway showed their sum alone (P10). */
export function hasSumOnly(ledger: Ledger | null): boolean {
  const refunds = ledger?.refunds ?? [];
  return refunds.length > 0 && refunds.every(({ id }) => id.startsWith(NO_ID));
}

/** The refunds whose status is neither `success` nor `error`. */
export function unsettledRefunds(ledger: Ledger | null): readonly LedgerRow[] {
  return ledger?.refunds.filter(({ status }) => status !== "success" && status !== "error") ?? [];
}

/** Sets `refunded` once successful rows have returned everything that was cleared. */
export function applyLedger(attempt: Attempt, now: number): void {
  const { ledger } = attempt;
  if (attempt.state !== "paid" || ledger === null || ledger.clearedAmount === null) return;
  const live = ledger.refunds.filter((row) => row.status !== "error");
  if (live.length === 0 || live.some((row) => row.status !== "success")) return;
  if (refundedOf(ledger) >= ledger.clearedAmount) decide(attempt, "refunded", now, null);
}
