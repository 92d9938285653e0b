/** What an attempt and an operation share: how a claimed call is sent, sent again, and what is kept of its end (M4, M5 and M8). */
import { categoryOf } from "../../src/decline.ts";
import type { Outcome } from "../../src/outcome.ts";
import { CALL_LOST_AFTER, MOST_SENDS, RESEND_PAUSE, SEND_WINDOW } from "./schedule.ts";
import type { CallEnd, Claimed, Send } from "./record.ts";
import { isSameId, keptText, keptWord } from "./record.ts";

/** Whether a send is on its way, as far as is known. */
export function sendIsOpen(claimed: Claimed): boolean {
  return claimed.sends.at(-1)?.endedAt === null;
}

/** Whether there was one send only. One that was refused for its signature and tried again with the other key does not count. */
export function isSoleSend(claimed: Claimed): boolean {
  return claimed.sends.filter((send) => !send.superseded).length === 1;
}

/** When the first send left, or the claim where none did. */
export function firstSendAt(claimed: Claimed): number {
  return claimed.sends[0]?.at ?? claimed.claimedAt;
}

/** Stores a send that is about to leave. Its deadline is the time at which it is taken for lost. */
export function recordSend(claimed: Claimed, now: number, key: number): void {
  claimed.sends.push({ requestId: claimed.requestId, key, at: now, endedAt: null, end: null, superseded: false });
  claimed.epoch += 1;
  claimed.lookingSince = null;
  claimed.nextLookAt = now + CALL_LOST_AFTER;
}

/** Takes a send that is still open at its deadline for lost. */
export function loseOpenSend(claimed: Claimed, now: number): void {
  const last = claimed.sends.at(-1);
  if (last === undefined || last.endedAt !== null) return;
  last.endedAt = now;
  last.end = { how: "not_known", httpStatus: null, word: null, code: null, description: null };
}

/** Keeps the end of a send, and the gateway's Retry-After. */
export function recordEnd(claimed: Claimed, send: Send, outcome: Outcome<AnswerWords>, now: number): void {
  send.end = callEnd(outcome);
  send.endedAt = now;
  if (outcome.kind !== "unknown" || outcome.retryAfter === null) return;
  claimed.notBefore = Math.max(claimed.notBefore, now + outcome.retryAfter * 1000);
}

/** Whether the same bytes may go again now (M5), after a look that found them never seen. */
export function mayResend(claimed: Claimed, now: number): boolean {
  const last = claimed.sends.at(-1);
  return (
    last !== undefined &&
    last.endedAt !== null &&
    !claimed.seen &&
    claimed.sends.length < MOST_SENDS &&
    now - firstSendAt(claimed) <= SEND_WINDOW &&
    now - last.at >= RESEND_PAUSE &&
    now >= claimed.notBefore
  );
}

/** Which key signs the next resend: the other one where the last was refused for its signature. */
export function keyOfResend(claimed: Claimed, gatewayKeys: number): number {
  const last = claimed.sends.at(-1);
  if (last === undefined) return 0;
  return last.end !== null && isSignatureRefusal(last.end) ? (last.key + 1) % gatewayKeys : last.key;
}

/**
 * Whether a refused sole send is to be tried with the merchant's other gateway key, under a fresh id (M4): once, only for its
 * signature, and only while anything may still be sent.
 */
export function mayTryOtherKey(claimed: Claimed, refusal: Refusal, gatewayKeys: number, now: number): boolean {
  const end = { how: "refused", ...refusal } as const;
  return isSignatureRefusal(end) && claimed.sends.length === 1 && gatewayKeys > 1 && now - claimed.claimedAt <= SEND_WINDOW;
}

/**
 * Whether an answer's `id` names no payment: the gateway puts the X-Request-Id that was asked about there when it never saw that
 * request, beside error 1202 or 11068 (contract, "read: a payment": the official sample of gateway.request.status).
 */
export function namesNoPayment(answer: { readonly id?: string | undefined } & Pick<AnswerWords, "error">, requestId: string): boolean {
  return isSameId(answer.id, requestId) || (answer.error !== undefined && categoryOf("read", answer.error.code) === "not_found");
}

/** A bare refusal: an error without a payment. */
export type Refusal = Extract<Outcome<never>, { kind: "refused" }>;

/** A refusal for the signature: HTTP 401, or code 1100 wherever it stands. */
export function isSignatureRefusal(end: Pick<CallEnd, "how" | "httpStatus" | "code">): boolean {
  return end.how === "refused" && (end.httpStatus === 401 || end.code === "1100");
}

/** What of an answer is kept with its send. */
interface AnswerWords {
  readonly status?: string | undefined;
  readonly error?: { readonly code: string; readonly description?: string | undefined } | undefined;
}

function callEnd(outcome: Outcome<AnswerWords>): CallEnd {
  switch (outcome.kind) {
    case "answered": {
      const { status, error } = outcome.answer;
      const { httpStatus } = outcome;
      return {
        how: "answered",
        httpStatus,
        word: keptWord(status),
        code: keptWord(error?.code),
        description: keptText(error?.description),
      };
    }
    case "refused":
      return {
        how: "refused",
        httpStatus: outcome.httpStatus,
        word: null,
        code: keptWord(outcome.code),
        description: keptText(outcome.description),
      };
    case "unknown":
      return { how: outcome.reason, httpStatus: outcome.httpStatus, word: null, code: null, description: null };
  }
}
