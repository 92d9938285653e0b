/** Polls: the reads that find out what became of a create, and whether a later one may be sent (M3, M5 and M6). */
import { categoryOf } from "../../../src/decline.ts";
import { DAY } from "../../../src/lib/time.ts";
import type { RequestState } from "../../../src/payment.ts";
import { requestStatus } from "../../../src/payment.ts";
import { decide, failUnsent, moveToNextOrderId } from "../attempt.ts";
import { CAPABILITIES } from "../capabilities.ts";
import type { GatewayOutcome, ReadPayment } from "../gateway-call.ts";
import { firstSendAt, keyOfResend, mayResend, namesNoPayment } from "../pending-call.ts";
import { pageReads, paymentRead } from "../poll-read.ts";
import type { TransitionContext } from "../state.ts";
import { attentionRaiser } from "../state.ts";
import type { ChargeEvent, FollowingRead, PollRead } from "../event.ts";
import { CALL_LOST_AFTER, NEVER_SEEN_APART, nextPoll, SEND_WINDOW } from "../schedule.ts";
import type { RequestReading } from "../payment-reading.ts";
import { ABSENT, paymentReading, readPayment, UNREADABLE } from "../payment-reading.ts";
import { applyPaymentRead, ownerOf } from "../reconcile.ts";
import type { Attempt, ChargeRecord } from "../record.ts";
import { storedCode } from "../record.ts";
import { isUnpaid } from "../page-try.ts";
import { begin } from "./begin.ts";
import { failByRefusal, recordPaymentId, send } from "./create-answered.ts";
import { onPagePolled } from "./page-polled.ts";

/** Whether an attempt waits for the reads that come before its first send (M3). */
export function waitsForReads(attempt: Attempt): boolean {
  return attempt.state === "undecided" && attempt.sends.length === 0 && !attempt.knownToGateway;
}

/**
 * Starts a poll. Every read has a fresh X-Request-Id; the deadline of the poll is stored before it leaves.
 * @param startedAt when its reads leave: now, or a little later, for which the object waits
 */
export function poll(context: TransitionContext, attempt: Attempt, startedAt: number = context.now): void {
  attempt.pollStartedAt = startedAt;
  attempt.lastPollStartedAt = startedAt;
  if (attempt.hint !== null) attempt.hint = { ...attempt.hint, hasLedToPoll: true };
  attempt.nextPollAt = startedAt + CALL_LOST_AFTER;
  context.effects.push({
    kind: "poll",
    attempt: attempt.number,
    generation: attempt.generation,
    startedAt,
    reads: readsOf(context, attempt),
  });
}

/**
 * The reads of one poll.
 *
 * 1. Before the first send of a later attempt (M3): the gateway order_ids that are not known to be without a payment.
 * 2. Of a page: its number or its payment, and its other tries (P2).
 * 3. The payment, if its id is known.
 * 4. Else the order_id, and the create's own request where the API can be asked about it.
 *
 * Each order_id is read by the API that used it (P3).
 */
function readsOf(context: TransitionContext, attempt: Attempt): readonly PollRead[] {
  const { record, random } = context;
  if (waitsForReads(attempt)) {
    const before = record.attempts[attempt.number - 2] ?? attempt;
    const byOrderId = new Map([before, attempt].map((one) => [one.gatewayOrderId, one]));
    return [...byOrderId.values()]
      .filter(({ gatewayOrderId }) => !attempt.freeOrderIds.includes(gatewayOrderId))
      .flatMap((one) =>
        one.page === null || one.sends.length === 0 ? [paymentRead(one, null, random)] : pageReads(one, one.page, random),
      );
  }
  if (attempt.page !== null) return pageReads(attempt, attempt.page, random);
  if (attempt.paymentId !== null) return [paymentRead(attempt, attempt.paymentId, random)];
  if (!CAPABILITIES[attempt.api].readsRequests) return [paymentRead(attempt, null, random)];
  const call = requestStatus({ id: attempt.requestId }, random.requestId());
  return [{ about: "request", call }, paymentRead(attempt, null, random)];
}

