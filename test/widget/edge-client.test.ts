import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { EdgeAnswer, EdgeClient } from "../../widget/edge-client.ts";
import { createEdgeClient } from "../../widget/edge-client.ts";
import { chargeOf, problemOf } from "./charges.ts";

const ENDPOINT = "https://edge.example";

interface Call {
  readonly url: string;
  readonly init: RequestInit;
  readonly headers: Headers;
}

/** A client whose calls are answered by `answer`, and the calls. */
function clientOf(answer: (call: Call) => Response | Promise<Response>, endpoint = ENDPOINT): { edge: EdgeClient; calls: Call[] } {
  const calls: Call[] = [];
  const fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const call = { url: String(input), init, headers: new Headers(init.headers) };
    calls.push(call);
    return answer(call);
  };
  vi.spyOn(globalThis, "fetch").mockImplementation(fetch);
  return { edge: createEdgeClient({ endpoint, token: "the.charge.token", orderId: "1234" }), calls };
}

const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers });

afterEach(() => void vi.restoreAllMocks());

const live = (): AbortSignal => new AbortController().signal;

describe("a read", () => {
  test("is a GET of the order with the token as bearer, without cookies and other browser data", async () => {
    const { edge, calls } = clientOf(() => json(chargeOf()));
    await edge.read(null, false, live());
    expect(calls.map(({ url }) => url)).toEqual(["https://edge.example/v1/charges/1234"]);
    expect([...(calls[0]?.headers ?? [])]).toEqual([["authorization", "Bearer the.charge.token"]]);
    expect(calls[0]?.init).toMatchObject({ method: "GET", credentials: "omit", cache: "no-store", redirect: "error" });
    expect(calls[0]?.init.body).toBeUndefined();
  });

  test.each(["https://edge.example/", "https://edge.example//"])(
    "of an endpoint written as %s goes to the same address",
    async (endpoint) => {
      const { edge, calls } = clientOf(() => json(chargeOf()), endpoint);
      await edge.read(null, false, live());
      expect(calls[0]?.url).toBe("https://edge.example/v1/charges/1234");
    },
  );

  test("may wait for a change since an ETag", async () => {
    const { edge, calls } = clientOf(() => new Response(null, { status: 304 }));
    expect(await edge.read('"7"', true, live())).toEqual({ kind: "unchanged", retryAfter: 0 });
    expect(calls[0]?.headers.get("If-None-Match")).toBe('"7"');
    expect(calls[0]?.headers.get("Prefer")).toBe("wait=25");
  });

  test("resolves with the charge and its ETag", async () => {
    const { edge } = clientOf(() => json(chargeOf({ status: "processing" }), 200, { ETag: '"8"' }));
    expect(await edge.read(null, false, live())).toEqual({
      kind: "charge",
      charge: chargeOf({ status: "processing" }),
      etag: '"8"',
      retryAfter: 0,
    });
  });
});

describe("a payment", () => {
  test("is a POST without a body, with its key", async () => {
    const { edge, calls } = clientOf(() => json(chargeOf({ status: "processing" }), 201));
    expect(await edge.pay("key-1", 120_000, live())).toMatchObject({ kind: "charge", charge: { status: "processing" } });
    expect(calls[0]?.url).toBe("https://edge.example/v1/charges");
    expect(calls[0]?.init).toMatchObject({ method: "POST", redirect: "error" });
    expect(calls[0]?.init.body).toBeUndefined();
    expect(calls[0]?.headers.get("Idempotency-Key")).toBe("key-1");
    expect(calls[0]?.headers.get("Authorization")).toBe("Bearer the.charge.token");
  });
});

