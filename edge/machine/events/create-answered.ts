/** A create leaves, and how its answer decides (M4). */
import { categoryOf } from "../../../src/decline.ts";
import { toMinorUnits } from "../../../src/money.ts";
import type { Outcome } from "../../../src/outcome.ts";
import type { CreatedPayment } from "../../../src/payment.ts";
import { createCall, decide, decidedByRefusal } from "../attempt.ts";
import type { Refusal } from "../pending-call.ts";
import { mayTryOtherKey, namesNoPayment, recordEnd, recordSend, sendIsOpen } from "../pending-call.ts";
import type { TransitionContext } from "../state.ts";
import { raiseAttention } from "../state.ts";
import type { ChargeEvent } from "../event.ts";
import { firstPoll } from "../schedule.ts";
import { declinedBy, endOthersUnder } from "../reconcile.ts";
import type { Attempt, ChargeRecord } from "../record.ts";
import { isSameId, storedPaymentId, storedCode } from "../record.ts";

/** Stores a send, then lets it leave. */
export function send(context: TransitionContext, attempt: Attempt, key: number): void {
  recordSend(attempt, { now: context.now, key });
  attempt.neverSeenAt = null;
  context.effects.push({ kind: "send", attempt: attempt.number, send: attempt.sends.length - 1, key, call: createCall(attempt) });
}

/** The answer of a create. */
export function onCreateAnswered(context: TransitionContext, event: Extract<ChargeEvent, { type: "create_answered" }>): void {
  const { record, now } = context;
  const attempt = record.attempts[event.attempt - 1];
  const sent = attempt?.sends[event.send];
  if (attempt === undefined || sent === undefined) return;
  const { outcome } = event;
  recordEnd(attempt, sent, outcome, now);
  const isLast = event.send === attempt.sends.length - 1;
  const refusal = refusalOf(outcome, sent.requestId);
  if (refusal !== null) {
    if (isLast && attempt.state === "undecided") onCreateRefused(context, attempt, sent.key, refusal);
  } else if (outcome.kind === "answered" && !namesNoPayment(outcome.answer, sent.requestId))
    onPaymentNamed(context, attempt, outcome.answer);
  if (attempt.state === "undecided" && isLast && !sendIsOpen(attempt))
    attempt.nextPollAt = firstPoll({ now, fraction: context.random.fraction() });
}

/** The bare refusal that an answer is: also one whose `id` names no payment, such as its own X-Request-Id. Null for any other. */
function refusalOf(outcome: Outcome<CreatedPayment>, requestId: string): Refusal | null {
  if (outcome.kind === "refused") return outcome;
  if (outcome.kind === "unknown" || outcome.answer.error === undefined || !namesNoPayment(outcome.answer, requestId)) return null;
  const { code, description = null } = outcome.answer.error;
  return { kind: "refused", httpStatus: outcome.httpStatus, code, description, category: categoryOf("create", code) };
}

/** An answer that holds a payment id: a decline decides (M4), anything else is read. */
function onPaymentNamed(context: TransitionContext, attempt: Attempt, answer: CreatedPayment): void {
  const { record, now } = context;
  recordPaymentId(record, attempt, answer.id, answer.amount);
  // A duplicate names a payment that another call made: what became of it is read.
  const isDuplicate = answer.error !== undefined && categoryOf("create", answer.error.code) === "duplicate";
  const isOpen = attempt.state === "undecided" || (attempt.state === "failed" && attempt.failure?.by !== "payment");
  if (answer.status === "error" && isOpen && !isDuplicate) {
    decide(attempt, "failed", now, declinedBy(answer));
    endOthersUnder(record, attempt, now);
    return;
  }
  if (attempt.state === "undecided") attempt.gatewayStatus = storedCode(answer.status);
  attempt.nextPollAt = now;
}

function onCreateRefused(context: TransitionContext, attempt: Attempt, key: number, refusal: Refusal): void {
  const { record, now, random, gatewayKeys } = context;
  if (refusal.category === "duplicate") attempt.knownToGateway = true;
  if (record.closedAt === null && mayTryOtherKey(attempt, refusal, { gatewayKeys, now })) {
    for (const sent of attempt.sends) sent.superseded = true;
    attempt.requestId = random.requestId();
    send(context, attempt, (key + 1) % gatewayKeys);
    return;
  }
  failByRefusal(context, attempt, refusal);
}

/** Ends an attempt by a bare refusal, where that decides (M4). A refusal of the merchant's own set-up is told. */
export function failByRefusal(context: TransitionContext, attempt: Attempt, refusal: Refusal): void {
  const failure = decidedByRefusal(attempt, refusal);
  if (failure === null) return;
  decide(attempt, "failed", context.now, failure);
  if (failure.category === "configuration") raiseAttention(context, "configuration", attempt, failure.code);
}

/**
 * The gateway named a payment for this attempt: it was seen. A payment id counts once.
 * @param amount the payment's, as that answer has it
 */
export function recordPaymentId(record: ChargeRecord, attempt: Attempt, paymentId: string, amount: number | string | undefined): void {
  attempt.knownToGateway = true;
  if (!record.attempts.some((other) => isSameId(other.paymentId, paymentId))) attempt.paymentId ??= storedPaymentId(paymentId);
  if (isSameId(attempt.paymentId, paymentId) && toMinorUnits(amount) === attempt.terms.amount) attempt.amountConfirmed = true;
}
