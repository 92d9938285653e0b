/**
 * One operation's own rules (M8): when it is allowed, how it is claimed, and what in the ledger
 * proves that it was done. Pure.
 */
import type { ProblemCode } from "../../src/edge-api.ts";
import { toMajorUnits, toMinorUnits } from "../../src/money.ts";
import type { EditedPayment, PaymentState, UnsignedCall } from "../../src/payment.ts";
import { ACTIONS, clearing, refund, reverse } from "../../src/payment.ts";
import { DECISIVE } from "./attempt.ts";
import type { Refusal } from "./pending-call.ts";
import { isSoleSend } from "./pending-call.ts";
import { refundedOf } from "./reconcile.ts";
import type { Attempt, AttemptState, ChargeRecord, Operation, OperationKind, OperationState, Send } from "./record.ts";
import { storedText } from "./record.ts";

/** The state of the attempt that an operation needs. */
const NEEDS: Readonly<Record<OperationKind, AttemptState>> = { clearing: "held", reverse: "held", refund: "paid" };

/** What is left to clear or to refund, in minor units; all of a hold for a reverse. */
export function remainingAmount(kind: OperationKind, attempt: Attempt): number {
  if (kind !== "refund") return attempt.terms.amount;
  return (attempt.ledger?.clearedAmount ?? 0) - refundedOf(attempt.ledger);
}

/** Why an operation is not allowed on this attempt as it is, or null. */
export function refusalOf(kind: OperationKind, attempt: Attempt, requested: number | null): ProblemCode | null {
  const left = remainingAmount(kind, attempt);
  if (attempt.state !== NEEDS[kind] || attempt.paymentId === null || left <= 0) return "operation_not_allowed";
  return requested !== null && requested > left ? "amount_exceeds" : null;
}

/** What a merchant asks for. */
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

/** The edit of each kind: the builder of its body, and its action. */
const EDITS: Readonly<Record<OperationKind, (id: string, amount: number, requestId: string) => UnsignedCall<EditedPayment>>> = {
  clearing: (id, amount, requestId) => clearing({ id, amount }, requestId),
  refund: (id, amount, requestId) => refund({ id, amount }, requestId),
  reverse: (id, _amount, requestId) => reverse({ id }, requestId),
};

/** Fixes what is about to be sent: the amount, the exact bytes, and every row that is not its own. */
export function prepareEdit(operation: Operation, attempt: Attempt, paymentId: string): void {
  const { kind } = operation;
  const amount = operation.requestedAmount ?? remainingAmount(kind, attempt);
  operation.amount = kind === "reverse" ? null : amount;
  operation.body = EDITS[kind](paymentId, toMajorUnits(amount), operation.requestId).body;
  operation.knownRows = [...(attempt.ledger?.refunds ?? []), ...(attempt.ledger?.reversals ?? [])].map(({ id }) => id);
}

/** The unsigned call of an operation: always the same bytes under the same X-Request-Id. */
export function editCall(operation: Operation, body: string): UnsignedCall<EditedPayment> {
  return { action: ACTIONS[operation.kind], requestId: operation.requestId, body };
}

/** What a matching read of the payment, already taken into the ledger, says of an operation; null: nothing yet. */
export function outcomeByRead(operation: Operation, attempt: Attempt, payment: PaymentState): "done" | "refused" | "overtaken" | null {
  return PROOFS[operation.kind](operation, attempt, payment);
}

const PROOFS: Readonly<Record<OperationKind, typeof outcomeByRead>> = {
  clearing(operation, attempt, payment) {
    if (attempt.state === "reversed") return "overtaken";
    if (payment.clearing?.cleared !== true) return null;
    // The gateway writes 0 for an amount that it does not have. Then the payment's own amount may prove the clearing, but it refutes nothing.
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
    const isNew = rows.some(
      ({ id, amount, status }) => !operation.knownRows.includes(id) && amount === operation.amount && status !== "error",
    );
    return isNew ? "done" : null;
  },
};

/** A row that proves a refund and leaves its amount out has the amount that was sent. */
export function fillRefundAmount({ kind, namedRow, amount }: Operation, { ledger }: Attempt): void {
  if (kind !== "refund" || ledger === null) return;
  ledger.refunds = ledger.refunds.map((row) => (row.id === namedRow && row.amount === null ? { ...row, amount } : row));
}

/** Whether a bare refusal ends an operation: only of its sole send, and only for a reason of the contract's list. */
export function isEndedByRefusal(operation: Operation, refusal: Refusal): boolean {
  if (!isSoleSend(operation) || refusal.category === "duplicate") return false;
  return refusal.httpStatus === 401 || DECISIVE.has(refusal.category) || refusal.category === "operation_refused";
}

/** A send without the gateway's text: an ended operation has it in its refusal. */
function withoutText(send: Send): Send {
  return send.end === null ? send : { ...send, end: { ...send.end, description: null } };
}

/** Ends an operation. Answers that were asked before are dropped from here on. */
export function endOperation(
  operation: Operation,
  state: Exclude<OperationState, "undecided">,
  now: number,
  refusal: Operation["refusal"] = null,
): void {
  operation.state = state;
  operation.decidedAt = now;
  operation.refusal = refusal === null ? null : { ...refusal, description: storedText(refusal.description) };
  // Nothing is matched against it any more, and a record must not grow with the square of its refunds.
  operation.knownRows = [];
  operation.sends = operation.sends.filter((_, index) => index === 0 || index === operation.sends.length - 1).map(withoutText);
  operation.generation += 1;
  operation.pollStartedAt = null;
  operation.nextPollAt = null;
}
