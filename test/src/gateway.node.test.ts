import type { IncomingMessage, RequestListener, Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { WAIT_LIMIT } from "../../scripts/timeouts.ts";
import type { Outcome } from "../../src/outcome.ts";
import type { PaymentState } from "../../src/payment.ts";
import { paymentStatus } from "../../src/payment.ts";
import { callGateway, createGateway } from "../../src/gateway.ts";
import { verifySignature } from "../../src/signature.ts";
import { closedGate } from "../gate.ts";

const SECRET = "test-secret-of-the-merchant";
const CALL = paymentStatus({ order_id: "1234" }, "0190fddd-bea7-7f17-b777-10344d5cc816");

let server: Server | undefined;

afterEach(async () => {
  vi.restoreAllMocks();
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(null) : server.close(resolve)));
  server = undefined;
});

/** Calls a real server on loopback. */
async function call(listener: RequestListener, timeout = WAIT_LIMIT): Promise<Outcome<PaymentState>> {
  const listening = createServer(listener);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const { port } = listening.address() as AddressInfo;
  const gateway = await createGateway({ url: `http://127.0.0.1:${port}`, merchantId: "123456", secretKey: SECRET });
  return callGateway(gateway, CALL, { timeout });
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

test("The bytes on the wire are those that were signed, with their length", async () => {
  const seen: { body?: Uint8Array; request?: IncomingMessage } = {};
  const outcome = await call(async (request, response) => {
    seen.request = request;
    seen.body = await bodyOf(request);
    response.setHeader("content-type", "application/json").end("{}");
  });
  expect(outcome).toEqual({ kind: "answered", httpStatus: 200, answer: {} });
  expect(seen.request).toMatchObject({ method: "POST", url: "/v5/g2g/read" });
  expect(seen.request?.headers).toMatchObject({
    accept: "application/json",
    "content-type": "application/json",
    "content-length": String(CALL.body.length),
    "x-action": "gateway.payment.status",
    "x-request-id": CALL.requestId,
  });
  const signature = String(seen.request?.headers["x-jws-signature"]);
  const expected = { merchantId: "123456", secretKey: SECRET, uri: "/v5/g2g/read" };
  await expect(verifySignature(signature, seen.body ?? new Uint8Array(), expected)).resolves.toBeUndefined();
});

test("A call to a server that never answers ends with a time-out", async () => {
  expect(await call(() => undefined, 100)).toEqual({ kind: "unknown", reason: "timeout", httpStatus: null, retryAfter: null });
});

test("A call to a server that stops in the middle of its answer ends with a time-out", async () => {
  // The time is over when the answer has begun, and not before.
  const { fetch, setTimeout } = globalThis;
  let timeIsOver = (): void => undefined;
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((act: () => void, milliseconds: number) => {
    if (milliseconds !== 200) return setTimeout(act, milliseconds);
    timeIsOver = act;
    return setTimeout(() => {});
  }) as typeof setTimeout);
  vi.spyOn(globalThis, "fetch").mockImplementation(async (...request) => {
    const response = await fetch(...request);
    setTimeout(() => timeIsOver(), 20);
    return response;
  });
  const outcome = await call((_, response) => void response.writeHead(200, { "content-length": "100" }).write('{"id":"77",'), 200);
  expect(outcome).toEqual({ kind: "unknown", reason: "timeout", httpStatus: 200, retryAfter: null });
});

test("A server that hangs up in the middle of its answer is the network", async () => {
  const outcome = await call((_, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write('{"id":"77","status":"success"}', () => response.destroy());
  });
  expect(outcome).toEqual({ kind: "unknown", reason: "network", httpStatus: 200, retryAfter: null });
});

test("A server that hangs up before it answers is the network", async () => {
  const outcome = await call((request) => void request.socket.destroy());
  expect(outcome).toEqual({ kind: "unknown", reason: "network", httpStatus: null, retryAfter: null });
});

test("A redirect is not followed", async () => {
  const paths: (string | undefined)[] = [];
  const outcome = await call((request, response) => {
    paths.push(request.url);
    response.writeHead(307, { location: "/elsewhere" }).end();
  });
  expect(outcome).toEqual({ kind: "unknown", reason: "redirect", httpStatus: 307, retryAfter: null });
  expect(paths).toEqual(["/v5/g2g/read"]);
});

test("A port that nobody listens on is the network", async () => {
  const listening = createServer();
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const { port } = listening.address() as AddressInfo;
  await new Promise((resolve) => listening.close(resolve));
  const gateway = await createGateway({ url: `http://127.0.0.1:${port}`, merchantId: "123456", secretKey: SECRET });
  expect(await callGateway(gateway, CALL)).toEqual({ kind: "unknown", reason: "network", httpStatus: null, retryAfter: null });
});

describe("The timer of a call", () => {
  const gateway = createGateway({ url: "https://test-api.freedompay.kz", merchantId: "123456", secretKey: SECRET });

  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));

  afterEach(() => void vi.useRealTimers());

  test.each<readonly [string, () => Promise<Response>]>([
    ["an answer", () => Promise.resolve(Response.json({ id: "77", status: "success" }))],
    ["a refusal", () => Promise.resolve(Response.json({ error: { code: "1100" } }, { status: 401 }))],
    ["a network error", () => Promise.reject(new TypeError("fetch failed"))],
    ["an answer that is no JSON", () => Promise.resolve(new Response("<html>"))],
  ])("is set while it is open and cleared after %s", async (_, answer) => {
    const timers: number[] = [];
    const fetch = (): Promise<Response> => {
      timers.push(vi.getTimerCount());
      return answer();
    };
    await callGateway(await gateway, CALL, { fetch });
    expect([timers, vi.getTimerCount()]).toEqual([[1], 0]);
  });

  test("ends it after 20 seconds as a time-out, and none is left", async () => {
    const sent = closedGate();
    const fetch = (): Promise<Response> => {
      sent.open();
      return new Promise(() => {});
    };
    const outcome = callGateway(await gateway, CALL, { fetch });
    await sent.passed;
    await vi.advanceTimersByTimeAsync(19_999);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await outcome).toEqual({ kind: "unknown", reason: "timeout", httpStatus: null, retryAfter: null });
    expect(vi.getTimerCount()).toBe(0);
  });

  test("is cleared when the caller aborts", async () => {
    const controller = new AbortController();
    const fetch = (): Promise<Response> => {
      controller.abort();
      return new Promise(() => {});
    };
    expect(await callGateway(await gateway, CALL, { fetch, signal: controller.signal })).toMatchObject({ reason: "aborted" });
    expect(vi.getTimerCount()).toBe(0);
  });
});

// With real timers: a spy on a false timer would put the false one back after the real ones are restored.
test("The time limit of a call can be longer than a timer can be set to", async () => {
  const gateway = await createGateway({ url: "https://test-api.freedompay.kz", merchantId: "123456", secretKey: SECRET });
  const delays = vi.spyOn(globalThis, "setTimeout");
  await callGateway(gateway, CALL, { fetch: () => Promise.resolve(new Response()), timeout: Number.MAX_SAFE_INTEGER });
  expect(delays.mock.calls.map(([, delay]) => delay)).toEqual([2 ** 31 - 1]);
});
