/** A callback is a reason to poll, no more. Its content decides nothing (M7). */
import type { TransitionContext } from "../state.ts";

/** Records the callback at the attempt with this ticket, if anything was sent for it. */
export function noteHint({ record, now }: TransitionContext, ticket: string): void {
  for (const attempt of record.attempts)
    if (attempt.ticket === ticket && attempt.sends.length > 0) attempt.hint = { at: now, hasLedToPoll: false };
}
