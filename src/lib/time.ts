/**
 * Durations in milliseconds. The simulator and the element import only types of the core, so they write their own.
 */

/** A second. */
export const SECOND = 1_000;

/** A minute. */
export const MINUTE: number = 60 * SECOND;

/** An hour. */
export const HOUR: number = 60 * MINUTE;

/** A day of 24 hours. */
export const DAY: number = 24 * HOUR;

/** Sets a timer and returns what clears it. */
export type Timer = (milliseconds: number, ring: () => void) => () => void;
