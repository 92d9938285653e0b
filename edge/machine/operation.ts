/**
 * The rules of one operation (M8): when it is allowed, its bytes, and what in the ledger proves that it was done.
 */
import type { ProblemCode } from "../../src/edge-api.ts";
import { toMinorUnits } from "../../src/money.ts";
import type { EditedPayment, PaymentState } from "../../src/payment.ts";
import { CALLS } from "./calls.ts";
import { CAPABILITIES } from "./capabilities.ts";
import type { GatewayCall, Refusal } from "./gateway-call.ts";
import { isSoleSend } from "./pending-call.ts";
import { hasSumOnly, refundedOf } from "./reconcile.ts";
import type { Attempt, AttemptState, ChargeRecord, Operation, OperationKind, OperationState, Send } from "./record.ts";
import { storedText } from "./record.ts";
import { NEVER_SEEN_AFTER, NEVER_SEEN_APART } from "./schedule.ts";

/** The state of the attempt that each operation needs. */
const NEEDS: Readonly<Record<OperationKind, AttemptState>> = { clearing: "held", reverse: "held", refund: "paid" };

/** The amount that can still be cleared or refunded, in minor units. For a reverse the whole hold. */
export function remainingAmount(kind: OperationKind, attempt: Attempt): number {
  if (kind !== "refund") return attempt.terms.amount;
  return (attempt.ledger?.clearedAmount ?? 0) - refundedOf(attempt.ledger);
}

/** Why an operation is not allowed now; null if it is. */
export function refusalOf(kind: OperationKind, attempt: Attempt, requested: number | null): ProblemCode | null {
  const left = remainingAmount(kind, attempt);
  if (attempt.state !== NEEDS[kind] || attempt.paymentId === null || left <= 0) return "operation_not_allowed";
  return requested !== null && requested > left ? "amount_exceeds" : null;
}

/** The input of a new operation. */
export interface NewOperation {
  readonly kind: OperationKind;
  readonly attempt: Attempt;
  /** Minor units; null: everything that is left. */
  readonly requestedAmount: number | null;
  readonly now: number;
  readonly requestId: string;
}

/** An operation before its first read. The read decides its amount, then its body is written. */
export function newOperation(record: ChargeRecord, { kind, attempt, requestedAmount, now, requestId }: NewOperation): Operation {
  return {
    number: record.operations.length + 1,
    api: attempt.api,
    kind,
    attempt: attempt.number,
    requestedAmount,
    amount: null,
    requestId,
    body: null,
    createdAt: now,
    sends: [],
    state: "undecided",
    decidedAt: null,
    refusal: null,
    knownRows: [],
    namedRow: null,
    knownToGateway: false,
    notBefore: now,
    generation: 0,
    pollStartedAt: null,
    nextPollAt: now,
  };
}

/** Sets the amount and the exact bytes, and notes all rows that exist before it. */
export function prepareEdit(operation: Operation, attempt: Attempt, paymentId: string): void {
  const { kind } = operation;
  const amount = operation.requestedAmount ?? remainingAmount(kind, attempt);
  operation.amount = kind === "reverse" ? null : amount;
  operation.body = CALLS[operation.api].editBody({ kind, paymentId, amount }, operation.requestId);
  operation.baseline = { refunded: refundedOf(attempt.ledger), unchangedAt: null };
  operation.knownRows = [...(attempt.ledger?.refunds ?? []), ...(attempt.ledger?.reversals ?? [])].map(({ id }) => id);
}

/** The unsigned call of an operation: always the same bytes under the same X-Request-Id. */
export function editCall({ api, kind, requestId }: Operation, body: string, paymentId: string): GatewayCall<EditedPayment> {
  return CALLS[api].edit({ kind, paymentId, requestId, body });
}

/**
 * The outcome of an operation by a read of its own payment, which is in the ledger already (M8.5, M8.6).
 * 1. "done": the ledger shows it. A new refund row of the same amount counts, even if it was made by hand: the money went back.
 * 2. "refused": the refund row that the gateway named has failed.
 * 3. "overtaken": the payment went another way first, so the operation can no longer be done.
 * 4. null: not known yet.
 */
export function outcomeByRead(operation: Operation, attempt: Attempt, payment: PaymentState): "done" | "refused" | "overtaken" | null {
  return PROOFS[operation.kind](operation, attempt, payment);
}

