/** A callback is only a hint to read now; what it says of the payment is not believed (M7). */
import type { TransitionContext } from "../state.ts";

/** Keeps the hint for the attempt that has the ticket. One that was never sent has nothing to be read. */
export function noteHint({ record, now }: TransitionContext, ticket: string): void {
  for (const attempt of record.attempts)
    if (attempt.ticket === ticket && attempt.sends.length > 0) attempt.hint = { at: now, isPolled: false };
}
