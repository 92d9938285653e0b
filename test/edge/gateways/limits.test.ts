import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { GatewayPort } from "../../../edge/gateways/gateway-port.ts";
import { gatewayPort } from "../../../edge/gateways/gateway-port.ts";
import { createRecurrentPayment, paymentStatus } from "../../../src/payment.ts";
import { requestId } from "../../../src/request-id.ts";

const SETTINGS = { gatewayUrl: "https://test-api.freedompay.kz", merchantId: "999999", gatewayKeys: ["test-secret"] } as const;
const READ = { order_id: "1234" } as const;
const PAYMENT = {
  amount: 10,
  currency: "KZT",
  description: "Test order",
  order_id: "1234",
  user_id: "12345",
  auto_clearing: true,
  user_ip: "192.0.2.1",
  profile_id: "pays",
} as const;

let now = 0;
let port: GatewayPort;
let answer: () => Response;
let calls = 0;

beforeEach(() => {
  now = 1_000_000;
  calls = 0;
  port = gatewayPort(SETTINGS, () => now);
  vi.spyOn(globalThis, "fetch").mockImplementation(async () => {
    calls += 1;
    return answer();
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

function tooMany(retryAfter: string | null): () => Response {
  return () => new Response("", { status: 429, headers: retryAfter === null ? {} : { "Retry-After": retryAfter } });
}

function read(): ReturnType<typeof port.read> {
  return port.read(paymentStatus(READ, requestId()));
}

test("a read after a 429 is not sent before its Retry-After, and ends as rate_limited", async () => {
  answer = tooMany("40");
  expect(await read()).toMatchObject({ kind: "unknown", reason: "rate_limited", httpStatus: 429 });
  answer = () => Response.json({});
  now += 39_001;
  expect(await read()).toEqual({ kind: "unknown", reason: "rate_limited", httpStatus: null, retryAfter: 1 });
  expect(calls).toBe(1);
  now += 1_000;
  expect(await read()).toMatchObject({ kind: "answered" });
  expect(calls).toBe(2);
});

test("a 429 to a create holds back reads too", async () => {
  answer = tooMany("5");
  await port.send(createRecurrentPayment(PAYMENT, requestId()), 0);
  expect(await read()).toMatchObject({ reason: "rate_limited", retryAfter: 5 });
  expect(calls).toBe(1);
});

test("without a Retry-After the poll intervals decide, and a Retry-After of years counts as ten minutes", async () => {
  answer = tooMany(null);
  await read();
  await read();
  expect(calls).toBe(2);
  answer = tooMany("999999999");
  await read();
  now += 10 * 60_000 - 1;
  await read();
  expect(calls).toBe(3);
  now += 1;
  await read();
  expect(calls).toBe(4);
});

test("of two Retry-Afters the later end counts", async () => {
  answer = tooMany("40");
  await port.send(createRecurrentPayment(PAYMENT, requestId()), 0);
  answer = tooMany("5");
  await port.send(createRecurrentPayment(PAYMENT, requestId()), 0);
  expect(await read()).toMatchObject({ reason: "rate_limited", retryAfter: 40 });
  expect(calls).toBe(2);
});

test("a Retry-After with another status holds back nothing", async () => {
  answer = () => new Response("", { status: 503, headers: { "Retry-After": "40" } });
  await read();
  expect(await read()).toMatchObject({ reason: "server_error", httpStatus: 503 });
  expect(calls).toBe(2);
});

test("without a clock of a test the present counts", async () => {
  port = gatewayPort(SETTINGS);
  answer = tooMany("600");
  await read();
  await read();
  expect(calls).toBe(1);
});

describe("a read is not repeated", () => {
  test.each<readonly [string, () => Response]>([
    ["is refused for another reason", () => Response.json({ error: { code: "1202" } })],
    ["has 401 without an error of the gateway", () => new Response("", { status: 401 })],
    ["is answered", () => Response.json({})],
  ])("with the other key when it %s", async (_, response) => {
    port = gatewayPort({ ...SETTINGS, gatewayKeys: ["test-secret", "test-secret-of-before"] }, () => now);
    answer = response;
    await read();
    expect(calls).toBe(1);
  });

  test("when there is no other key", async () => {
    answer = () => Response.json({ error: { code: "1100" } }, { status: 401 });
    expect(await read()).toMatchObject({ kind: "refused", httpStatus: 401 });
    expect(calls).toBe(1);
  });
});

test("a read that is refused for its signature is repeated with the other key under another X-Request-Id", async () => {
  port = gatewayPort({ ...SETTINGS, gatewayKeys: ["test-secret", "test-secret-of-before"] }, () => now);
  answer = () => (calls === 1 ? Response.json({ error: { code: "1100" } }, { status: 401 }) : Response.json({}));
  expect(await read()).toMatchObject({ kind: "answered" });
  const ids = vi.mocked(globalThis.fetch).mock.calls.map(([input, init]) => new Request(input, init).headers.get("X-Request-Id"));
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(2);
});
