import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, test, vi } from "vitest";
import type { Problem } from "../../../src/edge-api.ts";
import { apiKey, gateway, get, object, operate, order, post, token } from "../with-gateway.ts";
import {
  respondWith,
  charge,
  dueAt,
  received,
  NOTIFY_SECRETS,
  NOTIFY_URL,
  notifications,
  letTimePass,
  pauseIsOver,
  notified,
} from "../with-receiver.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

async function pay(more: Parameters<typeof token>[0] = {}): Promise<void> {
  await (await post(await token(more), "key-1")).json();
}

describe("a notification", () => {
  test("contains the whole charge, has a signature of both secrets, and is sent once", async () => {
    await pay();
    await notified({ ended: "delivered", tries: 1, last_status: 204 });
    expect(received).toHaveLength(1);
    const [request] = received;
    expect(request?.method).toBe("POST");
    expect(request?.url).toBe(NOTIFY_URL);
    expect(request?.headers["content-type"]).toBe("application/json");
    expect(request?.headers["webhook-signature"]?.split(" ")).toHaveLength(2);
    for (const secret of NOTIFY_SECRETS) expect(await notifications([secret])).toHaveLength(1);
    const { notifications: told, ...view } = await charge();
    const [notification] = await notifications();
    expect(notification).toEqual({ id: told[0]?.id, type: "charge.succeeded", timestamp: told[0]?.at, data: view });
    expect(told).toEqual([
      {
        sequence: 1,
        id: expect.stringMatching(/^msg_[0-9a-f]{32}$/),
        type: "charge.succeeded",
        at: expect.any(String),
        tries: 1,
        delivered_at: expect.any(String),
        ended: "delivered",
        last_status: 204,
      },
    ]);
    await runDurableObjectAlarm(object());
    expect(received).toHaveLength(1);
  });

  test("contains no secret, no ticket, no address of the shopper, and none of the bytes that were sent to the gateway", async () => {
    await pay();
    await notified({ ended: "delivered" });
    const text = JSON.stringify(received);
    const record = await runInDurableObject(object(), (_, { storage }) =>
      storage.sql.exec<{ record: string }>("SELECT record FROM record WHERE order_id = ?", order).one(),
    );
    const [{ ticket, userIp, body }] = (JSON.parse(record.record) as { attempts: [{ ticket: string; userIp: string; body: string }] })
      .attempts;
    expect([ticket.length > 20, userIp, body.length > 100]).toEqual([true, "192.0.2.1", true]);
    for (const kept of [ticket, userIp, "test-secret", "check_url", JSON.stringify(body).slice(1, -1)]) expect(text).not.toContain(kept);
  });

  test("is sent again at growing pauses for three days under the same id, then given up, which is shown and logged", async () => {
    const lines = vi.spyOn(console, "log").mockReturnValue();
    respondWith(500, {});
    let before = Date.now();
    await pay();
    const pauses = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];
    for (const [failed, pause] of pauses.entries()) {
      await notified({ tries: failed + 1, ended: null, last_status: 500, delivered_at: null });
      await vi.waitFor(async () => expect(await dueAt(1)).toBeGreaterThanOrEqual(before + pause));
      expect(await dueAt(1)).toBeLessThanOrEqual(Date.now() + pause * 1.1);
      before = Date.now();
      await letTimePass(pause * 1.1);
    }
    await notified({ tries: 10, ended: "given_up", last_status: 500, delivered_at: null });
    expect(await dueAt(1)).toBeNull();
    expect(received).toHaveLength(10);
    expect(new Set((await notifications()).map(({ id }) => id)).size).toBe(1);
    expect(lines.mock.calls.map(([line]) => line).filter((line) => String(line).includes("notification_given_up"))).toHaveLength(1);
    await letTimePass(48 * HOUR);
    expect(received).toHaveLength(10);
  });

  test.each([300, 301, 302, 307, 404, 429, 503])("answered with %i is sent again; a redirect is not followed", async (status) => {
    respondWith(status, { Location: "https://elsewhere.example/", "Retry-After": "240" });
    await pay();
    await notified({ tries: 1, ended: null, last_status: status });
    respondWith(200);
    await pauseIsOver();
    await notified({ tries: 2, ended: "delivered", last_status: 200 });
    expect(received.map(({ url }) => url)).toEqual([NOTIFY_URL, NOTIFY_URL]);
  });

  test("answered with 410 is not sent again", async () => {
    respondWith(410);
    await pay();
    await notified({ tries: 1, ended: "gone", last_status: 410, delivered_at: null });
    await letTimePass(24 * HOUR);
    expect(received).toHaveLength(1);
  });

  test("waits for a Retry-After that is longer than its own pause, but at most a day", async () => {
    respondWith(429, { "Retry-After": "3600" });
    const paidAt = Date.now();
    await pay();
    await notified({ tries: 1, ended: null, last_status: 429 });
    expect(await dueAt(1)).toBeGreaterThanOrEqual(paidAt + HOUR);
    expect(await dueAt(1)).toBeLessThanOrEqual(Date.now() + HOUR);
    respondWith(503, { "Retry-After": "99999999" });
    const triedAt = Date.now();
    await letTimePass(HOUR);
    await notified({ tries: 2, ended: null, last_status: 503 });
    expect(await dueAt(1)).toBeLessThanOrEqual(Date.now() + 24 * HOUR);
    expect(await dueAt(1)).toBeGreaterThanOrEqual(triedAt + 24 * HOUR);
  });

  test("whose receiver hangs ends after 15 seconds and delays nothing else", async () => {
    // The test ends the fifteen seconds itself.
    const { setTimeout } = globalThis;
    let timeIsOver = (): void => undefined;
    vi.spyOn(globalThis, "setTimeout").mockImplementation(((act: () => void, milliseconds: number) => {
      if (milliseconds !== 15 * SECOND) return setTimeout(act, milliseconds);
      timeIsOver = act;
      return setTimeout(() => {});
    }) as typeof setTimeout);
    respondWith((signal) => new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason))));
    const before = Date.now();
    await pay();
    await vi.waitFor(() => expect(received).toHaveLength(1));
    expect(await charge()).toMatchObject({ status: "succeeded", notifications: [{ tries: 1, ended: null, last_status: null }] });
    expect((await get(await token())).status).toBe(200);
    await runDurableObjectAlarm(object());
    // In case its object is evicted meanwhile.
    const lost = (await dueAt(1)) ?? 0;
    expect(lost).toBeGreaterThanOrEqual(before + 20 * SECOND);
    await runInDurableObject(object(), () => timeIsOver());
    await vi.waitFor(async () => expect(await dueAt(1)).not.toBe(lost));
    expect(await dueAt(1)).toBeLessThanOrEqual(Date.now() + 5.5 * SECOND);
    respondWith(200);
    await letTimePass(6 * SECOND);
    await notified({ tries: 2, ended: "delivered" });
  });

  test("that is in flight when its object is evicted is sent again", async () => {
    respondWith(() => new Promise(() => {}));
    await pay();
    await vi.waitFor(() => expect(received).toHaveLength(1));
    await abortAllDurableObjects();
    const alarm = await runInDurableObject(object(), (_, { storage }) => storage.getAlarm());
    expect(alarm).toBeLessThanOrEqual(Date.now() + 30 * SECOND);
    respondWith(200);
    await letTimePass(30 * SECOND);
    await notified({ tries: 2, ended: "delivered" });
    const [first, second] = await notifications();
    expect(second?.id).toBe(first?.id);
  });

  test("is not sent twice by an alarm that fires twice, nor again by one that fires late", async () => {
    respondWith(() => new Promise((resolve) => setTimeout(() => resolve(new Response("said")), 200)));
    await pay();
    await vi.waitFor(() => expect(received).toHaveLength(1));
    await runInDurableObject(object(), async (one) => {
      await Promise.all([(one as unknown as { alarm(): Promise<void> }).alarm(), (one as unknown as { alarm(): Promise<void> }).alarm()]);
    });
    await notified({ ended: "delivered" });
    await letTimePass(HOUR);
    expect(received).toHaveLength(1);
  });
});

