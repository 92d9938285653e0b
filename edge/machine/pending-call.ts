/** How a pending call is sent, sent again, and how its end is stored (M4, M5 and M8). Attempts and operations share this. */
import { categoryOf } from "../../src/decline.ts";
import { CAPABILITIES } from "./capabilities.ts";
import type { GatewayOutcome, Refusal } from "./gateway-call.ts";
import { CALL_LOST_AFTER, MAX_SENDS, RESEND_PAUSE, SEND_WINDOW } from "./schedule.ts";
import type { CallEnd, PendingCall, Send } from "./record.ts";
import { isSameId, storedText, storedCode } from "./record.ts";

/** Whether the last send has no known end. */
export function sendIsOpen(call: PendingCall): boolean {
  return call.sends.at(-1)?.endedAt === null;
}

/** Whether there was one send only. A superseded send does not count. */
export function isSoleSend(call: PendingCall): boolean {
  return call.sends.filter((send) => !send.superseded).length === 1;
}

/** When the first send left; before it, when the call was created. */
export function firstSendAt(call: PendingCall): number {
  return call.sends[0]?.at ?? call.createdAt;
}

/** Records a send that is about to leave. Its deadline is the time after which it counts as lost. */
export function recordSend(call: PendingCall, { now, keyIndex }: { readonly now: number; readonly keyIndex: number }): void {
  call.sends.push({ requestId: call.requestId, keyIndex, at: now, leftBy: null, endedAt: null, end: null, superseded: false });
  call.generation += 1;
  call.pollStartedAt = null;
  call.nextPollAt = now + CALL_LOST_AFTER;
}

/**
 * Ends a send that is still open at its deadline. The caller skips calls that this object still has open or queued, so this one was cut by a
 * reset. It may have arrived: `leftBy` starts the wait after which "never seen" counts (M5.5).
 */
export function markSendLost(call: PendingCall, now: number): void {
  const last = call.sends.at(-1);
  if (last === undefined || last.endedAt !== null) return;
  last.endedAt = now;
  // Nobody knows how long it waited in the queue before a reset.
  last.leftBy = now;
  last.end = { how: "not_known", httpStatus: null, gatewayStatus: null, code: null, description: null };
}

/** Records the end of a send, and the gateway's Retry-After. */
export function recordEnd(
  call: PendingCall,
  send: Send,
  outcome: GatewayOutcome<AnswerStatus>,
  { now, leftAt }: { readonly now: number; readonly leftAt: number | null },
): void {
  send.leftBy = leftAt ?? now;
  send.end = callEnd(outcome);
  send.endedAt = now;
  if (outcome.kind !== "unknown" || outcome.retryAfter === null) return;
  call.notBefore = Math.max(call.notBefore, now + outcome.retryAfter * 1000);
}

/** Removes a send that never left the queue. */
export function dropUnsent(call: PendingCall, index: number): void {
  call.sends.splice(index, 1);
  call.generation += 1;
}

/** The end of the window in which a call may leave (M3, M4.8 and M5). The sole send counts from the click, a resend from the first send. */
export function sendWindowEnds(call: PendingCall): number {
  return (isSoleSend(call) ? call.createdAt : firstSendAt(call)) + SEND_WINDOW;
}

/** Whether the same bytes may be sent again now (M5). The last poll found that the gateway never saw them. */
export function mayResend(call: PendingCall, now: number): boolean {
  const last = call.sends.at(-1);
  return (
    CAPABILITIES[call.api].replays &&
    last !== undefined &&
    last.endedAt !== null &&
    !call.knownToGateway &&
    call.sends.length < MAX_SENDS &&
    now - firstSendAt(call) <= SEND_WINDOW &&
    now - last.at >= RESEND_PAUSE &&
    now >= call.notBefore
  );
}

/** The key of the next resend: the other one if the last send was refused for its signature. */
export function keyOfResend(call: PendingCall, gatewayKeyCount: number): number {
  const last = call.sends.at(-1);
  if (last === undefined) return 0;
  return last.end !== null && isSignatureRefusal(last.end) ? (last.keyIndex + 1) % gatewayKeyCount : last.keyIndex;
}

/**
 * Whether a call is sent once more, signed with the other gateway key and under a new request id (M4): if its first and only send was
 * refused for its signature, there is another key, and SEND_WINDOW has not passed since the call was created.
 */
export function mayTryOtherKey(
  call: PendingCall,
  refusal: Refusal,
  { gatewayKeyCount, now }: { readonly gatewayKeyCount: number; readonly now: number },
): boolean {
  return isKeyRefusal(refusal) && call.sends.length === 1 && gatewayKeyCount > 1 && now - call.createdAt <= SEND_WINDOW;
}

/**
 * Whether an answer's `id` is no payment id. For a request that it never saw the gateway answers with that X-Request-Id as `id`, beside
 * error 1202 or 11068 (contract, "read: a payment": the official sample of gateway.request.status).
 */
export function namesNoPayment(answer: { readonly id?: string | undefined } & Pick<AnswerStatus, "error">, requestId: string): boolean {
  return isSameId(answer.id, requestId) || (answer.error !== undefined && categoryOf("read", answer.error.code) === "not_found");
}

/** Whether a refusal says that the key is the wrong one. The Merchant API's says whether the merchant was identified (P1). */
export function isKeyRefusal(refusal: Refusal): boolean {
  return refusal.isNotIdentified ?? isSignatureRefusal({ how: "refused", ...refusal });
}

/** Whether a call was refused for its signature: HTTP 401, or code 1100 with any HTTP status. */
export function isSignatureRefusal(end: Pick<CallEnd, "how" | "httpStatus" | "code">): boolean {
  return end.how === "refused" && (end.httpStatus === 401 || end.code === "1100");
}

/** The members of an answer that are stored with its send. */
interface AnswerStatus {
  readonly status?: string | undefined;
  readonly error?: { readonly code: string; readonly description?: string | undefined } | undefined;
}

function callEnd(outcome: GatewayOutcome<AnswerStatus>): CallEnd {
  switch (outcome.kind) {
    case "answered": {
      const { status, error } = outcome.answer;
      const { httpStatus } = outcome;
      return {
        how: "answered",
        httpStatus,
        gatewayStatus: storedCode(status),
        code: storedCode(error?.code),
        description: storedText(error?.description),
      };
    }
    case "refused":
      return {
        how: "refused",
        httpStatus: outcome.httpStatus,
        gatewayStatus: null,
        code: storedCode(outcome.code),
        description: storedText(outcome.description),
      };
    case "unknown":
      return { how: outcome.reason, httpStatus: outcome.httpStatus, gatewayStatus: null, code: null, description: null };
  }
}
