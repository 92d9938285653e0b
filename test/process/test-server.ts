/** A test server: the edge and the gateway, and the calls of a storefront and a merchant's server. */
import { randomUUID } from "node:crypto";
import type { TestContext } from "vitest";
import { expect, inject } from "vitest";
import type { ChargeView, MerchantChargeAnswer } from "../../src/edge-api.ts";
import { issueChargeToken } from "../../src/index.ts";
import type { Edge, EdgeSettings } from "./edge.ts";
import { createEdge } from "./edge.ts";
import type { Gateway } from "./gateway.ts";
import { openGateway } from "./gateway.ts";

const MERCHANT_ID = "999999";

/** The secrets of a test server. The edge must not write them to its output. */
export const SECRETS = {
  FREEDOM_PAY_SECRET_KEY: "test-secret-of-the-gateway",
  CHARGE_TOKEN_KEY: "test-secret-charge-token-key-0123456789abcdef",
  EDGE_API_KEY: "test-secret-edge-api-key-0123456789abcdef",
  CALLBACK_KEY: "test-secret-callback-key-0123456789abcdef",
} as const;

/** Major units of every order. */
export const AMOUNT = 4990;

/** A running edge and its gateway. */
export interface TestServer {
  readonly edge: Edge;
  readonly gateway: Gateway;
}

/** Options of a test server. */
export interface TestServerOptions {
  readonly settings?: EdgeSettings;
  /** Starts a proxy between the edge and the gateway, from the gateway's address. */
  readonly proxy?: (gateway: string) => Promise<{ readonly origin: string; close(): Promise<void> }>;
}

/**
 * Starts a test server for one test. It stops at the end of the test.
 *
 * @param test - the test's own context, because concurrent tests share no other
 */
export async function startTestServer(test: Pick<TestContext, "onTestFinished">, options: TestServerOptions = {}): Promise<TestServer> {
  const gateway = await openGateway(MERCHANT_ID, [SECRETS.FREEDOM_PAY_SECRET_KEY]);
  test.onTestFinished(() => gateway.close());
  const proxy = await options.proxy?.(gateway.origin);
  if (proxy !== undefined) test.onTestFinished(() => proxy.close());
  const edge = await createEdge(inject("edgeConfig"), {
    ...SECRETS,
    FREEDOM_PAY_MERCHANT_ID: MERCHANT_ID,
    FREEDOM_PAY_URL: proxy?.origin ?? gateway.origin,
    ALLOWED_ORIGINS: "https://shop.example",
    ...options.settings,
  });
  test.onTestFinished(() => edge.close());
  await edge.start();
  return { edge, gateway };
}

/** The charge token of an order, as the shop's back end makes it. @param profile - keywords for the simulator */
export function tokenFor(order: string, profile = "pays"): Promise<string> {
  return issueChargeToken(
    { order_id: order, amount: AMOUNT, currency: "KZT", description: "Test order", user_id: "12345", profile_id: profile },
    { key: SECRETS.CHARGE_TOKEN_KEY, issuer: "shop.example" },
  );
}

/**
 * A shopper's click. Like the element, it repeats the request under the same key until an answer arrives.
 *
 * @returns the charge in the edge's answer
 */
export async function click({ edge }: TestServer, order: string, profile = "pays", key: string = randomUUID()): Promise<ChargeView> {
  const token = await tokenFor(order, profile);
  const headers = { Authorization: `Bearer ${token}`, "Idempotency-Key": key };
  const { status, body } = await callUntilAnswered(`${edge.origin}/v1/charges`, { method: "POST", headers });
  expect([200, 201], body).toContain(status);
  return JSON.parse(body) as ChargeView;
}

/** A click without waiting for its answer. Its connection ends with the edge. */
export function clickWithoutWaiting(testServer: TestServer, order: string, profile?: string): void {
  click(testServer, order, profile).catch(() => {});
}

