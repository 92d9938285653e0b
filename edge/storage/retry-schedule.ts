/** When a notification that failed is sent again. Pure. */
import { HOUR, MINUTE, SECOND } from "../../src/lib/time.ts";

/** The pause before the second try, the third, … (Standard Webhooks, "Deliverability and reliability"): more than three days in all. */
const PAUSES: readonly number[] = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

/** A receiver is waited for at most until tomorrow, whatever its Retry-After says. */
const MAX_RETRY_AFTER = 24 * HOUR;

/** How long a try may take, in milliseconds. */
export const TRY_TIMEOUT: number = 15 * SECOND;

/** A try of which nothing was heard after this is taken for lost, and made again: its object was evicted. */
export const TRY_LEASE: number = TRY_TIMEOUT + 5 * SECOND;

/**
 * When to try again.
 *
 * @param now when the last try failed, milliseconds since the generation
 * @param failed how many tries have failed, that one included
 * @param fraction a random number from 0 up to 1: up to a tenth is added, so that a thousand orders do not try in step
 * @param retryAfter seconds, as the receiver asked for; null where it did not
 * @returns milliseconds since the generation; null when it is given up
 */
export function nextTryAt(now: number, failed: number, fraction: number, retryAfter: number | null): number | null {
  const pause = PAUSES[failed - 1];
  if (pause === undefined) return null;
  return now + Math.max(Math.round(pause * (1 + fraction / 10)), Math.min((retryAfter ?? 0) * SECOND, MAX_RETRY_AFTER));
}
