/**
 * The merchant's server for a test: the notifications that arrive at NOTIFY_URL, and its answers. Import it before the first request to the
 * Worker, because it sets NOTIFY_URL, which the Worker under test does not have.
 */
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, expect, vi } from "vitest";
import type { MerchantChargeAnswer, Notification, NotificationView } from "../../src/edge-api.ts";
import { verifyNotification } from "../../src/notification.ts";
import { apiKey, gateway, get, object, order } from "./with-gateway.ts";

export const NOTIFY_URL = "https://merchant.example/freedom-pay?shop=1";

/** Two secrets, as during a rotation: new, old. */
export const NOTIFY_SECRETS = [`whsec_${btoa("test-secret-of-notifications-new")}`, `whsec_${btoa("test-secret-of-notifications-old")}`];

Object.assign(env, { NOTIFY_URL, NOTIFY_SECRET: NOTIFY_SECRETS.join(" ") });

/** A copy of a request that has arrived, because a Request belongs to the object that made it. */
export interface ReceivedRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The requests that have arrived. */
export let received: ReceivedRequest[] = [];

type Answer = (signal: AbortSignal | null) => Response | Promise<Response>;

let answer: Answer;

/** A receiver that fails asks for a pause that no test lasts, so that only {@link letTimePass} brings the next try. */
const PAUSE = { "Retry-After": "240" };

/** The pause after a failed try has passed. */
export function pauseIsOver(): Promise<void> {
  return letTimePass(240_000);
}

/** Sets the receiver's answer from now on. A failure has {@link PAUSE} by default. */
export function respondWith(how: Answer | number, headers: Readonly<Record<string, string>> = how === 500 ? PAUSE : {}): void {
  answer = typeof how === "number" ? () => new Response(how === 204 ? null : "text", { status: how, headers }) : how;
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
    // Notifications of an earlier test may still arrive.
    if (!body.includes(`"order_id":"${order}"`)) return new Response();
    received.push({ url, method, headers: Object.fromEntries(headers), body });
    return answer(init?.signal ?? null);
  });
});

// Removes undelivered notifications of this test, so that the next one does not get them.
afterEach(() => {
  vi.mocked(globalThis.fetch).mockImplementation(() => Promise.reject(new Error("The test is over")));
});

/** The requests that have arrived, verified and parsed. */
export function notifications(secrets: readonly string[] = NOTIFY_SECRETS): Promise<readonly Notification[]> {
  return Promise.all(received.map(({ url, ...init }) => verifyNotification(new Request(url, init), secrets)));
}

/** The charge as the merchant reads it. */
export async function charge(): Promise<MerchantChargeAnswer> {
  return (await get(apiKey)).json();
}

/** Waits until the merchant's view of a notification is as expected. Default: the newest notification. */
export function notified(expected: Partial<NotificationView>, sequence?: number): Promise<NotificationView> {
  return vi.waitFor(async () => {
    const found = (await charge()).notifications.findLast((one) => sequence === undefined || one.sequence === sequence);
    expect(found).toMatchObject(expected);
    return found as NotificationView;
  });
}

/** When the next attempt to send a notification is due, by the edge's clock. Null if none is. */
export async function dueAt(sequence: number): Promise<number | null> {
  const { next_at } = await runInDurableObject(object(), (_, { storage }) =>
    storage.sql.exec<{ next_at: number | null }>("SELECT next_at FROM outbox WHERE order_id = ? AND sequence = ?", order, sequence).one(),
  );
  return next_at;
}

/** Moves the due times of unsent notifications this far back, and runs the alarm. */
export async function letTimePass(milliseconds: number): Promise<void> {
  await runInDurableObject(object(), async (_, { storage }) => {
    storage.sql.exec("UPDATE outbox SET next_at = next_at - ? WHERE order_id = ?", milliseconds, order);
    storage.sql.exec("UPDATE record SET due = 1 WHERE order_id = ?", order);
    await storage.setAlarm(Date.now() + 60_000);
  });
  await runDurableObjectAlarm(object());
}