/** A refund by the merchant's server, in major units; null without an answer, because the edge was killed. */
export async function refund({ edge }: TestServer, order: string, amount: number): Promise<Response | null> {
  return fetch(`${edge.origin}/v1/charges/${order}/refund`, {
    method: "POST",
    headers: { Authorization: `Bearer ${SECRETS.EDGE_API_KEY}`, "Idempotency-Key": randomUUID(), "Content-Type": "application/json" },
    body: JSON.stringify({ amount }),
  }).catch(() => null);
}

/** The charge as the merchant's server reads it. */
export async function chargeOf({ edge }: TestServer, order: string): Promise<MerchantChargeAnswer> {
  const headers = { Authorization: `Bearer ${SECRETS.EDGE_API_KEY}` };
  const { status, body } = await callUntilAnswered(`${edge.origin}/v1/charges/${order}`, { headers });
  expect(status, body).toBe(200);
  return JSON.parse(body) as MerchantChargeAnswer;
}

/** Milliseconds between two reads. */
const POLL_INTERVAL = 100;

/** Waits until `read` returns a value. @throws Error with the description after `seconds` */
export async function until<Value>(description: string, read: () => Promise<Value | null> | Value | null, seconds = 300): Promise<Value> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await read();
    if (value !== null) return value;
    if (Date.now() > end) throw new Error(`Not within ${seconds} s: ${description}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL));
  }
}

/** Repeats a call until its charge is paid, because on a busy machine that may take longer than one call waits. */
export function untilPaid(call: () => Promise<Response>): Promise<ChargeView> {
  return until("the charge is paid", async () => {
    const charge = (await (await call()).json()) as ChargeView;
    return charge.status === "succeeded" ? charge : null;
  });
}

/** Waits until the merchant reads this status. */
export function statusOf(
  testServer: TestServer,
  order: string,
  status: ChargeView["status"],
  seconds = 300,
): Promise<MerchantChargeAnswer> {
  return until(
    `order ${order} is ${status}`,
    async () => {
      const charge = await chargeOf(testServer, order);
      return charge.status === status ? charge : null;
    },
    seconds,
  );
}

/** Waits for a call at or after an instant that the edge makes without a request. */
export async function waitForOwnCall({ gateway }: TestServer, action: string, since: number): Promise<void> {
  await until(`a ${action} without a request`, () => gateway.calls(action).find((call) => call.at >= since) ?? null);
}

/** Never twice, never lost: the gateway took the amount once, for one request id with one body, and the edge shows it. */
export async function expectPaidOnce(testServer: TestServer, order: string): Promise<MerchantChargeAnswer> {
  const charge = await statusOf(testServer, order, "succeeded");
  expect(charge).toMatchObject({ status: "succeeded", attempt: 1, cleared_amount: AMOUNT, attention: [] });
  expect(testServer.gateway.simulator.totalsOf(order), order).toMatchObject({ taken: AMOUNT * 100, held: 0, payments: 1 });
  const creates = testServer.gateway.calls("payment.create", order);
  expect(new Set(creates.map(({ headers, body }) => `${headers["x-request-id"]} ${body}`)).size, order).toBe(1);
  return charge;
}

/** The edge wrote no error and no secret. Warnings of workerd are allowed. */
export function expectCleanOutput({ edge }: TestServer): void {
  const output = edge.output();
  expect(
    output.split("\n").filter((proxy) => proxy !== "" && !/^\{"event":"(?:request|decision)"|^workerd\/.*: warning: /.test(proxy)),
  ).toEqual([]);
  for (const secret of Object.values(SECRETS)) expect(output).not.toContain(secret);
}

/** Repeats a call until an answer arrives, because the edge may be restarting. */
function callUntilAnswered(url: string, init: RequestInit): Promise<{ readonly status: number; readonly body: string }> {
  const call = async (): Promise<{ readonly status: number; readonly body: string }> => {
    const response = await fetch(url, init);
    return { status: response.status, body: await response.text() };
  };
  return until("the edge answers", () => call().catch(() => null));
}
