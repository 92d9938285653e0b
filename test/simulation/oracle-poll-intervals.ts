/** The poll intervals of M5: the longest time until an undecided charge is polled again. */
import { DAY, HOUR, MINUTE, SECOND } from "./scenario.ts";

/** The longest interval between two polls, by the age of an undecided charge. */
const POLL_INTERVALS: readonly (readonly [upToAge: number, pause: number])[] = [
  [MINUTE, 5 * SECOND],
  [10 * MINUTE, 20 * SECOND],
  [3 * HOUR, MINUTE],
  [DAY, 5 * MINUTE],
  [Number.POSITIVE_INFINITY, HOUR],
];

/** How long a poll may take beyond its interval: a call that was lost with its object is given up after 25 s. */
export const POLL_TAKES: number = 30 * SECOND;

/** The longest poll interval at an age, in milliseconds. */
export function pollIntervalAt(age: number): number {
  return POLL_INTERVALS.find(([upToAge]) => age < upToAge)?.[1] ?? HOUR;
}
