/** Finding out what became of a create, and whether a later one may leave at all (M3, M5 and M6). */
import { categoryOf } from "../../../src/decline.ts";
import { DAY } from "../../../src/lib/time.ts";
import type { Outcome } from "../../../src/outcome.ts";
import type { PaymentState, RequestState } from "../../../src/payment.ts";
import { paymentStatus, requestStatus } from "../../../src/payment.ts";
import { decide, moveToNextOrderId } from "../attempt.ts";
import type { Refusal } from "../pending-call.ts";
import { firstSendAt, keyOfResend, mayResend, namesNoPayment } from "../pending-call.ts";
import type { TransitionContext } from "../state.ts";
import { attentionRaiser } from "../state.ts";
import type { ChargeEvent, PollRead, Random } from "../event.ts";
import { CALL_LOST_AFTER, NEVER_SEEN_AFTER, NEVER_SEEN_APART, nextPoll, SEND_WINDOW } from "../schedule.ts";
import { paymentReading, readPayment } from "../payment-reading.ts";
import { applyPaymentRead, ownerOf } from "../reconcile.ts";
import type { Attempt, ChargeRecord } from "../record.ts";
import { storedCode } from "../record.ts";
import { failByRefusal, recordPaymentId, send } from "./create-answered.ts";

/** A later attempt that waits for the reads which must clear its way (M3). */
export function waitsForReads(attempt: Attempt): boolean {
  return attempt.state === "undecided" && attempt.sends.length === 0 && !attempt.knownToGateway;
}

/** Asks the gateway what it knows. Every read has a fresh X-Request-Id; the look's own deadline is set before it leaves. */
export function poll(context: TransitionContext, attempt: Attempt): void {
  const { now } = context;
  attempt.pollStartedAt = now;
  attempt.lastPollAt = now;
  if (attempt.hint !== null) attempt.hint = { ...attempt.hint, isPolled: true };
  attempt.nextPollAt = now + CALL_LOST_AFTER;
  context.effects.push({
    kind: "poll",
    attempt: attempt.number,
    generation: attempt.generation,
    startedAt: now,
    reads: readsOf(context, attempt),
  });
}

function readsOf(context: TransitionContext, attempt: Attempt): readonly PollRead[] {
  const { record, random } = context;
  if (waitsForReads(attempt)) {
    const before = record.attempts[attempt.number - 2]?.gatewayOrderId ?? attempt.gatewayOrderId;
    const orderIds = new Set([before, attempt.gatewayOrderId]);
    return [...orderIds].filter((orderId) => !attempt.freeOrderIds.includes(orderId)).map((orderId) => orderRead(orderId, random));
  }
  if (attempt.paymentId !== null) {
    const call = paymentStatus({ id: attempt.paymentId }, random.requestId());
    return [{ about: "order", orderId: attempt.gatewayOrderId, call }];
  }
  const call = requestStatus({ id: attempt.requestId }, random.requestId());
  return [{ about: "request", call }, orderRead(attempt.gatewayOrderId, random)];
}

function orderRead(orderId: string, random: Random): PollRead {
  return { about: "order", orderId, call: paymentStatus({ order_id: orderId }, random.requestId()) };
}

/** The reads of a look ended. */
export function onPolled(context: TransitionContext, event: Extract<ChargeEvent, { type: "polled" }>): void {
  const attempt = context.record.attempts[event.attempt - 1];
  if (attempt === undefined || event.generation !== attempt.generation) return;
  attempt.pollStartedAt = null;
  attempt.nextPollAt = null;
  endHint(context, attempt, event);
  if (waitsForReads(attempt)) onPollBeforeSend(context, attempt, event);
  else onPollAfterSend(context, attempt, event);
  if (attempt.state === "undecided" && attempt.nextPollAt === null) {
    attempt.nextPollAt = nextPoll(context.now, event.startedAt, context.now - firstSendAt(attempt), context.random.fraction());
  }
}

/** A callback has been followed once a look that began after it could be read; after a day it is not followed any more. */
function endHint({ now }: TransitionContext, attempt: Attempt, { answers }: Extract<ChargeEvent, { type: "polled" }>): void {
  const isRead = answers.some((answer) => answer.about === "order" && paymentReading(answer.outcome, answer.orderId) !== "unreadable");
  if (attempt.hint?.isPolled === true && (isRead || now - attempt.hint.at > DAY)) attempt.hint = null;
}

/** The reads before the first send of a later attempt (M3). */
function onPollBeforeSend(context: TransitionContext, attempt: Attempt, event: Extract<ChargeEvent, { type: "polled" }>): void {
  const { record, now } = context;
  attempt.mismatch = null;
  attempt.contradicted = null;
  for (const answer of event.answers) {
    if (answer.about !== "order" || attempt.state !== "undecided") continue;
    const reading = readPayment(context, attempt, answer.orderId, answer.outcome);
    if (reading === "unreadable") continue;
    if (reading === "absent") attempt.freeOrderIds.push(answer.orderId);
    else applyPaymentBeforeSend(context, attempt, answer.orderId, reading);
  }
  if (!waitsForReads(attempt) || attempt.mismatch !== null) return;
  if (now - attempt.createdAt > SEND_WINDOW || record.closedAt !== null) {
    failUnsent(context, attempt);
    return;
  }
  const reads = readsOf(context, attempt);
  if (reads.length === 0) send(context, attempt, 0);
  else if (
    reads.some(
      (read) => read.about === "order" && !event.answers.some((answer) => answer.about === "order" && answer.orderId === read.orderId),
    )
  ) {
    poll(context, attempt);
  }
}

