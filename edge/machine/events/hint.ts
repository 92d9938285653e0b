/** A callback is a reason to poll, no more. Its content decides nothing (M7). */
import type { Attempt } from "../record.ts";
import type { TransitionContext } from "../state.ts";

/** Records the callback at the attempt with this ticket, if anything was sent for it. A poll that is still to leave follows it too. */
export function noteHint({ record, now }: TransitionContext, ticket: string): void {
  for (const attempt of record.attempts) {
    if (attempt.ticket !== ticket || attempt.sends.length === 0 || isFollowed(attempt, now)) continue;
    attempt.hint = { at: now, hasLedToPoll: false };
  }
}

/** Whether the poll of an earlier callback has not left yet. */
function isFollowed({ hint, pollStartedAt }: Attempt, now: number): boolean {
  return hint !== null && pollStartedAt !== null && pollStartedAt > now;
}
