/**
 * What a signed read of a payment means for an order (M3, M5 and M6): which attempt the payment
 * belongs to, whether it can be believed, and what its status word decides. Pure.
 */
import { categoryOf, isFailureCategory } from "../../src/decline.ts";
import type { AttentionReason } from "../../src/edge-api.ts";
import { gatewayTime } from "../../src/lib/gateway-time.ts";
import { MAX_AMOUNT, toMinorUnits } from "../../src/money.ts";
import type { PaymentState } from "../../src/payment.ts";
import { decide, reopen } from "./attempt.ts";
import { firstSendAt } from "./pending-call.ts";
import { CLEARING_POLL, MAX_PAYMENT_AGE } from "./schedule.ts";
import type { Attempt, AttemptState, ChargeRecord, FailedBy, Failure, Ledger, LedgerRow, Mismatch } from "./record.ts";
import { isSameId, storedPaymentId, storedText, storedCode } from "./record.ts";
import { redactedLedger } from "./redaction.ts";

/** Why a payment cannot be this attempt's, or null when it is (M6). */
export function mismatchOf(attempt: Attempt, payment: PaymentState): Exclude<Mismatch, "unknown_word"> | null {
  if (payment.order_id !== attempt.gatewayOrderId) return "terms_differ";
  if (attempt.paymentId !== null && payment.id !== undefined && !isSameId(payment.id, attempt.paymentId)) return "terms_differ";
  if (attempt.assignedByOperator) return null;
  if (contradictionOf(attempt, payment) !== null) return "terms_differ";
  const amount = toMinorUnits(payment.amount);
  const isAmount = amount !== null && (amount === attempt.terms.amount || amount === partlyCleared(attempt, payment));
  // A decline took nothing: an amount that it leaves out, or writes as 0, is not needed.
  const needsNone = payment.status === "error" && (payment.amount === undefined || amount === 0);
  if (!isAmount && !needsNone) return "amount_differs";
  const createdAt = gatewayTime(payment.created_at);
  if (Number.isNaN(createdAt)) return attempt.mismatch === "old_payment" ? "old_payment" : null;
  return createdAt < firstSendAt(attempt) - MAX_PAYMENT_AGE ? "old_payment" : null;
}

/** Which of currency and profile a payment contradicts; also one that an earlier read contradicted and this one leaves out. */
function contradictionOf({ terms, contradicted }: Attempt, { currency, from }: PaymentState): Attempt["contradicted"] {
  const profileId = from?.recurrent?.profile_id;
  if (currency === undefined ? contradicted === "currency" : currency !== terms.currency) return "currency";
  // A redacted attempt has no profile to compare with.
  if (terms.profile_id === "") return null;
  return (profileId === undefined ? contradicted === "profile" : profileId !== terms.profile_id) ? "profile" : null;
}

/** After a part clearing a read may show the cleared amount as the payment's. Only a payment that was held can be. */
function partlyCleared(attempt: Attempt, payment: PaymentState): number | null {
  return holdsMoney(attempt) ? clearedBy(attempt, payment) : null;
}

/**
 * What a read says was cleared. Null where it does not say, or says what cannot be: nothing (the gateway writes 0 for what is
 * absent), less than nothing, or more than was asked for.
 */
function clearedBy(attempt: Attempt, payment: PaymentState): number | null {
  if (payment.clearing?.cleared !== true) return null;
  const cleared = plausibleAmount(payment.clearing.amount);
  return cleared !== null && cleared > 0 && (attempt.assignedByOperator || cleared <= attempt.terms.amount) ? cleared : null;
}

/** The minor units of an amount that a payment, or a row under it, can have; null for any other. */
function plausibleAmount(amount: unknown): number | null {
  const minor = toMinorUnits(amount);
  return minor !== null && Math.abs(minor) <= MAX_AMOUNT * 100 ? minor : null;
}

/** States in which a read has shown that the attempt's payment took or held money. */
const OWNING_STATES: ReadonlySet<AttemptState> = new Set(["held", "paid", "reversed", "refunded"]);

/** Failures in which the gateway said that it took the attempt for no payment. */
const REFUSED_BY: ReadonlySet<FailedBy> = new Set(["refusal", "unauthorized"]);

