/** Finding out what became of a create, and whether a later one may leave at all (M3, M5 and M6). */
import { categoryOf } from "../../../src/decline.ts";
import { DAY } from "../../../src/lib/time.ts";
import type { Outcome } from "../../../src/outcome.ts";
import type { PaymentState, RequestState } from "../../../src/payment.ts";
import { paymentStatus, requestStatus } from "../../../src/payment.ts";
import { decide, moveOn } from "../attempt.ts";
import type { Refusal } from "../pending-call.ts";
import { firstSendAt, keyOfResend, mayResend, namesNoPayment } from "../pending-call.ts";
import type { Draft } from "../state.ts";
import { tellOf } from "../state.ts";
import type { ChargeEvent, LookAsk, Random } from "../event.ts";
import { CALL_LOST_AFTER, NEVER_SEEN_AFTER, NEVER_SEEN_APART, nextLook, SEND_WINDOW } from "../schedule.ts";
import { paymentReading, readPayment } from "../payment-reading.ts";
import { believe, ownerOf } from "../reconcile.ts";
import type { Attempt, ChargeRecord } from "../record.ts";
import { keptWord } from "../record.ts";
import { failByRefusal, noteSeen, send } from "./create-answered.ts";

/** A later attempt that waits for the reads which must clear its way (M3). */
export function waitsForReads(attempt: Attempt): boolean {
  return attempt.state === "undecided" && attempt.sends.length === 0 && !attempt.seen;
}

/** Asks the gateway what it knows. Every read has a fresh X-Request-Id; the look's own deadline is set before it leaves. */
export function look(draft: Draft, attempt: Attempt): void {
  const { now } = draft;
  attempt.lookingSince = now;
  attempt.lookStartedAt = now;
  if (attempt.hint !== null) attempt.hint = { ...attempt.hint, isTried: true };
  attempt.nextLookAt = now + CALL_LOST_AFTER;
  draft.effects.push({ kind: "look", attempt: attempt.number, epoch: attempt.epoch, askedAt: now, asks: asksOf(draft, attempt) });
}

function asksOf(draft: Draft, attempt: Attempt): readonly LookAsk[] {
  const { record, random } = draft;
  if (waitsForReads(attempt)) {
    const before = record.attempts[attempt.number - 2]?.gatewayOrderId ?? attempt.gatewayOrderId;
    const orderIds = new Set([before, attempt.gatewayOrderId]);
    return [...orderIds].filter((orderId) => !attempt.clearOrderIds.includes(orderId)).map((orderId) => askOrder(orderId, random));
  }
  if (attempt.paymentId !== null) {
    const call = paymentStatus({ id: attempt.paymentId }, random.requestId());
    return [{ about: "order", orderId: attempt.gatewayOrderId, call }];
  }
  const call = requestStatus({ id: attempt.requestId }, random.requestId());
  return [{ about: "request", call }, askOrder(attempt.gatewayOrderId, random)];
}

function askOrder(orderId: string, random: Random): LookAsk {
  return { about: "order", orderId, call: paymentStatus({ order_id: orderId }, random.requestId()) };
}

/** The reads of a look ended. */
export function looked(draft: Draft, event: Extract<ChargeEvent, { type: "looked" }>): void {
  const attempt = draft.record.attempts[event.attempt - 1];
  if (attempt === undefined || event.epoch !== attempt.epoch) return;
  attempt.lookingSince = null;
  attempt.nextLookAt = null;
  endHint(draft, attempt, event);
  if (waitsForReads(attempt)) checked(draft, attempt, event);
  else found(draft, attempt, event);
  if (attempt.state === "undecided" && attempt.nextLookAt === null) {
    attempt.nextLookAt = nextLook(draft.now, event.askedAt, draft.now - firstSendAt(attempt), draft.random.fraction());
  }
}

/** A callback has been followed once a look that began after it could be read; after a day it is not followed any more. */
function endHint({ now }: Draft, attempt: Attempt, { answers }: Extract<ChargeEvent, { type: "looked" }>): void {
  const isRead = answers.some((answer) => answer.about === "order" && paymentReading(answer.outcome, answer.orderId) !== "unreadable");
  if (attempt.hint?.isTried === true && (isRead || now - attempt.hint.at > DAY)) attempt.hint = null;
}

