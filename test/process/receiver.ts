/** The merchant's server on loopback: receives and verifies the notifications to NOTIFY_URL. */
import { serve } from "../../demo/http-server.ts";
import type { Notification } from "../../src/index.ts";
import { verifyNotification } from "../../src/index.ts";

/** A listening receiver. */
export interface Receiver {
  readonly url: string;
  /** All received notifications, repeats included. */
  readonly received: readonly Notification[];
  /** Waits for the next notification, and runs a function before it is answered. */
  next(act: () => Promise<void> | void): Promise<void>;
  close(): Promise<void>;
}

/** @param secret - NOTIFY_SECRET. A notification that does not verify is answered 400 */
export async function openReceiver(secret: string): Promise<Receiver> {
  const received: Notification[] = [];
  const waiters: (() => Promise<void>)[] = [];
  const server = await serve(async (request) => {
    try {
      received.push(await verifyNotification(request, secret));
    } catch {
      return new Response(null, { status: 400 });
    }
    await waiters.shift()?.();
    return new Response(null, { status: 204 });
  });
  return {
    url: `${server.origin}/notified`,
    received,
    next: (act) => new Promise((resolve, reject) => waiters.push(async () => Promise.resolve(act()).then(resolve, reject))),
    close: () => server.close(),
  };
}