describe("the result of a call is", () => {
  test.each<[string, () => Response, Partial<EdgeAnswer>]>([
    [
      "refused for a problem",
      () => json(problemOf(401, "token_expired"), 401),
      { kind: "refused", code: "token_expired", detail: "token_expired: title of token_expired", charge: null },
    ],
    [
      "refused with the charge for a conflict",
      () => json(problemOf(409, "charge_conflict", { charge: chargeOf({ status: "succeeded" }), detail: "other terms" }), 409),
      { kind: "refused", code: "charge_conflict", detail: "charge_conflict: other terms", charge: chargeOf({ status: "succeeded" }) },
    ],
    [
      "unanswered for 429",
      () => json(problemOf(429, "rate_limited"), 429, { "Retry-After": "2" }),
      { kind: "unanswered", httpStatus: 429, retryAfter: 2000 },
    ],
    ["unanswered for 503", () => json(problemOf(503, "unavailable"), 503), { kind: "unanswered", httpStatus: 503, retryAfter: 0 }],
    ["unanswered for 500", () => json(problemOf(500, "internal"), 500), { kind: "unanswered", httpStatus: 500 }],
    ["unanswered for a firewall's page", () => new Response("<html>", { status: 403 }), { kind: "unanswered", httpStatus: 403 }],
    ["unanswered for 4xx JSON without a code", () => json({ error: "no" }, 404), { kind: "unanswered", httpStatus: 404 }],
    ["unanswered for JSON that is no charge", () => json({ ok: true }), { kind: "unanswered", httpStatus: 200 }],
    ["unanswered for JSON null", () => json(null), { kind: "unanswered", httpStatus: 200 }],
    ["unanswered for another order's charge", () => json(chargeOf({ order_id: "5678" })), { kind: "unanswered", httpStatus: 200 }],
    ["unanswered for an unknown status", () => json({ ...chargeOf(), status: "toString" }), { kind: "unanswered", httpStatus: 200 }],
    ["unanswered for an empty body", () => new Response(""), { kind: "unanswered", httpStatus: 200 }],
  ])("%s", async (_, answer, expected) => {
    const { edge } = clientOf(answer);
    expect(await edge.read(null, false, live())).toMatchObject(expected);
    expect(await edge.pay("key-1", 1000, live())).toMatchObject(expected);
  });

  test("unanswered if the network fails", async () => {
    const { edge } = clientOf(() => {
      throw new TypeError("Failed to fetch");
    });
    expect(await edge.pay("key-1", 1000, live())).toEqual({ kind: "unanswered", httpStatus: null, retryAfter: 0 });
  });

  test.each([
    ["-5", 0],
    ["soon", 0],
    ["", 0],
    ["1e9", 600_000],
    ["Infinity", 600_000],
    ["0.5", 500],
  ])("followed by the wait of Retry-After %j, within limits", async (text, milliseconds) => {
    const { edge } = clientOf(() => json({}, 503, { "Retry-After": text }));
    expect(await edge.read(null, false, live())).toMatchObject({ retryAfter: milliseconds });
  });
});

describe("Retry-After", () => {
  test.each<[number, unknown]>([
    [200, chargeOf({ status: "processing" })],
    [304, null],
    [401, problemOf(401, "token_expired")],
    [409, problemOf(409, "charge_conflict")],
    [429, problemOf(429, "rate_limited")],
    [429, "<html>"],
    [500, {}],
    [503, problemOf(503, "unavailable")],
    [503, "<html>"],
  ])("is read on %i with the body %j", async (status, body) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const { edge } = clientOf(() => new Response(body === null ? null : text, { status, headers: { "Retry-After": "7" } }));
    expect(await edge.read(null, false, live())).toMatchObject({ retryAfter: 7000 });
    expect(await edge.pay("key-1", 120_000, live())).toMatchObject({ retryAfter: 7000 });
  });

  test("may be a date", async () => {
    vi.useFakeTimers();
    vi.setSystemTime(Date.UTC(2026, 10, 22, 10, 0, 0));
    const { edge } = clientOf(() => json({}, 503, { "Retry-After": "Sun, 22 Nov 2026 10:00:30 GMT" }));
    expect(await edge.read(null, false, live())).toMatchObject({ retryAfter: 30_000 });
    vi.setSystemTime(Date.UTC(2026, 10, 22, 11, 0, 0));
    expect(await edge.read(null, false, live())).toMatchObject({ retryAfter: 0 });
    vi.useRealTimers();
  });
});

describe("a call without an answer", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const never = ({ init }: Call): Promise<Response> =>
    new Promise((_, reject) => init.signal?.addEventListener("abort", () => reject(init.signal?.reason as Error)));

  test.each<[string, (edge: EdgeClient) => Promise<EdgeAnswer>, number]>([
    ["a payment after 20 s", (edge) => edge.pay("key-1", 120_000, live()), 20_000],
    ["a payment when the time of its click is over", (edge) => edge.pay("key-1", 3000, live()), 3000],
    ["a read after 20 s", (edge) => edge.read(null, false, live()), 20_000],
    ["a waiting read after 45 s", (edge) => edge.read('"1"', true, live()), 45_000],
  ])("is given up: %s", async (_, call, after) => {
    const { edge } = clientOf(never);
    const done = vi.fn();
    const ending = call(edge).then(done);
    await vi.advanceTimersByTimeAsync(after - 1);
    expect(done).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await ending;
    expect(done).toHaveBeenCalledWith({ kind: "unanswered", httpStatus: null, retryAfter: 0 });
    expect(vi.getTimerCount()).toBe(0);
  });

  test("removes its listeners from a signal that lives longer", async () => {
    const { edge } = clientOf(() => json(chargeOf()));
    const signal = live();
    const listeners = new Set<unknown>();
    vi.spyOn(signal, "addEventListener").mockImplementation((_: string, listener: unknown) => void listeners.add(listener));
    vi.spyOn(signal, "removeEventListener").mockImplementation((_: string, listener: unknown) => void listeners.delete(listener));
    await edge.read(null, false, signal);
    expect(signal.addEventListener).toHaveBeenCalled();
    expect(listeners.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("ends when its signal is aborted", async () => {
    const { edge } = clientOf(never);
    const controller = new AbortController();
    const ending = edge.read(null, false, controller.signal);
    controller.abort();
    expect(await ending).toMatchObject({ kind: "unanswered" });
    expect(vi.getTimerCount()).toBe(0);
  });
});
