/** A callback is a reason to poll. Its content decides nothing (M7); that a verified one is about a test is noted (P12). */
import { pollWait } from "../poll-wait.ts";
import type { Attempt } from "../record.ts";
import { markAsTest } from "../reconcile.ts";
import type { TransitionContext } from "../state.ts";
import { attentionRaiser } from "../state.ts";

/** Records the callback at the attempt with this ticket, if anything was sent for it. A poll that is still to leave follows it too. */
export function noteHint({ record, now, openCalls }: TransitionContext, ticket: string): void {
  for (const attempt of record.attempts) {
    if (attempt.ticket !== ticket || attempt.sends.length === 0 || isFollowed(attempt, openCalls)) continue;
    attempt.wasCalledBack = true;
    attempt.hint = { at: now, hasLedToPoll: false };
  }
}

/** A verified notification for this ticket says that its payment is a test. A redacted attempt has no ticket. */
export function noteTest(context: TransitionContext, ticket: string): void {
  for (const attempt of context.record.attempts)
    if (attempt.ticket === ticket && attempt.sends.length > 0) markAsTest(attempt, attentionRaiser(context));
}

/** Whether the poll of an earlier callback has not left yet. The object knows it; the clock, which may be set back, does not. */
function isFollowed({ number, hint, pollStartedAt }: Attempt, openCalls: ReadonlySet<string>): boolean {
  return hint !== null && pollStartedAt !== null && openCalls.has(pollWait(number, pollStartedAt));
}