/** The reads of a poll ended. */
export function onPolled(context: TransitionContext, event: Extract<ChargeEvent, { type: "polled" }>): void {
  const attempt = context.record.attempts[event.attempt - 1];
  if (attempt === undefined || event.generation !== attempt.generation) return;
  // An answer of an earlier poll, which may have left before the callback, does not end the callback.
  if (event.startedAt === attempt.pollStartedAt) endHint(context, attempt, event);
  attempt.pollStartedAt = null;
  attempt.nextPollAt = null;
  if (waitsForReads(attempt)) onPollBeforeSend(context, attempt, event);
  else if (attempt.page !== null) onPagePolled(context, attempt, attempt.page, event);
  else onPollAfterSend(context, attempt, event);
  if (attempt.state === "undecided" && attempt.nextPollAt === null && attempt.page === null) {
    attempt.nextPollAt = nextPoll({
      now: context.now,
      startedAt: event.startedAt,
      age: context.now - firstSendAt(attempt),
      fraction: context.random.fraction(),
    });
  }
}

/** The read that followed a create at once: a poll of its own, which began after the callbacks that came before it. */
export function onFollowingRead(context: TransitionContext, number: number, { startedAt, answer }: FollowingRead): void {
  const attempt = context.record.attempts[number - 1];
  if (attempt === undefined) return;
  attempt.lastPollStartedAt = startedAt;
  if (attempt.hint !== null && attempt.hint.at < startedAt) {
    attempt.hint = { ...attempt.hint, hasLedToPoll: true };
    attempt.pollStartedAt = startedAt;
  }
  onPolled(context, { type: "polled", attempt: number, generation: attempt.generation, startedAt, answers: [answer] });
}

/** A callback is done with once a poll that began after it could be read. After a day it is dropped. */
function endHint({ now }: TransitionContext, attempt: Attempt, { answers }: Extract<ChargeEvent, { type: "polled" }>): void {
  const isRead = answers.some((answer) => answer.about === "order" && paymentReading(answer.outcome, answer.orderId).kind !== "unreadable");
  if (attempt.hint?.hasLedToPoll === true && (isRead || now - attempt.hint.at > DAY)) attempt.hint = null;
}

/** The reads before the first send of a later attempt (M3). */
function onPollBeforeSend(context: TransitionContext, attempt: Attempt, event: Extract<ChargeEvent, { type: "polled" }>): void {
  const { record, now } = context;
  attempt.mismatch = null;
  attempt.contradicted = null;
  const used = new Set<string>();
  for (const answer of event.answers) {
    if (answer.about !== "order" || attempt.state !== "undecided") continue;
    const reading = readPayment(context, attempt, answer.orderId, answer.outcome);
    // An id that init or a notification named binds nothing: another order's payment says nothing of this order_id.
    const isOfAnother = reading.kind === "payment" && answer.tryId !== undefined && isOfAnotherOrderId(reading.payment, answer.orderId);
    if (reading.kind === "payment" && !isOfAnother && !isOfUnusedPage(record, answer.orderId, reading.payment)) {
      if (reading.payment.status !== "error") used.add(answer.orderId);
      applyPaymentBeforeSend(context, attempt, answer.orderId, reading.payment);
    } else if (isFree(record, event, answer.orderId) && !attempt.freeOrderIds.includes(answer.orderId))
      attempt.freeOrderIds.push(answer.orderId);
  }
  // Several answers may be about one order_id. What one of them shows there no other one takes away.
  attempt.freeOrderIds = attempt.freeOrderIds.filter((orderId) => !used.has(orderId));
  if (!waitsForReads(attempt) || attempt.mismatch !== null) return;
  if (now - attempt.createdAt > SEND_WINDOW || record.closedAt !== null) {
    failUnsent(attempt, now);
    return;
  }
  const reads = readsOf(context, attempt);
  if (reads.length === 0) begin(context, attempt);
  else if (
    reads.some(
      (read) => read.about === "order" && !event.answers.some((answer) => answer.about === "order" && answer.orderId === read.orderId),
    )
  ) {
    poll(context, attempt);
  }
}