describe("the order of an order's notifications", () => {
  async function refundInParts(): Promise<void> {
    await pay();
    for (const part of [1, 2]) expect((await operate("refund", `r-${part}`, { amount: part })).status).toBe(200);
    await vi.waitFor(async () => expect((await charge()).sequence).toBe(3));
  }

  test("is that of the events; after three failed tries of one, the next is sent too", async () => {
    respondWith(500);
    await refundInParts();
    await notified({ tries: 1 }, 1);
    await notified({ tries: 0 }, 2);
    await pauseIsOver();
    await notified({ tries: 2 }, 1);
    await notified({ tries: 0 }, 2);
    await letTimePass(6 * MINUTE);
    await notified({ tries: 3 }, 1);
    await notified({ tries: 1 }, 2);
    await notified({ tries: 0 }, 3);
    expect((await notifications()).map(({ data }) => data.sequence)).toEqual([1, 1, 1, 2]);
    respondWith(200);
    await pauseIsOver();
    await notified({ tries: 2, ended: "delivered" }, 2);
    await notified({ tries: 1, ended: "delivered" }, 3);
    await letTimePass(HOUR);
    await notified({ tries: 4, ended: "delivered" }, 1);
    expect((await notifications()).map(({ data }) => data.sequence)).toEqual([1, 1, 1, 2, 2, 3, 1]);
  });

  test("is kept when all of them wait for the first", async () => {
    respondWith(500);
    await refundInParts();
    respondWith(200);
    await pauseIsOver();
    await notified({ ended: "delivered" }, 3);
    expect((await notifications()).map(({ data, type }) => [data.sequence, type])).toEqual([
      [1, "charge.succeeded"],
      [1, "charge.succeeded"],
      [2, "charge.refunded"],
      [3, "charge.refunded"],
    ]);
  });
});

