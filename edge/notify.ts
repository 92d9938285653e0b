/**
 * One try to deliver a notification, by the Standard Webhooks scheme ("Webhook scheme", "Delivery"): what is sent, what the answer
 * means, and when the next try follows a failed one.
 */
import { HOUR, MINUTE, SECOND } from "../src/lib/time.ts";
import { signNotification } from "../src/notification.ts";
import { retryAfter } from "../src/outcome.ts";

/** The pause before the second try, the third, … (Standard Webhooks, "Deliverability and reliability"): more than three days in all. */
const PAUSES: readonly number[] = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

/** A receiver is waited for at most until tomorrow, whatever its Retry-After says. */
const LONGEST_RETRY_AFTER = 24 * HOUR;

/** How long a try may take, in milliseconds. */
const TRY_TAKES = 15 * SECOND;

/** A try of which nothing was heard after this is taken for lost, and made again: its object was evicted. */
export const TRY_LOST_AFTER: number = TRY_TAKES + 5 * SECOND;

/** One notification, as it is sent each time. */
export interface Message {
  /** `webhook-id`. */
  readonly id: string;
  /** JSON text: `{type, timestamp, data}`. */
  readonly body: string;
}

/** Whom to tell: NOTIFY_URL and NOTIFY_SECRET. */
export interface Receiver {
  readonly url: string;
  readonly secrets: readonly string[];
}

/** How a try ended. `status` is null where no answer came, `retryAfter` in seconds where the answer named it. */
export type Tried =
  | { readonly end: "delivered" | "gone"; readonly status: number }
  | { readonly end: null; readonly status: number | null; readonly retryAfter: number | null };

/**
 * Sends a notification once. It is signed anew under the same id, by both secrets while one is rotated; a redirect is not followed,
 * and nothing of the answer is read but its status and Retry-After.
 *
 * @param now milliseconds since the epoch: its `webhook-timestamp`
 * @returns how it ended: 2xx and 410 end it, anything else does not. Never rejects
 */
export async function tryToNotify({ id, body }: Message, { url, secrets }: Receiver, now: number): Promise<Tried> {
  try {
    const signed = await signNotification(body, { id, secret: secrets, now: new Date(now) });
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "User-Agent": "freedom-pay-charge", ...signed },
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(TRY_TAKES),
    });
    // An answer counts once its status is there: how its body ends does not matter.
    response.body?.cancel().catch(() => {});
    const { ok, status, headers } = response;
    if (ok) return { end: "delivered", status };
    return status === 410 ? { end: "gone", status } : { end: null, status, retryAfter: retryAfter(headers) };
  } catch {
    return { end: null, status: null, retryAfter: null };
  }
}

/**
 * When to try again.
 *
 * @param now when the last try failed, milliseconds since the epoch
 * @param failed how many tries have failed, that one included
 * @param fraction a random number from 0 up to 1: up to a tenth is added, so that a thousand orders do not try in step
 * @param retryAfter seconds, as the receiver asked for; null where it did not
 * @returns milliseconds since the epoch; null when it is given up
 */
export function nextTryAt(now: number, failed: number, fraction: number, retryAfter: number | null): number | null {
  const pause = PAUSES[failed - 1];
  if (pause === undefined) return null;
  return now + Math.max(Math.round(pause * (1 + fraction / 10)), Math.min((retryAfter ?? 0) * SECOND, LONGEST_RETRY_AFTER));
}
