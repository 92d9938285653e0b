/**
 * One try to deliver a notification, by the Standard Webhooks scheme ("Webhook scheme", "Delivery"): what is sent, and what the answer
 * means.
 */
import { signNotification } from "../../src/notification.ts";
import { timeLimit } from "../../src/lib/time-limit.ts";
import { retryAfter } from "../../src/outcome.ts";
import type { Message, DeliveryResult } from "../storage/message.ts";
import { TRY_TIMEOUT } from "../machine/notification-retries.ts";

/** Whom to tell: NOTIFY_URL and NOTIFY_SECRET. */
export interface Receiver {
  readonly url: string;
  readonly secrets: readonly string[];
}

/**
 * Sends a notification once. It is signed anew under the same id, by both secrets while one is rotated; a redirect is not followed,
 * and nothing of the answer is read but its status and Retry-After.
 *
 * @param now milliseconds since the epoch: its `webhook-timestamp`
 * @returns how it ended: 2xx and 410 end it, anything else does not. Never rejects
 */
export async function deliver({ id, body }: Message, { url, secrets }: Receiver, now: number): Promise<DeliveryResult> {
  const { signal, clear } = timeLimit(TRY_TIMEOUT);
  try {
    const signed = await signNotification(body, { id, secret: secrets, now: new Date(now) });
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "User-Agent": "freedom-pay-charge", ...signed },
      body,
      redirect: "manual",
      signal,
    });
    // An answer counts once its status is there: how its body ends does not matter.
    response.body?.cancel().catch(() => {});
    const { ok, status, headers } = response;
    if (ok) return { end: "delivered", status };
    return status === 410 ? { end: "gone", status } : { end: null, status, retryAfter: retryAfter(headers) };
  } catch {
    return { end: null, status: null, retryAfter: null };
  } finally {
    clear();
  }
}
