/** M5, "Pace", as the oracle takes it: how long it may be until an undecided charge is looked at again. */
import { DAY, HOUR, MINUTE, SECOND } from "./scenario.ts";

/** The longest pause between two looks at this age of an undecided charge. */
const POLL_INTERVALS: readonly (readonly [upToAge: number, pause: number])[] = [
  [MINUTE, 5 * SECOND],
  [10 * MINUTE, 20 * SECOND],
  [3 * HOUR, MINUTE],
  [DAY, 5 * MINUTE],
  [Number.POSITIVE_INFINITY, HOUR],
];

/** What a look takes beside its pause: a call that was lost with its object is given up after 25 s. */
export const POLL_TAKES: number = 30 * SECOND;

/** The longest pause at an age, in milliseconds. */
export function pollIntervalAt(age: number): number {
  return POLL_INTERVALS.find(([upToAge]) => age < upToAge)?.[1] ?? HOUR;
}
