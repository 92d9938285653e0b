/** The merchant's server on loopback: what arrives at NOTIFY_URL, verified as a merchant would. */
import { serve } from "../../demo/http-server.ts";
import type { Notification } from "../../src/index.ts";
import { verifyNotification } from "../../src/index.ts";

/** A receiver that listens. */
export interface Receiver {
  readonly url: string;
  /** Everything that has arrived, each time it did. */
  readonly heard: readonly Notification[];
  /** Waits for the next one to arrive, and does something before it is answered. */
  next(act: () => Promise<void> | void): Promise<void>;
  close(): Promise<void>;
}

/** @param secret - NOTIFY_SECRET: what it does not verify it answers with 400 */
export async function openReceiver(secret: string): Promise<Receiver> {
  const heard: Notification[] = [];
  const awaited: (() => Promise<void>)[] = [];
  const server = await serve(async (request) => {
    try {
      heard.push(await verifyNotification(request, secret));
    } catch {
      return new Response(null, { status: 400 });
    }
    await awaited.shift()?.();
    return new Response(null, { status: 204 });
  });
  return {
    url: `${server.origin}/notified`,
    heard,
    next: (act) => new Promise((resolve, reject) => awaited.push(async () => Promise.resolve(act()).then(resolve, reject))),
    close: () => server.close(),
  };
}
