/** Clearing, reverse and refund: how they are begun, sent and found out (M8). */
import { categoryOf } from "../../../src/decline.ts";
import type { RequestState } from "../../../src/payment.ts";
import { requestStatus } from "../../../src/payment.ts";
import { CAPABILITIES } from "../capabilities.ts";
import type { GatewayOutcome, Refusal } from "../gateway-call.ts";
import {
  dropUnsent,
  firstSendAt,
  keyOfResend,
  mayResend,
  mayTryOtherKey,
  namesNoPayment,
  recordEnd,
  recordSend,
  sendWindowEnds,
} from "../pending-call.ts";
import { paymentCall } from "../poll-read.ts";
import type { TransitionContext } from "../state.ts";
import { attentionRaiser, raiseOperationAttention } from "../state.ts";
import type { ChargeEvent, Decision } from "../event.ts";
import {
  editCall,
  endOperation,
  fillRefundAmount,
  prepareEdit,
  newOperation,
  outcomeByRead,
  isEndedByRefusal,
  mayRepeat,
  noteUnchanged,
  refusalOf,
} from "../operation.ts";
import { CALL_LOST_AFTER, firstPoll, nextPoll, SEND_WINDOW } from "../schedule.ts";
import type { RequestReading } from "../payment-reading.ts";
import { ABSENT, readPayment, UNREADABLE } from "../payment-reading.ts";
import { applyLedger, applyPaymentRead, ownerOf } from "../reconcile.ts";
import type { Attempt, Operation, OperationKind } from "../record.ts";
import { storedPaymentId } from "../record.ts";
import { currentAttempt } from "../view.ts";
import { answerToKnownKey } from "./pay.ts";

/** Operations of one order. Its record is one row, and a row has at most 2 MB (Durable Objects, "Limits"). */
export const MAX_OPERATIONS = 200;

/** The scope of the Idempotency-Key of an operation. */
export function operationScope(kind: OperationKind): string {
  return `merchant ${kind}`;
}

/** The merchant requests an operation. */
export function operate(context: TransitionContext, event: Extract<ChargeEvent, { type: "operate" }>): Decision {
  const { record, now, random } = context;
  const { kind, key, requestedAmount, bound } = event;
  const content = JSON.stringify(requestedAmount);
  if (bound !== null) return answerToKnownKey(bound, content);
  if (record.operations.some(({ state }) => state === "undecided")) return { ok: false, code: "operation_in_progress" };
  const attempt = record.operations.length < MAX_OPERATIONS ? currentAttempt(record) : null;
  if (attempt === null) return { ok: false, code: "operation_not_allowed" };
  const refusal = refusalOf(kind, attempt, requestedAmount);
  if (refusal !== null) return { ok: false, code: refusal };
  const operation = newOperation(record, { kind, attempt, requestedAmount, now, requestId: random.requestId() });
  record.operations.push(operation);
  context.binding = { scope: operationScope(kind), key, content, subject: operation.number };
  pollOperation(context, operation);
  return { ok: true, began: true, subject: operation.number };
}

/**
 * Starts a poll. It reads the payment: before a send this read says whether the operation may be sent (M8.3). After a send it also asks
 * about the operation's own request, until the gateway is known to have seen it: only "never seen" and a refusal are learnt from that.
 */
export function pollOperation(context: TransitionContext, operation: Operation): void {
  const { record, now, random } = context;
  const attempt = record.attempts[operation.attempt - 1];
  const paymentId = attempt?.paymentId ?? null;
  operation.pollStartedAt = now;
  operation.nextPollAt = now + CALL_LOST_AFTER;
  // An operation begins only on a payment whose id is known; this satisfies the type.
  if (attempt === undefined || paymentId === null) return;
  const readsRequest = CAPABILITIES[operation.api].readsRequests && operation.sends.length > 0 && !operation.knownToGateway;
  context.effects.push({
    kind: "poll_operation",
    operation: operation.number,
    generation: operation.generation,
    startedAt: now,
    payment: paymentCall(attempt, paymentId, random),
    request: readsRequest ? requestStatus({ id: operation.requestId }, random.requestId()) : null,
  });
}

