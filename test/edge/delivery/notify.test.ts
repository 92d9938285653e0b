import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { deliver } from "../../../edge/delivery/notify.ts";
import { nextTryAt, TRY_LEASE } from "../../../edge/machine/notification-retries.ts";
import { verifyNotification } from "../../../src/notification.ts";
import { closedGate } from "../../gate.ts";

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const NOW = Date.parse("2026-11-22T10:00:00Z");
const SECRET = `whsec_${btoa("test-secret-of-notifications")}`;
const RECEIVER = { url: "https://merchant.example/notified", secrets: [SECRET] };
const MESSAGE = {
  id: "msg_1",
  body: JSON.stringify({
    type: "charge.succeeded",
    timestamp: "2026-11-22T09:00:00.000Z",
    data: { order_id: "1234", status: "succeeded", sequence: 1 },
  }),
};

describe("when a notification is tried again", () => {
  const pauses = Array.from({ length: 10 }, (_, index) => {
    const at = nextTryAt({ now: NOW, failed: index + 1, fraction: 0, retryAfter: null });
    return at === null ? null : (at - NOW) / SECOND;
  });

  test("after 5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 h; then it is given up", () => {
    expect(pauses).toEqual([5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400, null]);
  });

  test("a random part makes the pause a little longer, never shorter", () => {
    expect(nextTryAt({ now: NOW, failed: 4, fraction: 0.999_999, retryAfter: null })).toBeLessThanOrEqual(NOW + 2.2 * HOUR);
    expect(nextTryAt({ now: NOW, failed: 4, fraction: 0.5, retryAfter: null })).toBe(NOW + 2.1 * HOUR);
    expect(nextTryAt({ now: NOW, failed: 1, fraction: 0.0015, retryAfter: null }), "to the nearest millisecond").toBe(NOW + 5001);
  });

  test.each([
    [0, 5],
    [4, 5],
    [60, 60],
    [86_400, 86_400],
    [999_999_999, 86_400],
  ])("Retry-After: %i means after %i s", (retryAfter, seconds) => {
    expect(nextTryAt({ now: NOW, failed: 1, fraction: 0, retryAfter })).toBe(NOW + seconds * SECOND);
  });

  test("a Retry-After does not revive a notification that was tried ten times", () => {
    expect(nextTryAt({ now: NOW, failed: 10, fraction: 0, retryAfter: 60 })).toBeNull();
  });
});

