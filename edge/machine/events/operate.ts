/** Clearing, reverse and refund: asked for, sent and found out (M8). */
import { categoryOf } from "../../../src/decline.ts";
import type { Outcome } from "../../../src/outcome.ts";
import type { RequestState } from "../../../src/payment.ts";
import { paymentStatus, requestStatus } from "../../../src/payment.ts";
import type { Refusal } from "../pending-call.ts";
import { firstSendAt, keyOfResend, mayResend, mayTryOtherKey, namesNoPayment, recordEnd, recordSend } from "../pending-call.ts";
import type { Draft } from "../state.ts";
import { tellOf, tellOfOperation } from "../state.ts";
import type { ChargeEvent, Decision } from "../event.ts";
import { editCall, endOperation, fillRefundAmount, fixOperation, newOperation, provenByRead, refusedFor, whyNot } from "../operation.ts";
import { CALL_LOST_AFTER, firstLook, nextLook, SEND_WINDOW } from "../schedule.ts";
import { readPayment } from "../payment-reading.ts";
import { applyLedger, believe, ownerOf } from "../reconcile.ts";
import type { Attempt, Operation, OperationKind } from "../record.ts";
import { keptPaymentId } from "../record.ts";
import { currentAttempt } from "../view.ts";
import { answerToKnownKey } from "./pay.ts";

/** Operations that one order takes: its record is one row of at most 2 MB (Durable Objects, "Limits"). */
export const MOST_OPERATIONS = 200;

/** The scope of a key that operates. */
export function operationScope(kind: OperationKind): string {
  return `merchant ${kind}`;
}

/** The merchant asks for an operation. */
export function operate(draft: Draft, event: Extract<ChargeEvent, { type: "operate" }>): Decision {
  const { record, now, random } = draft;
  const { kind, key, asked, bound } = event;
  const content = JSON.stringify(asked);
  if (bound !== null) return answerToKnownKey(bound, content);
  if (record.operations.some(({ state }) => state === "undecided")) return { ok: false, code: "operation_in_progress" };
  const attempt = record.operations.length < MOST_OPERATIONS ? currentAttempt(record) : null;
  if (attempt === null) return { ok: false, code: "operation_not_allowed" };
  const refusal = whyNot(kind, attempt, asked);
  if (refusal !== null) return { ok: false, code: refusal };
  const operation = newOperation(record, kind, attempt, asked, now, random.requestId());
  record.operations.push(operation);
  draft.binding = { scope: operationScope(kind), key, content, subject: operation.number };
  lookAtOperation(draft, operation);
  return { ok: true, began: true, subject: operation.number };
}

/** Reads the payment, and what became of the operation's own request. */
export function lookAtOperation(draft: Draft, operation: Operation): void {
  const { record, now, random } = draft;
  const paymentId = record.attempts[operation.attempt - 1]?.paymentId ?? null;
  operation.lookingSince = now;
  operation.nextLookAt = now + CALL_LOST_AFTER;
  if (paymentId === null) return;
  const asksRequest = operation.sends.length > 0 && !operation.seen;
  draft.effects.push({
    kind: "look_operation",
    operation: operation.number,
    epoch: operation.epoch,
    askedAt: now,
    payment: paymentStatus({ id: paymentId }, random.requestId()),
    request: asksRequest ? requestStatus({ id: operation.requestId }, random.requestId()) : null,
  });
}

/** Stores a send, then lets it leave. */
function sendEdit(draft: Draft, operation: Operation, body: string, key: number): void {
  recordSend(operation, draft.now, key);
  const send = operation.sends.length - 1;
  draft.effects.push({ kind: "edit", operation: operation.number, send, key, call: editCall(operation, body) });
}

/** The answer of an edit. */
export function edited(draft: Draft, event: Extract<ChargeEvent, { type: "edited" }>): void {
  const { now, random } = draft;
  const operation = draft.record.operations[event.operation - 1];
  const sent = operation?.sends[event.send];
  if (operation === undefined || sent === undefined) return;
  const { outcome } = event;
  // An ended operation keeps its first and last send alone: the number of a late answer's send means nothing any more.
  if (operation.state !== "undecided") return;
  recordEnd(operation, sent, outcome, now);
  if (event.send !== operation.sends.length - 1) return;
  operation.nextLookAt = firstLook(now, random.fraction());
  if (outcome.kind === "refused") {
    refused(draft, operation, sent.key, outcome);
    return;
  }
  if (outcome.kind === "unknown") return;
  const { error, refund_payment, reverse_payment } = outcome.answer;
  if (error !== undefined) {
    const { code, description = null } = error;
    return refused(draft, operation, sent.key, {
      kind: "refused",
      httpStatus: outcome.httpStatus,
      code,
      description,
      category: categoryOf("edit", code),
    });
  }
  operation.seen = true;
  operation.namedRow = keptPaymentId(refund_payment?.id ?? reverse_payment?.id);
}

