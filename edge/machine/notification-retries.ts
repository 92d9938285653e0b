/** When a notification that failed is sent again. Pure. */
import { HOUR, MINUTE, SECOND } from "../../src/lib/time.ts";

/** The pauses before the second try and later ones (Standard Webhooks, "Deliverability and reliability"): more than three days in all. */
const PAUSES: readonly number[] = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

/** The longest Retry-After of a receiver that is kept to. */
const MAX_RETRY_AFTER = 24 * HOUR;

/** The time-out of one try, in milliseconds. */
export const TRY_TIMEOUT: number = 15 * SECOND;

/** How long a row may wait for its turn. */
export const TRY_WINDOW: number = 10 * SECOND;

/** The lease of a row that is being sent: its turn, its time-out and a margin. After it the try counts as lost, because of a reset. */
export const TRY_LEASE: number = TRY_WINDOW + TRY_TIMEOUT + 5 * SECOND;

/** A try that failed. */
export interface FailedTry {
  /** When it failed, milliseconds since the epoch. */
  readonly now: number;
  /** How many tries have failed, this one included. */
  readonly failed: number;
  /** A random number from 0 up to 1. It lengthens the pause by up to a tenth, so that a thousand orders do not try at once. */
  readonly fraction: number;
  /** Seconds, from the receiver's Retry-After; null without one. */
  readonly retryAfter: number | null;
}

/**
 * When to try again.
 * @returns milliseconds since the epoch; null when the notification is given up
 */
export function nextTryAt({ now, failed, fraction, retryAfter }: FailedTry): number | null {
  const pause = PAUSES[failed - 1];
  if (pause === undefined) return null;
  return now + Math.max(Math.round(pause * (1 + fraction / 10)), Math.min((retryAfter ?? 0) * SECOND, MAX_RETRY_AFTER));
}