/** The reads before the first send of a later attempt (M3). */
function checked(draft: Draft, attempt: Attempt, event: Extract<ChargeEvent, { type: "looked" }>): void {
  const { record, now } = draft;
  attempt.puzzle = null;
  attempt.contradicted = null;
  for (const answer of event.answers) {
    if (answer.about !== "order" || attempt.state !== "undecided") continue;
    const reading = readPayment(draft, attempt, answer.orderId, answer.outcome);
    if (reading === "unreadable") continue;
    if (reading === "absent") attempt.clearOrderIds.push(answer.orderId);
    else foundBeforeSend(draft, attempt, answer.orderId, reading);
  }
  if (!waitsForReads(attempt) || attempt.puzzle !== null) return;
  if (now - attempt.claimedAt > SEND_WINDOW || record.closedAt !== null) {
    neverSent(draft, attempt);
    return;
  }
  const asks = asksOf(draft, attempt);
  if (asks.length === 0) send(draft, attempt, 0);
  else if (
    asks.some((ask) => ask.about === "order" && !event.answers.some((answer) => answer.about === "order" && answer.orderId === ask.orderId))
  ) {
    look(draft, attempt);
  }
}

/** A payment stands under an order_id that was to be free. A decline is passed by; anything else is adopted. */
function foundBeforeSend(draft: Draft, attempt: Attempt, orderId: string, payment: PaymentState): void {
  const { record, now } = draft;
  const earlier = record.attempts.findLast((other) => other.gatewayOrderId === orderId && other.sends.length > 0);
  const looking = earlier ?? attempt;
  if (payment.status === "error") {
    if (earlier !== undefined && ownerOf(record, earlier, payment) === earlier) believe(record, earlier, payment, now, tellOf(draft));
    if (orderId === attempt.gatewayOrderId) moveOn(attempt, record.orderId, draft.random.requestId());
    else attempt.clearOrderIds.push(orderId);
    return;
  }
  believe(record, looking, payment, now, tellOf(draft));
  if (attempt.state !== "undecided") return;
  const owner = ownerOf(record, looking, payment);
  if (owner === null) attempt.puzzle = looking.puzzle ?? "terms_differ";
  else if (owner !== attempt)
    decide(attempt, "failed", now, { by: "other_attempt", category: "gateway_unavailable", code: null, description: null });
}

/** Ends an attempt whose way was not cleared in time. */
export function neverSent(draft: Draft, attempt: Attempt): void {
  decide(attempt, "failed", draft.now, { by: "never_sent", category: "gateway_unavailable", code: null, description: null });
}

/** The reads after a send (M5). */
function found(draft: Draft, attempt: Attempt, event: Extract<ChargeEvent, { type: "looked" }>): void {
  const { record, now } = draft;
  const request = event.answers.find((answer) => answer.about === "request");
  const order = event.answers.find((answer) => answer.about === "order");
  const requestReading = request === undefined ? "unreadable" : readRequest(record, attempt, request.outcome);
  const reading = order === undefined ? "unreadable" : readPayment(draft, attempt, order.orderId, order.outcome);
  const isThere = typeof reading === "object" && believe(record, attempt, reading, now, tellOf(draft));
  const isAbsent = reading === "absent" || (typeof reading === "object" && !isThere);
  if (attempt.state !== "undecided" || !isAbsent || attempt.seen) return;
  if (requestReading === "absent") neverSeen(draft, attempt, event.askedAt);
  else if (typeof requestReading === "object") {
    failByRefusal(draft, attempt, requestReading);
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
    noteSeen(record, attempt, response.id, response.amount);
    if (attempt.word === null && response.status !== "error") attempt.word = keptWord(response.status);
    return "unreadable";
  }
  if (error === undefined) return "unreadable";
  const category = categoryOf("create", error.code);
  if (category === "duplicate") attempt.seen = true;
  return { kind: "refused", httpStatus: 200, code: error.code, description: error.description ?? null, category };
}

/** Never seen, by both reads, both asked after the last send: the same bytes go again, or silence is believed at last. */
function neverSeen(draft: Draft, attempt: Attempt, askedAt: number): void {
  const { record, now, random } = draft;
  const lastSendAt = attempt.sends.at(-1)?.at ?? attempt.claimedAt;
  if (record.closedAt === null && attempt.puzzle === null && mayResend(attempt, now)) {
    send(draft, attempt, keyOfResend(attempt, draft.gatewayKeys));
    return;
  }
  if (attempt.puzzle !== null) return;
  if (askedAt - lastSendAt < NEVER_SEEN_AFTER) {
    const next = nextLook(now, askedAt, now - firstSendAt(attempt), random.fraction());
    attempt.nextLookAt = Math.min(next, Math.max(now, lastSendAt + NEVER_SEEN_AFTER));
  } else if (attempt.neverSeenAt === null || askedAt - attempt.neverSeenAt < NEVER_SEEN_APART) {
    attempt.neverSeenAt ??= askedAt;
    attempt.nextLookAt = attempt.neverSeenAt + NEVER_SEEN_APART;
  } else {
    decide(attempt, "failed", now, { by: "silence", category: "gateway_unavailable", code: null, description: null });
  }
}