function refused(draft: Draft, operation: Operation, key: number, refusal: Refusal): void {
  const { now, random, gatewayKeys } = draft;
  if (refusal.category === "duplicate") operation.seen = true;
  if (operation.body !== null && mayTryOtherKey(operation, refusal, gatewayKeys, now)) {
    for (const sent of operation.sends) sent.superseded = true;
    operation.requestId = random.requestId();
    sendEdit(draft, operation, operation.body, (key + 1) % gatewayKeys);
  } else if (refusedFor(operation, refusal)) endRefused(operation, refusal, now);
}

function endRefused(operation: Operation, refusal: Refusal | null, now: number): void {
  const { code = null, description = null } = refusal ?? {};
  endOperation(operation, "refused", now, { code: "operation_not_allowed", gatewayCode: code, description });
}

/** The reads of a look at an operation ended. Every one of them rewrites the ledger. */
export function operationLooked(draft: Draft, event: Extract<ChargeEvent, { type: "operation_looked" }>): void {
  const { record, now, random } = draft;
  const operation = record.operations[event.operation - 1];
  const attempt = operation === undefined ? undefined : record.attempts[operation.attempt - 1];
  if (operation === undefined || attempt === undefined || event.epoch !== operation.epoch || operation.state !== "undecided") return;
  operation.lookingSince = null;
  operation.nextLookAt = nextLook(now, event.askedAt, now - firstSendAt(operation), random.fraction());
  const payment = readPayment(draft, attempt, attempt.gatewayOrderId, event.payment);
  if (typeof payment !== "object") {
    tooLate(draft, operation);
    return;
  }
  const isOwn = ownerOf(record, attempt, payment) === attempt;
  believe(record, attempt, payment, now, tellOf(draft));
  if (!isOwn) {
    tooLate(draft, operation);
    return;
  }
  if (operation.body === null) {
    claim(draft, operation, attempt);
    return;
  }
  const proof = provenByRead(operation, attempt, payment);
  if (proof === "done") {
    fillRefundAmount(operation, attempt);
    applyLedger(attempt, now);
    endOperation(operation, "done", now);
    return;
  }
  if (proof === "refused") {
    endRefused(operation, null, now);
    return;
  }
  if (proof === "overtaken") {
    tellOfOperation(draft, "operation_overtaken", operation);
    endOperation(operation, "not_done", now, { code: "operation_not_allowed", gatewayCode: null, description: null });
    return;
  }
  const request = event.request === null ? "unreadable" : readEditRequest(operation, event.request);
  if (request === "absent" && mayResend(operation, now)) {
    sendEdit(draft, operation, operation.body, keyOfResend(operation, draft.gatewayKeys));
    return;
  }
  if (typeof request === "object" && refusedFor(operation, request)) {
    endRefused(operation, request, now);
    return;
  }
  tooLate(draft, operation);
}

/** The read before an operation: is it still allowed? Then everything about it is fixed, and it leaves. */
function claim(draft: Draft, operation: Operation, attempt: Attempt): void {
  const { now } = draft;
  const refusal = whyNot(operation.kind, attempt, operation.asked);
  if (refusal !== null || attempt.paymentId === null) {
    endOperation(operation, "refused", now, { code: refusal ?? "operation_not_allowed", gatewayCode: null, description: null });
    return;
  }
  if (now - operation.claimedAt > SEND_WINDOW) {
    tooLate(draft, operation);
    return;
  }
  fixOperation(operation, attempt, attempt.paymentId);
  if (operation.body !== null) sendEdit(draft, operation, operation.body, 0);
}

/** Past the window: one that was never sent has ended, one that was sent stays undecided and the merchant is told. */
function tooLate(draft: Draft, operation: Operation): void {
  const { now } = draft;
  if (now - firstSendAt(operation) <= SEND_WINDOW) return;
  if (operation.sends.length > 0) {
    tellOfOperation(draft, "operation_undecided", operation);
    return;
  }
  endOperation(operation, "not_done", now, { code: "unavailable", gatewayCode: null, description: null });
}

/** What `gateway.request.status` says of an edit: never seen, or the bare refusal that it was answered with. */
function readEditRequest(operation: Operation, outcome: Outcome<RequestState>): "absent" | "unreadable" | Refusal {
  if (outcome.kind === "refused") return outcome.category === "not_found" ? "absent" : "unreadable";
  if (outcome.kind === "unknown") return "unreadable";
  const { response } = outcome.answer;
  const error = response?.error ?? outcome.answer.error;
  if (error === undefined) {
    if (response?.id !== undefined && !namesNoPayment(response, operation.requestId)) operation.seen = true;
    return "unreadable";
  }
  if (categoryOf("read", error.code) === "not_found") return "absent";
  operation.seen = true;
  return {
    kind: "refused",
    httpStatus: 200,
    code: error.code,
    description: error.description ?? null,
    category: categoryOf("edit", error.code),
  };
}