describe("POST /v1/charges/{order_id}/notify", () => {
  async function code(response: Promise<Response>): Promise<string> {
    const problem = (await (await response).json()) as Problem;
    if (problem.code === "operation_not_allowed") expect(problem.detail).toMatch(/^There is no notification of this charge/);
    return `${problem.status} ${problem.code}`;
  }

  test("sends the newest notification again under its id, and answers with the result", async () => {
    await pay();
    await notified({ ended: "delivered" });
    const again = await operate("notify", "n-1");
    expect(again.status).toBe(200);
    expect(await again.json()).toMatchObject({ order_id: order, status: "succeeded", notifications: [{ tries: 2, ended: "delivered" }] });
    const [first, second] = await notifications();
    expect(second).toEqual(first);
  });

  test("a repeated key sends nothing; with another number it is refused", async () => {
    await pay();
    await notified({ ended: "delivered" });
    for (let times = 0; times < 3; times += 1) expect((await operate("notify", "n-1", {})).status).toBe(200);
    expect(received).toHaveLength(2);
    expect(await code(operate("notify", "n-1", { sequence: 1 }))).toBe("422 idempotency_key_reused");
    expect(received).toHaveLength(2);
  });

  test("sends the one with the given number, also after it was given up or answered with 410, with a whole new schedule", async () => {
    respondWith(410);
    await pay();
    await notified({ ended: "gone" });
    respondWith(500);
    expect(await (await operate("notify", "n-1", { sequence: 1 })).json()).toMatchObject({
      notifications: [{ tries: 2, ended: null, last_status: 500 }],
    });
    respondWith(200);
    await pauseIsOver();
    await notified({ tries: 3, ended: "delivered" });
  });

  test("a requested notification is sent before those that wait", async () => {
    respondWith(500);
    await pay();
    await notified({ tries: 1 }, 1);
    expect((await operate("refund", "r-1", { amount: 1 })).status).toBe(200);
    await notified({ tries: 0 }, 2);
    respondWith(200);
    expect(await (await operate("notify", "n-1")).json()).toMatchObject({
      notifications: [
        { sequence: 1, tries: 1, ended: null },
        { sequence: 2, tries: 1, ended: "delivered" },
      ],
    });
  });

  test("invalid requests are refused", async () => {
    expect(await code(operate("notify", "n-0"))).toBe("404 charge_not_found");
    await pay();
    await notified({ ended: "delivered" });
    for (const sequence of [0, -1, 1.5, "1", null]) expect(await code(operate("notify", "n-1", { sequence }))).toBe("400 body_invalid");
    expect(await code(operate("notify", "n-2", { sequence: 2 }))).toBe("409 operation_not_allowed");
    expect(await code(operate("notify", "n-3", { more: 1 }))).toBe("400 body_invalid");
    expect(await code(post(await token(), "n-4", {}, `/${order}/notify`))).toBe("401 api_key_invalid");
    expect(received).toHaveLength(1);
    // A refused POST binds no key.
    expect((await operate("notify", "n-2", { sequence: 1 })).status).toBe(200);
  });

  test("an order without notifications has nothing to send", async () => {
    const paying = pay({ profile_id: "later-1" });
    await vi.waitFor(() => expect(gateway.payments()).toHaveLength(1));
    expect(await code(operate("notify", "n-1"))).toBe("409 operation_not_allowed");
    await paying;
  });
});

describe("an order that is redacted", () => {
  async function reduce(): Promise<void> {
    await runInDurableObject(object(), (_, { storage }) => {
      storage.sql.exec(
        "UPDATE record SET record = json_set(record, '$.updatedAt', ?), due = 1 WHERE order_id = ?",
        Date.now() - 401 * 24 * HOUR,
        order,
      );
    });
    await runDurableObjectAlarm(object());
  }

  test("keeps no delivered notification; a pending one stays until it is delivered", async () => {
    await pay();
    await notified({ ended: "delivered" }, 1);
    respondWith(500);
    expect((await operate("refund", "r-1", { amount: 10 })).status).toBe(200);
    await vi.waitFor(
      async () => {
        await runDurableObjectAlarm(object());
        expect((await charge()).status).toBe("refunded");
      },
      { interval: 200 },
    );
    await notified({ tries: 1, ended: null }, 2);
    await reduce();
    const { user_id, notifications: kept } = await charge();
    // The refund while it was in process, and when it was settled.
    expect([user_id, kept.map(({ sequence }) => sequence)]).toEqual(["", [2, 3]]);
    expect((await operate("notify", "n-1")).status).toBe(409);
    respondWith(200);
    await pauseIsOver();
    await vi.waitFor(async () => expect((await charge()).notifications).toEqual([]));
    expect((await notifications()).at(-1)).toMatchObject({
      type: "charge.refunded",
      data: { sequence: 3, status: "refunded", user_id: "12345" },
    });
  });
});

describe("the content of a notification", () => {
  test("its ETag does not depend on whether notifications were delivered", async () => {
    respondWith(500);
    await pay();
    await notified({ tries: 1 });
    const etag = (await get(apiKey)).headers.get("ETag") ?? "";
    expect(etag).toMatch(/^W\/"/);
    respondWith(200);
    await pauseIsOver();
    await notified({ tries: 2 });
    expect((await get(apiKey, { "If-None-Match": etag })).status).toBe(304);
  });
});
