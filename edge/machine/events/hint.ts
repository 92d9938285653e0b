/** A callback is a reason to poll, no more. Its content decides nothing (M7). */
import { pollWait } from "../poll-wait.ts";
import type { Attempt } from "../record.ts";
import type { TransitionContext } from "../state.ts";

/** Records the callback at the attempt with this ticket, if anything was sent for it. A poll that is still to leave follows it too. */
export function noteHint({ record, now, openCalls }: TransitionContext, ticket: string): void {
  for (const attempt of record.attempts) {
    if (attempt.ticket !== ticket || attempt.sends.length === 0 || isFollowed(attempt, openCalls)) continue;
    attempt.hint = { at: now, hasLedToPoll: false };
  }
}

/** Whether the poll of an earlier callback has not left yet. The object knows it; the clock, which may be set back, does not. */
function isFollowed({ number, hint, pollStartedAt }: Attempt, openCalls: ReadonlySet<string>): boolean {
  return hint !== null && pollStartedAt !== null && openCalls.has(pollWait(number, pollStartedAt));
}