/** A payment stands under an order_id that was to be free. A decline is passed by; anything else is adopted. */
function applyPaymentBeforeSend(context: TransitionContext, attempt: Attempt, orderId: string, payment: PaymentState): void {
  const { record, now } = context;
  const earlier = record.attempts.findLast((other) => other.gatewayOrderId === orderId && other.sends.length > 0);
  const polled = earlier ?? attempt;
  if (payment.status === "error") {
    if (earlier !== undefined && ownerOf(record, earlier, payment) === earlier)
      applyPaymentRead(record, earlier, payment, now, attentionRaiser(context));
    if (orderId === attempt.gatewayOrderId) moveToNextOrderId(attempt, record.orderId, context.random.requestId());
    else attempt.freeOrderIds.push(orderId);
    return;
  }
  applyPaymentRead(record, polled, payment, now, attentionRaiser(context));
  if (attempt.state !== "undecided") return;
  const owner = ownerOf(record, polled, payment);
  if (owner === null) attempt.mismatch = polled.mismatch ?? "terms_differ";
  else if (owner !== attempt)
    decide(attempt, "failed", now, { by: "other_attempt", category: "gateway_unavailable", code: null, description: null });
}

/** Ends an attempt whose way was not cleared in time. */
export function failUnsent(context: TransitionContext, attempt: Attempt): void {
  decide(attempt, "failed", context.now, { by: "never_sent", category: "gateway_unavailable", code: null, description: null });
}

/** The reads after a send (M5). */
function onPollAfterSend(context: TransitionContext, attempt: Attempt, event: Extract<ChargeEvent, { type: "polled" }>): void {
  const { record, now } = context;
  const request = event.answers.find((answer) => answer.about === "request");
  const order = event.answers.find((answer) => answer.about === "order");
  const requestReading = request === undefined ? "unreadable" : readRequest(record, attempt, request.outcome);
  const reading = order === undefined ? "unreadable" : readPayment(context, attempt, order.orderId, order.outcome);
  const isThere = typeof reading === "object" && applyPaymentRead(record, attempt, reading, now, attentionRaiser(context));
  const isAbsent = reading === "absent" || (typeof reading === "object" && !isThere);
  if (attempt.state !== "undecided" || !isAbsent || attempt.knownToGateway) return;
  if (requestReading === "absent") onNeverSeen(context, attempt, event.startedAt);
  else if (typeof requestReading === "object") {
    failByRefusal(context, attempt, requestReading);
  }
}

/**
 * What `gateway.request.status` says of a create: that it was never seen, which payment it made, or the bare refusal that it was
 * answered with: the original response (contract: "What a lost answer means").
 */
function readRequest(record: ChargeRecord, attempt: Attempt, outcome: Outcome<RequestState>): "absent" | "unreadable" | Refusal {
  if (outcome.kind === "refused") return outcome.category === "not_found" ? "absent" : "unreadable";
  if (outcome.kind === "unknown") return "unreadable";
  const { response } = outcome.answer;
  const error = response?.error ?? outcome.answer.error;
  if (error !== undefined && categoryOf("read", error.code) === "not_found") return "absent";
  if (response?.id !== undefined && !namesNoPayment(response, attempt.requestId)) {
    recordPaymentId(record, attempt, response.id, response.amount);
    if (attempt.gatewayStatus === null && response.status !== "error") attempt.gatewayStatus = storedCode(response.status);
    return "unreadable";
  }
  if (error === undefined) return "unreadable";
  const category = categoryOf("create", error.code);
  if (category === "duplicate") attempt.knownToGateway = true;
  return { kind: "refused", httpStatus: 200, code: error.code, description: error.description ?? null, category };
}

/** Never seen, by both reads, both asked after the last send: the same bytes go again, or silence is believed at last. */
function onNeverSeen(context: TransitionContext, attempt: Attempt, startedAt: number): void {
  const { record, now, random } = context;
  const lastSendAt = attempt.sends.at(-1)?.at ?? attempt.createdAt;
  if (record.closedAt === null && attempt.mismatch === null && mayResend(attempt, now)) {
    send(context, attempt, keyOfResend(attempt, context.gatewayKeys));
    return;
  }
  if (attempt.mismatch !== null) return;
  if (startedAt - lastSendAt < NEVER_SEEN_AFTER) {
    const next = nextPoll(now, startedAt, now - firstSendAt(attempt), random.fraction());
    attempt.nextPollAt = Math.min(next, Math.max(now, lastSendAt + NEVER_SEEN_AFTER));
  } else if (attempt.neverSeenAt === null || startedAt - attempt.neverSeenAt < NEVER_SEEN_APART) {
    attempt.neverSeenAt ??= startedAt;
    attempt.nextPollAt = attempt.neverSeenAt + NEVER_SEEN_APART;
  } else {
    decide(attempt, "failed", now, { by: "silence", category: "gateway_unavailable", code: null, description: null });
  }
}