const PROOFS: Readonly<Record<OperationKind, typeof outcomeByRead>> = {
  clearing(operation, attempt, payment) {
    if (attempt.state === "reversed") return "overtaken";
    if (payment.clearing?.cleared !== true) return null;
    // The gateway writes 0 for an absent amount. Then the payment's amount can prove the clearing, but cannot refute it.
    const cleared = toMinorUnits(payment.clearing.amount) || null;
    if ((cleared ?? toMinorUnits(payment.amount)) === operation.amount) return "done";
    return cleared === null ? null : "overtaken";
  },
  reverse(_operation, attempt) {
    if (attempt.state === "reversed") return "done";
    return attempt.state === "held" ? null : "overtaken";
  },
  refund(operation, attempt) {
    const rows = attempt.ledger?.refunds ?? [];
    const named = rows.find(({ id }) => id === operation.namedRow);
    if (named !== undefined) return named.status === "error" ? "refused" : "done";
    if (hasSumOnly(attempt.ledger))
      return refundedOf(attempt.ledger) - (operation.baseline?.refunded ?? 0) === operation.amount ? "done" : null;
    const isNew = rows.some(
      ({ id, amount, status }) => !operation.knownRows.includes(id) && amount === operation.amount && status !== "error",
    );
    return isNew ? "done" : null;
  },
};

/**
 * Whether the same bytes may be sent once more although the gateway replays nothing (P10): if two reads, begun 5 minutes after the only send
 * and 30 seconds apart, showed no change, and a second execution could move no money twice. A reverse and a clearing of the whole happen
 * once, and a refund of all that is left cannot exceed it. A part could be cleared or refunded twice.
 */
export function mayRepeat(operation: Operation, attempt: Attempt, startedAt: number): boolean {
  const { kind, amount } = operation;
  const unchangedAt = operation.baseline?.unchangedAt ?? null;
  const lastSendAt = operation.sends.at(-1)?.leftBy ?? null;
  const isWhole = kind === "reverse" || amount === remainingAmount(kind, attempt);
  if (CAPABILITIES[operation.api].replays || lastSendAt === null || !isSoleSend(operation) || !isWhole) return false;
  if (startedAt - lastSendAt < NEVER_SEEN_AFTER) return false;
  return unchangedAt !== null && startedAt - unchangedAt >= NEVER_SEEN_APART;
}

/** Notes a read that showed no change, where a later one may allow a repeat (P10). */
export function noteUnchanged(operation: Operation, startedAt: number): void {
  const lastSendAt = operation.sends.at(-1)?.leftBy ?? null;
  if (operation.baseline === undefined || lastSendAt === null || startedAt - lastSendAt < NEVER_SEEN_AFTER) return;
  operation.baseline.unchangedAt ??= startedAt;
}

/** Gives the proving row of a refund the amount that was sent, if the read left it out. */
export function fillRefundAmount({ kind, namedRow, amount }: Operation, { ledger }: Attempt): void {
  if (kind !== "refund" || ledger === null) return;
  ledger.refunds = ledger.refunds.map((row) => (row.id === namedRow && row.amount === null ? { ...row, amount } : row));
}

/** Whether a bare refusal ends an operation: of its only send, with a reason that the contract lists. */
export function isEndedByRefusal(operation: Operation, refusal: Refusal): boolean {
  if (!isSoleSend(operation) || refusal.category === "duplicate") return false;
  return CAPABILITIES[operation.api].endsOperation(refusal);
}

/** A send without the gateway's text. The operation's refusal has it. */
function withoutText(send: Send): Send {
  return send.end === null ? send : { ...send, leftBy: null, end: { ...send.end, description: null } };
}

/** Ends an operation. Answers of polls from before are dropped (M5). */
export function endOperation(
  operation: Operation,
  state: Exclude<OperationState, "undecided">,
  now: number,
  refusal: Operation["refusal"] = null,
): void {
  operation.state = state;
  operation.decidedAt = now;
  operation.refusal = refusal === null ? null : { ...refusal, description: storedText(refusal.description) };
  // An ended operation needs no rows to compare. Without this a record would grow with the square of its refunds.
  operation.knownRows = [];
  delete operation.baseline;
  operation.sends = operation.sends.filter((_, index) => index === 0 || index === operation.sends.length - 1).map(withoutText);
  operation.generation += 1;
  operation.pollStartedAt = null;
  operation.nextPollAt = null;
}