describe("a try to deliver", () => {
  beforeEach(() => {
    vi.spyOn(globalThis, "fetch");
  });

  afterEach(() => {
    vi.restoreAllMocks();
  });

  test.each([200, 201, 202, 204, 299])("%i counts as delivered", async (status) => {
    vi.mocked(fetch).mockResolvedValue(new Response(null, { status }));
    expect(await deliver(MESSAGE, RECEIVER, NOW)).toEqual({ end: "delivered", status });
  });

  test("410 ends the notification", async () => {
    vi.mocked(fetch).mockResolvedValue(new Response("gone", { status: 410 }));
    expect(await deliver(MESSAGE, RECEIVER, NOW)).toEqual({ end: "gone", status: 410 });
  });

  test.each([300, 301, 302, 303, 307, 308, 400, 401, 403, 404, 409, 429, 500, 503])("%i does not count as delivered", async (status) => {
    vi.mocked(fetch).mockResolvedValue(new Response(null, { status, headers: { "Retry-After": "7" } }));
    expect(await deliver(MESSAGE, RECEIVER, NOW)).toEqual({ end: null, status, retryAfter: 7 });
  });

  test("a broken connection, or a secret that cannot sign, does not count as delivered", async () => {
    vi.mocked(fetch).mockRejectedValue(new TypeError("Network connection lost."));
    expect(await deliver(MESSAGE, RECEIVER, NOW)).toEqual({ end: null, status: null, retryAfter: null });
    vi.mocked(fetch).mockResolvedValue(new Response());
    expect(await deliver(MESSAGE, { ...RECEIVER, secrets: ["whsec_short"] }, NOW)).toEqual({
      end: null,
      status: null,
      retryAfter: null,
    });
  });

  test("follows no redirect and does not read the response body", async () => {
    const cancelled = vi.fn<() => void>();
    vi.mocked(fetch).mockResolvedValue(new Response(new ReadableStream({ cancel: cancelled })));
    expect(await deliver(MESSAGE, RECEIVER, NOW)).toEqual({ end: "delivered", status: 200 });
    expect(vi.mocked(fetch).mock.calls[0]?.[1]).toMatchObject({ method: "POST", redirect: "manual" });
    expect(cancelled).toHaveBeenCalledOnce();
  });

  describe("the time-out of a try", () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));

    afterEach(() => void vi.useRealTimers());

    test("ends the try after 15 s", async () => {
      const sent = closedGate();
      vi.mocked(fetch).mockImplementation((_, init) => {
        sent.open();
        return new Promise((_resolve, reject) => init?.signal?.addEventListener("abort", () => reject(init.signal?.reason)));
      });
      const ended = vi.fn<(result: unknown) => void>();
      const trying = deliver(MESSAGE, RECEIVER, NOW).then(ended);
      await sent.passed;
      await vi.advanceTimersByTimeAsync(14_999);
      expect(ended).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(1);
      await trying;
      expect(ended).toHaveBeenCalledExactlyOnceWith({ end: null, status: null, retryAfter: null });
    });

    test.each<readonly [string, () => Promise<Response>]>([
      ["an answer", () => Promise.resolve(new Response())],
      ["a broken connection", () => Promise.reject(new TypeError("Network connection lost."))],
    ])("its timer runs while the request is open and is cleared after %s", async (_, answer) => {
      const timers: number[] = [];
      vi.mocked(fetch).mockImplementation(() => {
        timers.push(vi.getTimerCount());
        return answer();
      });
      await deliver(MESSAGE, RECEIVER, NOW);
      expect([timers, vi.getTimerCount()]).toEqual([[1], 0]);
    });
  });

  test("the lease covers the wait in the queue, the time-out and 5 s more", () => {
    expect(TRY_LEASE).toBe(10_000 + 15_000 + 5_000);
  });

  test("is JSON and names its sender as User-Agent", async () => {
    vi.mocked(fetch).mockResolvedValue(new Response());
    await deliver(MESSAGE, RECEIVER, NOW);
    const headers = new Headers(vi.mocked(fetch).mock.calls[0]?.[1]?.headers);
    expect([headers.get("Content-Type"), headers.get("User-Agent")]).toEqual(["application/json", "freedom-pay-charge"]);
  });

  test("a response body that breaks off changes nothing", async () => {
    const body = new ReadableStream({ cancel: () => Promise.reject(new Error("cut")) });
    vi.mocked(fetch).mockResolvedValue(new Response(body));
    expect(await deliver(MESSAGE, RECEIVER, NOW)).toEqual({ end: "delivered", status: 200 });
  });

  test("each try has a new signature under the same id", async () => {
    vi.mocked(fetch).mockImplementation(async () => new Response());
    const times = [NOW, NOW + 2 * HOUR];
    for (const now of times) await deliver(MESSAGE, RECEIVER, now);
    const headers = vi.mocked(fetch).mock.calls.map(([, init]) => new Headers(init?.headers));
    expect(headers.map((one) => one.get("webhook-timestamp"))).toEqual(times.map((now) => String(now / SECOND)));
    expect(headers.map((one) => one.get("webhook-id"))).toEqual(["msg_1", "msg_1"]);
    for (const [index, [url, init]] of vi.mocked(fetch).mock.calls.entries()) {
      const request = new Request(url, { ...init, signal: null });
      expect(await verifyNotification(request, SECRET, { now: new Date(times[index] ?? 0) })).toMatchObject({ id: "msg_1" });
    }
  });
});
