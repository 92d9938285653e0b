/** What an attempt and an operation share: how a claimed call is sent, sent again, and what is kept of its end (M4, M5 and M8). */
import { categoryOf } from "../../src/decline.ts";
import type { Outcome } from "../../src/outcome.ts";
import { CALL_LOST_AFTER, MAX_SENDS, RESEND_PAUSE, SEND_WINDOW } from "./schedule.ts";
import type { CallEnd, PendingCall, Send } from "./record.ts";
import { isSameId, storedText, storedCode } from "./record.ts";

/** Whether a send is on its way, as far as is known. */
export function sendIsOpen(call: PendingCall): boolean {
  return call.sends.at(-1)?.endedAt === null;
}

/** Whether there was one send only. One that was refused for its signature and tried again with the other key does not count. */
export function isSoleSend(call: PendingCall): boolean {
  return call.sends.filter((send) => !send.superseded).length === 1;
}

/** When the first send left, or the claim where none did. */
export function firstSendAt(call: PendingCall): number {
  return call.sends[0]?.at ?? call.createdAt;
}

/** Stores a send that is about to leave. Its deadline is the time at which it is taken for lost. */
export function recordSend(call: PendingCall, { now, key }: { readonly now: number; readonly key: number }): void {
  call.sends.push({ requestId: call.requestId, key, at: now, endedAt: null, end: null, superseded: false });
  call.generation += 1;
  call.pollStartedAt = null;
  call.nextPollAt = now + CALL_LOST_AFTER;
}

/** Takes a send that is still open at its deadline for lost. */
export function loseOpenSend(call: PendingCall, now: number): void {
  const last = call.sends.at(-1);
  if (last === undefined || last.endedAt !== null) return;
  last.endedAt = now;
  last.end = { how: "not_known", httpStatus: null, gatewayStatus: null, code: null, description: null };
}

/** Keeps the end of a send, and the gateway's Retry-After. */
export function recordEnd(call: PendingCall, send: Send, outcome: Outcome<AnswerStatus>, now: number): void {
  send.end = callEnd(outcome);
  send.endedAt = now;
  if (outcome.kind !== "unknown" || outcome.retryAfter === null) return;
  call.notBefore = Math.max(call.notBefore, now + outcome.retryAfter * 1000);
}

/** Whether the same bytes may go again now (M5), after a look that found them never seen. */
export function mayResend(call: PendingCall, now: number): boolean {
  const last = call.sends.at(-1);
  return (
    last !== undefined &&
    last.endedAt !== null &&
    !call.knownToGateway &&
    call.sends.length < MAX_SENDS &&
    now - firstSendAt(call) <= SEND_WINDOW &&
    now - last.at >= RESEND_PAUSE &&
    now >= call.notBefore
  );
}

/** Which key signs the next resend: the other one where the last was refused for its signature. */
export function keyOfResend(call: PendingCall, gatewayKeys: number): number {
  const last = call.sends.at(-1);
  if (last === undefined) return 0;
  return last.end !== null && isSignatureRefusal(last.end) ? (last.key + 1) % gatewayKeys : last.key;
}

/**
 * Whether a refused sole send is to be tried with the merchant's other gateway key, under a fresh id (M4): once, only for its
 * signature, and only while anything may still be sent.
 */
export function mayTryOtherKey(
  call: PendingCall,
  refusal: Refusal,
  { gatewayKeys, now }: { readonly gatewayKeys: number; readonly now: number },
): boolean {
  const end = { how: "refused", ...refusal } as const;
  return isSignatureRefusal(end) && call.sends.length === 1 && gatewayKeys > 1 && now - call.createdAt <= SEND_WINDOW;
}

/**
 * Whether an answer's `id` names no payment: the gateway puts the X-Request-Id that was asked about there when it never saw that
 * request, beside error 1202 or 11068 (contract, "read: a payment": the official sample of gateway.request.status).
 */
export function namesNoPayment(answer: { readonly id?: string | undefined } & Pick<AnswerStatus, "error">, requestId: string): boolean {
  return isSameId(answer.id, requestId) || (answer.error !== undefined && categoryOf("read", answer.error.code) === "not_found");
}

/** A bare refusal: an error without a payment. */
export type Refusal = Extract<Outcome<never>, { kind: "refused" }>;

/** A refusal for the signature: HTTP 401, or code 1100 wherever it stands. */
export function isSignatureRefusal(end: Pick<CallEnd, "how" | "httpStatus" | "code">): boolean {
  return end.how === "refused" && (end.httpStatus === 401 || end.code === "1100");
}

/** What of an answer is kept with its send. */
interface AnswerStatus {
  readonly status?: string | undefined;
  readonly error?: { readonly code: string; readonly description?: string | undefined } | undefined;
}

function callEnd(outcome: Outcome<AnswerStatus>): CallEnd {
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