/** Whether every read of an order_id, and of each try on its page, left and could be read. */
function isFree({ attempts }: ChargeRecord, { answers }: Extract<ChargeEvent, { type: "polled" }>, orderId: string): boolean {
  const wereRead = answers.flatMap((answer) =>
    answer.about === "order" && answer.orderId === orderId && paymentReading(answer.outcome, orderId).kind !== "unreadable"
      ? [answer.tryId]
      : [],
  );
  const ofOrder = attempts.filter(({ gatewayOrderId, sends }) => gatewayOrderId === orderId && sends.length > 0);
  const tries = ofOrder.flatMap(({ page, paymentId }) => (page?.tries ?? []).filter(({ id }) => id !== (paymentId ?? page?.shownTryId)));
  return wereRead.includes(undefined) && tries.every(({ id }) => wereRead.includes(id));
}

function isOfAnotherOrderId({ order_id }: ReadPayment, orderId: string): boolean {
  return order_id !== undefined && order_id !== orderId;
}

/** Whether a read shows only that an earlier page, which has ended, was never paid: that counts as absent (P4). */
function isOfUnusedPage({ attempts }: ChargeRecord, orderId: string, payment: ReadPayment): boolean {
  const sent = attempts.filter(({ gatewayOrderId, sends }) => gatewayOrderId === orderId && sends.length > 0);
  return sent.length > 0 && sent.every(({ page, state }) => page !== null && state === "failed") && isUnpaid(payment);
}

/**
 * There is a payment under an order_id that has to be free (M3).
 *
 * 1. A decline under the attempt's own order_id moves the attempt to the next one. A decline under the earlier order_id frees that id.
 * 2. Any other payment goes to its owner, often an earlier attempt, and the attempt that waited fails.
 * 3. Without an owner the attempt stays unconfirmed.
 */