/** Records a send; it leaves once the record is stored. */
function sendEdit(context: TransitionContext, operation: Operation, body: string, key: number, windowEnds: number | null = null): void {
  recordSend(operation, { now: context.now, keyIndex: key });
  const send = operation.sends.length - 1;
  const expiresAt = windowEnds ?? sendWindowEnds(operation);
  const paymentId = context.record.attempts[operation.attempt - 1]?.paymentId ?? "";
  const call = editCall(operation, body, paymentId);
  context.effects.push({ kind: "edit", operation: operation.number, send, key, call, expiresAt });
}

/** The call of an operation ended. */
export function onEditAnswered(context: TransitionContext, event: Extract<ChargeEvent, { type: "edit_answered" }>): void {
  const { now, random } = context;
  const operation = context.record.operations[event.operation - 1];
  const sent = operation?.sends[event.send];
  if (operation === undefined || sent === undefined) return;
  const { outcome, leftAt } = event;
  // An ended operation stores its first and last send alone, so a late answer's send number is not valid any more.
  if (operation.state !== "undecided") return;
  if (outcome.kind === "not_sent") {
    onEditNotSent(context, operation, event.send);
    return;
  }
  recordEnd(operation, sent, outcome, { now, leftAt });
  if (event.send !== operation.sends.length - 1) return;
  operation.nextPollAt = firstPoll({ now, fraction: random.fraction() });
  if (outcome.kind === "refused") {
    onEditRefused(context, operation, sent.keyIndex, outcome);
    return;
  }
  if (outcome.kind === "unknown") return;
  const { error, refund_payment, reverse_payment } = outcome.answer;
  if (error !== undefined) {
    const { code, description = null } = error;
    return onEditRefused(context, operation, sent.keyIndex, {
      kind: "refused",
      httpStatus: outcome.httpStatus,
      code,
      description,
      category: categoryOf("edit", code),
    });
  }
  operation.knownToGateway = true;
  operation.namedRow = storedPaymentId(refund_payment?.id ?? reverse_payment?.id);
}

/** An operation whose window passed in the queue. Without an earlier send it ends; otherwise polls find out about that one. */
function onEditNotSent({ now }: TransitionContext, operation: Operation, send: number): void {
  if (operation.sends[send]?.endedAt !== null) return;
  dropUnsent(operation, send);
  if (operation.sends.length > 0) operation.nextPollAt = now;
  else endOperation(operation, "not_done", now, { code: "unavailable", gatewayCode: null, description: null });
}

function onEditRefused(context: TransitionContext, operation: Operation, key: number, refusal: Refusal): void {
  const { now, random, gatewayKeyCount } = context;
  if (refusal.category === "duplicate" && CAPABILITIES[operation.api].duplicateIsKnown) operation.knownToGateway = true;
  if (operation.body !== null && mayTryOtherKey(operation, refusal, { gatewayKeyCount, now })) {
    for (const sent of operation.sends) sent.superseded = true;
    operation.requestId = random.requestId();
    sendEdit(context, operation, operation.body, (key + 1) % gatewayKeyCount);
  } else if (isEndedByRefusal(operation, refusal)) endAsRefused(operation, refusal, now);
}

function endAsRefused(operation: Operation, refusal: Refusal | null, now: number): void {
  const { code = null, description = null } = refusal ?? {};
  endOperation(operation, "refused", now, { code: "operation_not_allowed", gatewayCode: code, description });
}