/**
 * The attempt that a payment belongs to: the earliest on its gateway order_id whose terms it matches. An attempt that never sent
 * anything cannot own a payment, unless it is the one that was just looking; one that the gateway refused in words owns
 * only what no other attempt was told of. A payment id counts once: the attempt that a read gave it to keeps it while it matches,
 * and for good once it was decided by it, also when a later read leaves out, or gets wrong, what told the attempts apart. Where the
 * answer of an attempt's own create had its amount, a read that has another gives the payment to nobody.
 */
export function ownerOf(record: ChargeRecord, polled: Attempt, payment: PaymentState): Attempt | null {
  // An attempt has a ledger once a read was taken for its payment's.
  const known = record.attempts.find(({ paymentId, ledger }) => ledger !== null && isSameId(paymentId, payment.id));
  const isKnowns = known !== undefined && mismatchOf(known, payment) === null;
  if (isKnowns) return known;
  if (known !== undefined && OWNING_STATES.has(known.state)) return null;
  const confirmed = record.attempts.find(({ paymentId, amountConfirmed }) => amountConfirmed && isSameId(paymentId, payment.id));
  if (confirmed !== undefined && mismatchOf(confirmed, payment) === "amount_differs") return null;
  const candidates = record.attempts.filter((attempt) => attempt === polled || attempt.sends.length > 0);
  const matching = candidates.filter((attempt) => mismatchOf(attempt, payment) === null);
  const isNamed = record.attempts.some(({ paymentId }) => isSameId(paymentId, payment.id));
  return matching.find(({ failure }) => failure === null || !REFUSED_BY.has(failure.by)) ?? (isNamed ? null : (matching[0] ?? null));
}

/** What the transition has to tell, beside the changed record. */
export type RaiseAttention = (reason: AttentionReason, attempt: Attempt, detail: string | null) => void;

/**
 * Applies a read of a payment that was asked for one attempt. Returns false for a payment that counts as none: an older decline
 * under the same number (M6).
 */
export function applyPaymentRead(
  record: ChargeRecord,
  polled: Attempt,
  payment: PaymentState,
  now: number,
  raise: RaiseAttention,
): boolean {
  const owner = ownerOf(record, polled, payment);
  if (owner === null) {
    const why = mismatchOf(polled, payment) ?? "terms_differ";
    if (why === "old_payment" && payment.status === "error") return false;
    polled.knownToGateway = true;
    polled.contradicted = contradictionOf(polled, payment);
    if (polled.state === "undecided") polled.mismatch = why;
    raise(why, polled, storedPaymentId(payment.id));
    return true;
  }
  const before = owner.state;
  owner.knownToGateway = true;
  owner.contradicted = null;
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
  const ledger = ledgerOf(owner, payment, now);
  owner.ledger = record.redactedAt === null ? ledger : redactedLedger(ledger);
  applyLedger(owner, now);
  // A hold can be cleared in part, in the cabinet too: a read that leaves out how much is followed by one that may say it.
  if (before === "held" && owner.state === "paid" && clearedBy(owner, payment) === null) owner.nextPollAt = now + CLEARING_POLL;
  if (owner.state !== before || owner !== polled) {
    endOthersUnder(record, owner, now);
    if (holdsMoney(owner) && record.attempts.some((other) => other !== owner && holdsMoney(other))) {
      raise("second_payment", owner, owner.paymentId);
    }
  }
  return true;
}

/** Whether money was taken or is held by this attempt. */
export function holdsMoney(attempt: Attempt): boolean {
  return attempt.state === "held" || attempt.state === "paid";
}