function applyPaymentBeforeSend(context: TransitionContext, attempt: Attempt, orderId: string, payment: ReadPayment): void {
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

/** The reads after a send (M5 and M6). */
function onPollAfterSend(context: TransitionContext, attempt: Attempt, event: Extract<ChargeEvent, { type: "polled" }>): void {
  const { record, now } = context;
  const request = event.answers.find((answer) => answer.about === "request");
  const order = event.answers.find((answer) => answer.about === "order");
  const { readsRequests, refusedOrderId } = CAPABILITIES[attempt.api];
  const unasked = readsRequests ? UNREADABLE : ABSENT;
  const requestReading = request === undefined ? unasked : readRequest(record, attempt, request.outcome);
  const reading = order === undefined ? UNREADABLE : readPayment(context, attempt, order.orderId, order.outcome);
  const isApplied = reading.kind === "payment" && applyPaymentRead(record, attempt, reading.payment, now, attentionRaiser(context));
  const isAbsent = reading.kind === "absent" || (reading.kind === "payment" && !isApplied);
  if (attempt.state !== "undecided" || !isAbsent || attempt.knownToGateway) return;
  const end = attempt.sends.at(-1)?.end ?? null;
  const mayMoveOn = now - attempt.createdAt <= SEND_WINDOW && record.closedAt === null && !attempt.wasCalledBack;
  if (end !== null && refusedOrderId(end) && mayMoveOn) {
    onOrderIdRefused(context, attempt, { startedAt: event.startedAt });
    return;
  }
  if (requestReading.kind === "absent") onNeverSeen(context, attempt, event.startedAt);
  else if (requestReading.kind === "refused") failByRefusal(context, attempt, requestReading);
}

/**
 * Sorts a read of `gateway.request.status` (contract, "What a lost answer means").
 *
 * 1. 1202 or 11068: the gateway never saw the create.
 * 2. A payment id: it is stored. Which state that payment has is read by its id.
 * 3. Any other error: the refusal that the create was answered with.
 */
function readRequest(record: ChargeRecord, attempt: Attempt, outcome: GatewayOutcome<RequestState>): RequestReading {
  if (outcome.kind === "refused") return outcome.category === "not_found" ? ABSENT : UNREADABLE;
  if (outcome.kind === "unknown") return UNREADABLE;
  const { response } = outcome.answer;
  const error = response?.error ?? outcome.answer.error;
  if (error !== undefined && categoryOf("read", error.code) === "not_found") return ABSENT;
  if (response?.id !== undefined && !namesNoPayment(response, attempt.requestId)) {
    recordPaymentId(record, attempt, response.id, response.amount);
    if (attempt.gatewayStatus === null && response.status !== "error") attempt.gatewayStatus = storedCode(response.status);
    return UNREADABLE;
  }
  if (error === undefined) return UNREADABLE;
  const category = categoryOf("create", error.code);
  if (category === "duplicate") attempt.knownToGateway = true;
  return { kind: "refused", httpStatus: 200, code: error.code, description: error.description ?? null, category };
}

/**
 * Both reads say "never seen", and both began after the last send (M5).
 *
 * 1. Within SEND_WINDOW the same bytes are sent again.
 * 2. Later the poll is repeated until two such answers count.
 * 3. Then the attempt fails, provisionally.
 */
function onNeverSeen(context: TransitionContext, attempt: Attempt, startedAt: number): void {
  const { record, now, random } = context;
  const last = attempt.sends.at(-1);
  const lastSendAt = last?.leftBy ?? last?.at ?? attempt.createdAt;
  if (record.closedAt === null && attempt.mismatch === null && mayResend(attempt, now)) {
    send(context, attempt, keyOfResend(attempt, context.gatewayKeyCount));
    return;
  }
  if (attempt.mismatch !== null) return;
  const { after, apart, category } = CAPABILITIES[attempt.api].silence(last?.end ?? null);
  if (startedAt - lastSendAt < after) {
    const next = nextPoll({ now, startedAt, age: now - firstSendAt(attempt), fraction: random.fraction() });
    attempt.nextPollAt = Math.min(next, Math.max(now, lastSendAt + after));
    return;
  }
  // A read without a payment after a used order_id (P1.5) may have begun too early to count here.
  const first = attempt.neverSeenAt !== null && attempt.neverSeenAt - lastSendAt >= after ? attempt.neverSeenAt : startedAt;
  if (startedAt - first < apart) {
    attempt.neverSeenAt = first;
    attempt.nextPollAt = first + apart;
  } else {
    const { code = null, description = null } = (category === null ? null : last?.end) ?? {};
    decide(attempt, "failed", now, { by: "silence", category: category ?? "gateway_unavailable", code, description });
  }
}

/**
 * The Merchant API refused the create because its order_id was used, and there is no payment under it (P1). That create took nothing.
 *
 * 1. The order_id is read until two reads, 30 s apart, show no payment.
 * 2. Then the attempt moves on to the next order_id and is sent.
 *
 * Not later than SEND_WINDOW after the click, not once the order is closed, and not after a callback: then the attempt is like one whose
 * answer was lost, because an error of this API was followed by a payment.
 */
function onOrderIdRefused(context: TransitionContext, attempt: Attempt, { startedAt }: { readonly startedAt: number }): void {
  const { record, random } = context;
  if (attempt.mismatch !== null) return;
  if (attempt.neverSeenAt === null || startedAt - attempt.neverSeenAt < NEVER_SEEN_APART) {
    attempt.neverSeenAt ??= startedAt;
    attempt.nextPollAt = attempt.neverSeenAt + NEVER_SEEN_APART;
  } else {
    const keyIndex = attempt.sends.at(-1)?.keyIndex ?? 0;
    moveToNextOrderId(attempt, record.orderId, random.requestId());
    send(context, attempt, keyIndex);
  }
}