/** The reads of an operation's poll ended. Each read of the payment updates the ledger. */
export function onOperationPolled(context: TransitionContext, event: Extract<ChargeEvent, { type: "operation_polled" }>): void {
  const { record, now, random } = context;
  const operation = record.operations[event.operation - 1];
  const attempt = operation === undefined ? undefined : record.attempts[operation.attempt - 1];
  if (operation === undefined || attempt === undefined || event.generation !== operation.generation || operation.state !== "undecided")
    return;
  operation.pollStartedAt = null;
  operation.nextPollAt = nextPoll({ now, startedAt: event.startedAt, age: now - firstSendAt(operation), fraction: random.fraction() });
  const reading = event.payment === null ? UNREADABLE : readPayment(context, attempt, attempt.gatewayOrderId, event.payment);
  if (reading.kind !== "payment") {
    endIfOverdue(context, operation);
    return;
  }
  const { payment } = reading;
  const isOwn = ownerOf(record, attempt, payment) === attempt;
  applyPaymentRead(record, attempt, payment, now, attentionRaiser(context));
  if (!isOwn) {
    endIfOverdue(context, operation);
    return;
  }
  if (operation.body === null) {
    prepareAndSend(context, operation, attempt);
    return;
  }
  const proof = outcomeByRead(operation, attempt, payment);
  if (proof === "done") {
    fillRefundAmount(operation, attempt);
    applyLedger(attempt, now);
    endOperation(operation, "done", now);
    return;
  }
  if (proof === "refused") {
    endAsRefused(operation, null, now);
    return;
  }
  if (proof === "overtaken") {
    raiseOperationAttention(context, "operation_overtaken", operation);
    endOperation(operation, "not_done", now, { code: "operation_not_allowed", gatewayCode: null, description: null });
    return;
  }
  const request = event.request === null ? UNREADABLE : readEditRequest(operation, event.request);
  if (request.kind === "absent" && mayResend(operation, now)) {
    sendEdit(context, operation, operation.body, keyOfResend(operation, context.gatewayKeyCount));
    return;
  }
  if (mayRepeat(operation, attempt, event.startedAt)) {
    sendEdit(context, operation, operation.body, operation.sends.at(-1)?.keyIndex ?? 0, now + SEND_WINDOW);
    return;
  }
  noteUnchanged(operation, event.startedAt);
  if (request.kind === "refused" && isEndedByRefusal(operation, request)) {
    endAsRefused(operation, request, now);
    return;
  }
  endIfOverdue(context, operation);
}

/** The read before an operation allows it or ends it. If it is allowed, its amount and bytes are stored, and it is sent. */
function prepareAndSend(context: TransitionContext, operation: Operation, attempt: Attempt): void {
  const { now } = context;
  const refusal = refusalOf(operation.kind, attempt, operation.requestedAmount);
  if (refusal !== null || attempt.paymentId === null) {
    endOperation(operation, "refused", now, { code: refusal ?? "operation_not_allowed", gatewayCode: null, description: null });
    return;
  }
  if (now - operation.createdAt > SEND_WINDOW) {
    endIfOverdue(context, operation);
    return;
  }
  prepareEdit(operation, attempt, attempt.paymentId);
  if (operation.body !== null) sendEdit(context, operation, operation.body, 0);
}

/** Past SEND_WINDOW an operation that was never sent ends; one that was sent stays undecided and raises attention. Before it nothing happens. */
function endIfOverdue(context: TransitionContext, operation: Operation): void {
  const { now } = context;
  if (now - firstSendAt(operation) <= SEND_WINDOW) return;
  if (operation.sends.length > 0) {
    raiseOperationAttention(context, "operation_undecided", operation);
    return;
  }
  endOperation(operation, "not_done", now, { code: "unavailable", gatewayCode: null, description: null });
}

/** Sorts a read of the edit's own request. An answer that is no error, or another error than "never seen", shows that the gateway saw it. */
function readEditRequest(operation: Operation, outcome: GatewayOutcome<RequestState>): RequestReading {
  if (outcome.kind === "refused") return outcome.category === "not_found" ? ABSENT : UNREADABLE;
  if (outcome.kind === "unknown") return UNREADABLE;
  const { response } = outcome.answer;
  const error = response?.error ?? outcome.answer.error;
  if (error === undefined) {
    if (response?.id !== undefined && !namesNoPayment(response, operation.requestId)) operation.knownToGateway = true;
    return UNREADABLE;
  }
  if (categoryOf("read", error.code) === "not_found") return ABSENT;
  operation.knownToGateway = true;
  return {
    kind: "refused",
    httpStatus: 200,
    code: error.code,
    description: error.description ?? null,
    category: categoryOf("edit", error.code),
  };
}
