/** The merchant closes an order (M2). */
import type { ChargeEvent, Decision } from "../event.ts";
import { MAX_KEYS } from "../schedule.ts";
import type { TransitionContext } from "../state.ts";
import { failUnsent } from "../attempt.ts";
import { waitsForReads } from "./polled.ts";
import { answerToKnownKey } from "./pay.ts";

/** The scope of the Idempotency-Key of a close. */
export const CLOSE_SCOPE = "merchant close";

/** Closes the order: no attempt begins, nothing is sent again. An attempt that waits for its first reads fails. */
export function close(context: TransitionContext, event: Extract<ChargeEvent, { type: "close" }>): Decision {
  const { record, now } = context;
  if (event.bound !== null) return answerToKnownKey(event.bound, "");
  record.closedAt ??= now;
  for (const attempt of record.attempts) {
    if (waitsForReads(attempt)) failUnsent(attempt, now);
    // An open page is read at once: it ends if that read lets it go. Its checks are refused from this commit on (P6).
    else if (attempt.state === "undecided" && attempt.page !== null) attempt.hint = { at: now, hasLedToPoll: false };
  }
  // A second close changes nothing.
  if (record.boundKeys < MAX_KEYS) context.binding = { scope: CLOSE_SCOPE, key: event.key, content: "", subject: 0 };
  return { ok: true, began: true, subject: 0 };
}