/** What a payment's status word makes of an attempt; null: an undecided payment. */
function stateOfStatus(attempt: Attempt, payment: PaymentState): Exclude<AttemptState, "refunded"> | null {
  switch (payment.status) {
    case "process":
    case "waiting_3ds":
    case "process_clearing":
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

/** Which states a read may lead to. Anything else is a status that went back for a moment, or a lagging read: it changes nothing. */
const RISES: Readonly<Record<AttemptState, readonly AttemptState[]>> = {
  undecided: ["held", "paid", "reversed", "failed"],
  failed: ["undecided", "held", "paid", "reversed"],
  held: ["paid", "reversed"],
  paid: ["reversed"],
  reversed: [],
  refunded: [],
};

function applyGatewayStatus(attempt: Attempt, payment: PaymentState, now: number, raise: RaiseAttention): void {
  const state = stateOfStatus(attempt, payment);
  if (state === null) {
    // There is a payment, so it was not silence; what became of it is not known.
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
  } else if (!RISES[attempt.state].includes(state) || (state === "undecided" && attempt.failure?.by === "payment")) {
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

/** The failure that a payment with status error means. A code that the contract does not list is a decline here (M4). */
export function declinedBy(payment: Pick<PaymentState, "error">): Failure {
  const code = storedCode(payment.error?.code);
  const category = code === null ? "other" : categoryOf("create", code);
  return {
    by: "payment",
    category: isFailureCategory(category) ? category : "declined",
    code,
    description: storedText(payment.error?.description),
  };
}

/** The other undecided attempts on the owner's gateway order_id end: the gateway keeps one payment for one order_id. */
export function endOthersUnder(record: ChargeRecord, owner: Attempt, now: number): void {
  for (const other of record.attempts) {
    if (other === owner || other.gatewayOrderId !== owner.gatewayOrderId || other.state !== "undecided") continue;
    const why: Omit<Failure, "by"> = owner.failure ?? { category: "gateway_unavailable", code: null, description: null };
    decide(other, "failed", now, { ...why, by: "other_attempt" });
  }
}

/** The name of a row that has no id, by its place. Such a row is as the last read had it. */
const NO_ID = "no id ";

/** Rows by id; a row is never forgotten, and one that was `success` does not go back. */
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

/** The ledger after a read: what the read left out stays as it was known. */
function ledgerOf(attempt: Attempt, payment: PaymentState, now: number): Ledger {
  const known = attempt.ledger;
  const cleared =
    known?.cleared === true || payment.clearing?.cleared === true || (attempt.state === "paid" && attempt.terms.auto_clearing);
  return {
    cleared,
    clearedAmount: cleared ? (clearedBy(attempt, payment) ?? known?.clearedAmount ?? amountOf(attempt, payment)) : null,
    refunds: mergedRows(known?.refunds ?? [], payment.refund_payments, now),
    reversals: mergedRows(known?.reversals ?? [], payment.reverse_payments, now),
    approvalCode: storedText(payment.additional?.approval_code) ?? known?.approvalCode ?? null,
    reference: storedText(payment.additional?.reference) ?? known?.reference ?? null,
    intreference: storedText(payment.additional?.intreference) ?? known?.intreference ?? null,
    brand: storedText(payment.from?.card?.brand) ?? known?.brand ?? null,
    profileExpiryDate: storedText(payment.from?.recurrent?.profile_expiry_date) ?? known?.profileExpiryDate ?? null,
  };
}

/** What a payment is about: the terms of its attempt, but for one that an operator named although its amount differs. */
function amountOf(attempt: Attempt, payment: PaymentState): number {
  const amount = attempt.assignedByOperator ? plausibleAmount(payment.amount) : null;
  return amount !== null && amount > 0 ? amount : attempt.terms.amount;
}

/** What was refunded or is being refunded. Rows that ended in error do not count; pending ones do (M8). */
export function refundedOf(ledger: Ledger | null): number {
  let sum = 0;
  for (const row of ledger?.refunds ?? []) if (row.status !== "error") sum += row.amount ?? 0;
  return sum;
}

/** The refunds that are neither done nor refused: their status is missing, or another word than `success` and `error`. */
export function unsettledRefunds(ledger: Ledger | null): readonly LedgerRow[] {
  return ledger?.refunds.filter(({ status }) => status !== "success" && status !== "error") ?? [];
}

/** A payment is `refunded` once all that was cleared has gone back, every row with success. */
export function applyLedger(attempt: Attempt, now: number): void {
  const { ledger } = attempt;
  if (attempt.state !== "paid" || ledger === null || ledger.clearedAmount === null) return;
  const live = ledger.refunds.filter((row) => row.status !== "error");
  if (live.length === 0 || live.some((row) => row.status !== "success")) return;
  if (refundedOf(ledger) >= ledger.clearedAmount) decide(attempt, "refunded", now, null);
}
