/** An operator decides a stuck charge or operation by hand (M8). */
import { decide, endPage, reopen } from "../attempt.ts";
import type { ChargeEvent, Decision } from "../event.ts";
import { endOperation } from "../operation.ts";
import { isHeld, letsGo, noteTry, openedAtOf } from "../page.ts";
import { isTry } from "../page-try.ts";
import { readPayment, UNREADABLE } from "../payment-reading.ts";
import { sendIsOpen } from "../pending-call.ts";
import { applyPaymentRead, mismatchOf } from "../reconcile.ts";
import { paymentCall } from "../poll-read.ts";
import type { Api, Attempt, ChargeRecord } from "../record.ts";
import { isSameId } from "../record.ts";
import { CALL_LOST_AFTER, CHECK_HOLDS, PAGE_ENDS_AFTER } from "../schedule.ts";
import type { TransitionContext } from "../state.ts";
import { attentionRaiser } from "../state.ts";
import { currentAttempt } from "../view.ts";
import { answerToKnownKey } from "./pay.ts";

/** The scope of the Idempotency-Key of a resolve. */
export const RESOLVE_SCOPE = "merchant resolve";

/** Payments that operators may name for one order. */
export const MAX_RESOLUTIONS = 50;

const NOT_ALLOWED: Decision = { ok: false, code: "operation_not_allowed" };

/** `nothing_taken` ends at once what is undecided. A payment id is read first; the reading decides. */
export function resolve(context: TransitionContext, event: Extract<ChargeEvent, { type: "resolve" }>): Decision {
  const content = JSON.stringify([event.paymentId, event.note]);
  if (event.bound !== null) return answerToKnownKey(event.bound, content);
  const decision = event.paymentId === null ? endAsNotTaken(context) : beginResolution(context, event.paymentId, event.note);
  if (decision.ok) context.binding = { scope: RESOLVE_SCOPE, key: event.key, content, subject: decision.subject };
  return decision;
}

/**
 * The operator states that the gateway took nothing: the undecided operation ends as not done, or else the undecided attempt fails. Not
 * while its call has no answer.
 */
function endAsNotTaken(context: TransitionContext): Decision {
  const { record, now } = context;
  const operation = record.operations.find(({ state }) => state === "undecided");
  const attempt = currentAttempt(record);
  if (operation !== undefined) {
    if (sendIsOpen(operation)) return { ok: false, code: "operation_in_progress" };
    endOperation(operation, "not_done", now);
  } else if (attempt?.state === "undecided") {
    if (sendIsOpen(attempt)) return { ok: false, code: "operation_in_progress" };
    // Somebody may be paying, or may still begin to.
    if (attempt.page !== null && attempt.sends.length > 0 && mayBePaid(attempt, now)) return { ok: false, code: "operation_in_progress" };
    if (attempt.page !== null) endPage(attempt, "replaced", now);
    else decide(attempt, "failed", now, { by: "silence", category: "gateway_unavailable", code: null, description: null });
  } else return NOT_ALLOWED;
  return { ok: true, began: true, subject: 0 };
}

/** Whether a page may be paid, for all that is known: a check of it was just allowed, a shopper has just returned, or its time is not over and no read lets it go. */
function mayBePaid(attempt: Attempt, now: number): boolean {
  const hiddenAt = attempt.page?.hiddenAt ?? null;
  const hasJustReturned = hiddenAt !== null && now - hiddenAt < CHECK_HOLDS;
  return hasJustReturned || isHeld(attempt, now) || (now <= openedAtOf(attempt) + PAGE_ENDS_AFTER && !letsGo(attempt, now));
}

/** Records the payment that an operator named, and reads it. The answer decides; the attempt is not changed here. */
function beginResolution(context: TransitionContext, paymentId: string, note: string): Decision {
  const { record, now, random } = context;
  const current = currentAttempt(record);
  const isOpen = current?.state === "undecided" || current?.state === "failed";
  if (record.resolutions.length >= MAX_RESOLUTIONS || current === null || !isOpen) return NOT_ALLOWED;
  const number = record.resolutions.length + 1;
  record.resolutions.push({ number, paymentId, note, at: now, state: "reading", nextPollAt: now + CALL_LOST_AFTER });
  const api = apiOfPayment(record, paymentId);
  context.effects.push({ kind: "read_resolution", resolution: number, payment: paymentCall({ ...current, api }, paymentId, random) });
  return { ok: true, began: true, subject: number };
}

/** The API that can know a payment: that of the attempts, or by the form of its id where both were used. The Merchant API's ids are digits (P10). */
function apiOfPayment({ attempts }: ChargeRecord, paymentId: string): Api {
  const isForMerchant = /^\d{1,20}$/.test(paymentId);
  return isForMerchant && attempts.some(({ api }) => api === "merchant") ? "merchant" : "async";
}

/** The named payment was read. It is assigned even if its amount or date differ, never if its order_id does. */
export function onResolutionRead(context: TransitionContext, event: Extract<ChargeEvent, { type: "resolution_read" }>): void {
  const { record, now } = context;
  const resolution = record.resolutions[event.resolution - 1];
  if (resolution === undefined || resolution.state !== "reading") return;
  resolution.nextPollAt = null;
  const current = currentAttempt(record);
  if (current === null) return;
  // A decline names no order. It counts as the current attempt's, unless that has another payment id.
  const isCurrents = current.paymentId === null || isSameId(current.paymentId, resolution.paymentId);
  const reading =
    event.payment === null ? UNREADABLE : readPayment(context, current, isCurrents ? current.gatewayOrderId : null, event.payment);
  const namesNoOrder = event.payment?.kind === "answered" && event.payment.answer.order_id === undefined;
  if (reading.kind !== "payment") {
    resolution.state = reading.kind === "absent" ? "refused" : "unavailable";
    return;
  }
  const { payment } = reading;
  const underId = record.attempts.filter((one) => one.gatewayOrderId === payment.order_id && one.sends.length > 0);
  const attempt = underId.find((one) => one.state === "undecided") ?? underId[0];
  const isNamed = payment.id === undefined || isSameId(payment.id, resolution.paymentId);
  // A payment that names no order has to match the attempt in everything else.
  const isAnothers = namesNoOrder && mismatchOf(current, payment) !== null;
  // A payment id belongs to one attempt.
  const isTaken = record.attempts.some((other) => other !== attempt && isSameId(other.paymentId, resolution.paymentId));
  const isOtherApis = attempt?.api !== apiOfPayment(record, resolution.paymentId);
  if (
    !isNamed ||
    isAnothers ||
    isTaken ||
    isOtherApis ||
    attempt === undefined ||
    (attempt.state !== "undecided" && attempt.state !== "failed")
  ) {
    resolution.state = "refused";
    return;
  }
  resolution.state = "adopted";
  if (attempt.page !== null && isTry(payment)) {
    // A try that takes nothing decides no page.
    noteTry(attempt.page, resolution.paymentId);
    applyPaymentRead(record, attempt, { ...payment, id: resolution.paymentId }, now, attentionRaiser(context));
    return;
  }
  attempt.assignedByOperator = true;
  attempt.paymentId = resolution.paymentId;
  if (attempt.state === "failed" && attempt.failure?.by !== "payment") reopen(attempt, now);
  // The payment was read by this id, so the answer is about it also where it leaves the id out.
  applyPaymentRead(record, attempt, { ...payment, id: resolution.paymentId }, now, attentionRaiser(context));
}
