/**
 * The merchant's server for a test: what arrives at NOTIFY_URL, and what it answers. Import it before anything asks the Worker: it
 * gives the Worker under test, which has none, an address to notify.
 */
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, expect, vi } from "vitest";
import type { MerchantChargeAnswer, Notification, NotificationView } from "../../src/edge-api.ts";
import { verifyNotification } from "../../src/notification.ts";
import { apiKey, gateway, get, object, order } from "./with-gateway.ts";

export const NOTIFY_URL = "https://merchant.example/freedom-pay?shop=1";

/** Two, as while they are rotated: new, old. */
export const NOTIFY_SECRETS = [`whsec_${btoa("test-secret-of-notifications-new")}`, `whsec_${btoa("test-secret-of-notifications-old")}`];

Object.assign(env, { NOTIFY_URL, NOTIFY_SECRET: NOTIFY_SECRETS.join(" ") });

/** A request that has arrived: a copy, for a Request belongs to the object that made it. */
export interface ReceivedRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What has arrived. */
export let received: ReceivedRequest[] = [];

type Answer = (signal: AbortSignal | null) => Response | Promise<Response>;

let answer: Answer;

/** From now on the receiver answers like this. */
export function respondWith(how: Answer | number, headers: Readonly<Record<string, string>> = {}): void {
  answer = typeof how === "number" ? () => new Response(how === 204 ? null : "said", { status: how, headers }) : how;
}

// The Worker reads its settings once.
beforeAll(async () => expect(await (await exports.default.fetch("https://edge.example/healthz")).json()).toEqual({ ok: true }));

beforeEach(() => {
  received = [];
  respondWith(204);
  vi.mocked(globalThis.fetch).mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    if (request.url !== NOTIFY_URL) return gateway.fetch(request);
    expect(init?.redirect).toBe("manual");
    const { url, method, headers } = request;
    const body = await request.text();
    // What the order of an earlier test still has to say.
    if (!body.includes(`"order_id":"${order}"`)) return new Response();
    received.push({ url, method, headers: Object.fromEntries(headers), body });
    return answer(init?.signal ?? null);
  });
});

// What one test left undelivered is not heard by the next.
afterEach(() => {
  vi.mocked(globalThis.fetch).mockImplementation(() => Promise.reject(new Error("The test is over")));
});

/** What has arrived, verified and read. */
export function notifications(secrets: readonly string[] = NOTIFY_SECRETS): Promise<readonly Notification[]> {
  return Promise.all(received.map(({ url, ...init }) => verifyNotification(new Request(url, init), secrets)));
}

/** The charge as the merchant reads it. */
export async function charge(): Promise<MerchantChargeAnswer> {
  return (await get(apiKey)).json();
}

/** Waits until the merchant is shown this of a notification, the newest if its number is not given. */
export function notified(expected: Partial<NotificationView>, sequence?: number): Promise<NotificationView> {
  return vi.waitFor(async () => {
    const found = (await charge()).notifications.findLast((one) => sequence === undefined || one.sequence === sequence);
    expect(found).toMatchObject(expected);
    return found as NotificationView;
  });
}

/** When the next try of a notification is due, by the edge's clock; null when none is. */
export async function dueAt(sequence: number): Promise<number | null> {
  const { next_at } = await runInDurableObject(object(), (_, { storage }) =>
    storage.sql.exec<{ next_at: number | null }>("SELECT next_at FROM outbox WHERE sequence = ?", sequence).one(),
  );
  return next_at;
}

/** Lets so much time go by for what is still to be sent, and rings. */
export async function letTimePass(milliseconds: number): Promise<void> {
  await runInDurableObject(object(), async (_, { storage }) => {
    storage.sql.exec("UPDATE outbox SET next_at = next_at - ?", milliseconds);
    await storage.setAlarm(Date.now() + 60_000);
  });
  await runDurableObjectAlarm(object());
}
