/** A create is sent, and its answer decides or starts polls (M4). */
import { categoryOf } from "../../../src/decline.ts";
import { toMinorUnits } from "../../../src/money.ts";
import type { CreatedPayment } from "../../../src/payment.ts";
import { createCall, decide, decidedByRefusal, failUnsent } from "../attempt.ts";
import { CAPABILITIES } from "../capabilities.ts";
import type { GatewayOutcome, Refusal } from "../gateway-call.ts";
import { dropUnsent, mayTryOtherKey, namesNoPayment, recordEnd, recordSend, sendIsOpen, sendWindowEnds } from "../pending-call.ts";
import { paymentRead } from "../poll-read.ts";
import type { TransitionContext } from "../state.ts";
import { raiseAttention } from "../state.ts";
import type { ChargeEvent, PollRead, Random, SendOutcome } from "../event.ts";
import { firstPoll } from "../schedule.ts";
import { declinedBy, endOthersUnder } from "../reconcile.ts";
import type { Attempt, ChargeRecord } from "../record.ts";
import { isSameId, storedPaymentId, storedCode } from "../record.ts";

/** Records a send; it leaves once the record is stored. */
export function send(context: TransitionContext, attempt: Attempt, key: number): void {
  recordSend(attempt, { now: context.now, keyIndex: key });
  attempt.neverSeenAt = null;
  const send = attempt.sends.length - 1;
  context.effects.push({ kind: "send", attempt: attempt.number, send, key, call: createCall(attempt), expiresAt: sendWindowEnds(attempt) });
}

/** The call of a create ended. */
export function onCreateAnswered(context: TransitionContext, event: Extract<ChargeEvent, { type: "create_answered" }>): void {
  const { record, now } = context;
  const attempt = record.attempts[event.attempt - 1];
  const sent = attempt?.sends[event.send];
  if (attempt === undefined || sent === undefined) return;
  const { outcome, leftAt } = event;
  if (outcome.kind === "not_sent") {
    onCreateNotSent(context, attempt, event.send);
    return;
  }
  recordEnd(attempt, sent, outcome, { now, leftAt });
  const isLast = event.send === attempt.sends.length - 1;
  const refusal = refusalOf(outcome, sent.requestId);
  if (refusal !== null) {
    if (isLast && attempt.state === "undecided") onCreateRefused(context, attempt, sent.keyIndex, refusal);
  } else if (outcome.kind === "answered" && !namesNoPayment(outcome.answer, sent.requestId))
    onPaymentNamed(context, attempt, outcome.answer);
  if (attempt.state === "undecided" && isLast && !sendIsOpen(attempt))
    attempt.nextPollAt = firstPoll({ now, fraction: context.random.fraction() });
}

/** A create whose window passed in the queue. Without an earlier send the attempt fails; otherwise polls find out about that one. */
function onCreateNotSent(context: TransitionContext, attempt: Attempt, send: number): void {
  if (attempt.sends[send]?.endedAt !== null) return;
  dropUnsent(attempt, send);
  if (attempt.state !== "undecided") return;
  if (attempt.sends.length === 0) failUnsent(attempt, context.now);
  else attempt.nextPollAt = context.now;
}

/**
 * The read that follows a create at once, before its answer is stored, so that both share a commit (M4.10): of the payment that the answer
 * names. Null if the answer names none, or says `error`: that decides, or the next poll reads it.
 */
export function readAfterCreate({ outcome, requestId, attempt, random }: AnsweredCreate): PollRead | null {
  if (outcome.kind !== "answered" || namesNoPayment(outcome.answer, requestId)) return null;
  const paymentId = storedPaymentId(outcome.answer.id);
  if (paymentId === null || outcome.answer.status === "error") return null;
  return paymentRead(attempt, paymentId, random);
}

/** A create that ended. */
interface AnsweredCreate {
  readonly outcome: SendOutcome<CreatedPayment>;
  readonly requestId: string;
  readonly attempt: Attempt;
  readonly random: Random;
}

/** The bare refusal in an answer, also beside an `id` that is no payment id; null without one. */
function refusalOf(outcome: GatewayOutcome<CreatedPayment>, requestId: string): Refusal | null {
  if (outcome.kind === "refused") return outcome;
  if (outcome.kind === "unknown" || outcome.answer.error === undefined || !namesNoPayment(outcome.answer, requestId)) return null;
  const { code, description = null } = outcome.answer.error;
  return { kind: "refused", httpStatus: outcome.httpStatus, code, description, category: categoryOf("create", code) };
}

/** An answer with a payment id. A decline decides (M4); any other payment is read. */
function onPaymentNamed(context: TransitionContext, attempt: Attempt, answer: CreatedPayment): void {
  const { record, now } = context;
  recordPaymentId(record, attempt, answer.id, answer.amount);
  // A duplicate names a payment that another call made. That payment is read.
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

/**
 * The gateway refused to create the payment.
 *
 * 1. Refused for its signature, and there is another gateway key: the create is sent again with it, once, under a fresh id (M4). The
 *    former send counts no longer, because the gateway made nothing of it.
 * 2. `duplicate` of v5: the gateway knows the request, so "never seen" is not believed any more. It decides nothing; polls find the payment.
 * 3. A used gateway order_id, of the Merchant API: this send took nothing and counts no longer. Polls read the order_id (P1).
 * 4. Any other refusal fails the attempt if it decides (M4).
 */
function onCreateRefused(context: TransitionContext, attempt: Attempt, key: number, refusal: Refusal): void {
  const { record, now, random, gatewayKeyCount } = context;
  const { duplicateIsKnown, refusedOrderId } = CAPABILITIES[attempt.api];
  if (refusal.category === "duplicate" && duplicateIsKnown) attempt.knownToGateway = true;
  if (refusedOrderId({ how: "refused", code: refusal.code })) {
    for (const sent of attempt.sends) sent.superseded = true;
    return;
  }
  if (record.closedAt === null && mayTryOtherKey(attempt, refusal, { gatewayKeyCount, now })) {
    for (const sent of attempt.sends) sent.superseded = true;
    attempt.requestId = random.requestId();
    send(context, attempt, (key + 1) % gatewayKeyCount);
    return;
  }
  failByRefusal(context, attempt, refusal);
}

/** Fails an attempt if the bare refusal decides it (M4). A refusal of the merchant's configuration raises attention. */
export function failByRefusal(context: TransitionContext, attempt: Attempt, refusal: Refusal): void {
  const failure = decidedByRefusal(attempt, refusal);
  if (failure === null) return;
  decide(attempt, "failed", context.now, failure);
  if (failure.category === "configuration") raiseAttention(context, "configuration", attempt, failure.code);
}

/**
 * Records the payment id that the gateway named for an attempt. A payment id belongs to one attempt.
 * @param amount the payment's amount in that answer
 */
export function recordPaymentId(record: ChargeRecord, attempt: Attempt, paymentId: string, amount: number | string | undefined): void {
  attempt.knownToGateway = true;
  if (!record.attempts.some((other) => isSameId(other.paymentId, paymentId))) attempt.paymentId ??= storedPaymentId(paymentId);
  if (isSameId(attempt.paymentId, paymentId) && toMinorUnits(amount) === attempt.terms.amount) attempt.amountConfirmed = true;
}
