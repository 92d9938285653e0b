/** The edge, the gateway behind it, and what a storefront and a merchant's server do with them. */
import { randomUUID } from "node:crypto";
import type { TestContext } from "vitest";
import { expect, inject } from "vitest";
import type { ChargeView, MerchantChargeAnswer } from "../../src/edge-api.ts";
import { issueChargeToken } from "../../src/index.ts";
import type { Edge, EdgeSettings } from "./edge.ts";
import { layOutEdge } from "./edge.ts";
import type { Gateway } from "./gateway.ts";
import { openGateway } from "./gateway.ts";

const MERCHANT_ID = "999999";

/** The secrets of a stand. None of them may be seen in what the edge writes. */
export const SECRETS = {
  FREEDOM_PAY_SECRET_KEY: "test-secret-of-the-gateway",
  CHARGE_TOKEN_KEY: "test-secret-charge-token-key-0123456789abcdef",
  EDGE_API_KEY: "test-secret-edge-api-key-0123456789abcdef",
  CALLBACK_KEY: "test-secret-callback-key-0123456789abcdef",
} as const;

/** Major units of every order. */
export const AMOUNT = 4990;

/** An edge that runs and a gateway that is watched. */
export interface Stand {
  readonly edge: Edge;
  readonly gateway: Gateway;
}

/** What a stand may be given beside what is usual. */
export interface StandOptions {
  readonly settings?: EdgeSettings;
  /** What lies between the edge and the gateway: from its address to the address that the edge is told. */
  readonly between?: (gateway: string) => Promise<{ readonly origin: string; close(): Promise<void> }>;
}

/**
 * Opens a stand for one test, with which it ends.
 *
 * @param test - the test's own context: tests that run side by side share no other
 */
export async function openStand(test: Pick<TestContext, "onTestFinished">, options: StandOptions = {}): Promise<Stand> {
  const gateway = await openGateway(MERCHANT_ID, [SECRETS.FREEDOM_PAY_SECRET_KEY]);
  test.onTestFinished(() => gateway.close());
  const line = await options.between?.(gateway.origin);
  if (line !== undefined) test.onTestFinished(() => line.close());
  const edge = await layOutEdge(inject("edgeConfig"), {
    ...SECRETS,
    FREEDOM_PAY_MERCHANT_ID: MERCHANT_ID,
    FREEDOM_PAY_URL: line?.origin ?? gateway.origin,
    ALLOWED_ORIGINS: "https://shop.example",
    ...options.settings,
  });
  test.onTestFinished(() => edge.close());
  await edge.start();
  return { edge, gateway };
}

/** The charge token of an order, as the shop's back end makes it. @param profile - words for the simulator */
export function tokenFor(order: string, profile = "pays"): Promise<string> {
  return issueChargeToken(
    { order_id: order, amount: AMOUNT, currency: "KZT", description: "Test order", user_id: "12345", profile_id: profile },
    { key: SECRETS.CHARGE_TOKEN_KEY, issuer: "shop.example" },
  );
}

/**
 * A shopper's click. As the element does, it goes again under the same key while nothing answers.
 *
 * @returns the charge that the edge answered
 */
export async function click({ edge }: Stand, order: string, profile = "pays", key: string = randomUUID()): Promise<ChargeView> {
  const token = await tokenFor(order, profile);
  const headers = { Authorization: `Bearer ${token}`, "Idempotency-Key": key };
  const { status, body } = await persist(`${edge.origin}/v1/charges`, { method: "POST", headers });
  expect([200, 201], body).toContain(status);
  return JSON.parse(body) as ChargeView;
}

/** A click that is not waited for: its connection breaks with the edge. */
export function clickAndLeave(stand: Stand, order: string, profile?: string): void {
  click(stand, order, profile).catch(() => {});
}

/** The merchant's server asks for a refund of so many major units; null when no answer came: the edge was killed. */
export async function refund({ edge }: Stand, order: string, amount: number): Promise<Response | null> {
  return fetch(`${edge.origin}/v1/charges/${order}/refund`, {
    method: "POST",
    headers: { Authorization: `Bearer ${SECRETS.EDGE_API_KEY}`, "Idempotency-Key": randomUUID(), "Content-Type": "application/json" },
    body: JSON.stringify({ amount }),
  }).catch(() => null);
}

/** The charge as the merchant's server reads it. */
export async function chargeOf({ edge }: Stand, order: string): Promise<MerchantChargeAnswer> {
  const headers = { Authorization: `Bearer ${SECRETS.EDGE_API_KEY}` };
  const { status, body } = await persist(`${edge.origin}/v1/charges/${order}`, { headers });
  expect(status, body).toBe(200);
  return JSON.parse(body) as MerchantChargeAnswer;
}

/** Milliseconds between two looks at what is waited for. */
const PAUSE = 100;

/** Waits until something is so. @throws Error after `seconds`, saying what was waited for */
export async function until<Value>(what: string, look: () => Promise<Value | null> | Value | null, seconds = 300): Promise<Value> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await look();
    if (value !== null) return value;
    if (Date.now() > end) throw new Error(`Not within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

/** Waits until the merchant reads this status. */
export function statusOf(stand: Stand, order: string, status: ChargeView["status"], seconds = 300): Promise<MerchantChargeAnswer> {
  return until(
    `order ${order} is ${status}`,
    async () => {
      const charge = await chargeOf(stand, order);
      return charge.status === status ? charge : null;
    },
    seconds,
  );
}

/** Waits for a call at or after an instant, while nobody asks the edge for anything. */
export async function heardByItself({ gateway }: Stand, action: string, since: number): Promise<void> {
  await until(`a ${action} that nobody asked for`, () => gateway.calls(action).find((call) => call.at >= since) ?? null);
}

/** Never twice, never lost: the gateway took the amount once, was asked under one id with one body, and the edge says so. */
export async function expectPaidOnce(stand: Stand, order: string): Promise<MerchantChargeAnswer> {
  const charge = await statusOf(stand, order, "succeeded");
  expect(charge).toMatchObject({ status: "succeeded", attempt: 1, cleared_amount: AMOUNT, attention: [] });
  expect(stand.gateway.simulator.totalsOf(order), order).toMatchObject({ taken: AMOUNT * 100, held: 0, payments: 1 });
  const creates = stand.gateway.calls("payment.create", order);
  expect(new Set(creates.map(({ headers, body }) => `${headers["x-request-id"]} ${body}`)).size, order).toBe(1);
  return charge;
}

/** The edge wrote no error of its own, nor any secret. What workerd says of itself is its own affair. */
export function expectQuiet({ edge }: Stand): void {
  const output = edge.output();
  expect(
    output.split("\n").filter((line) => line !== "" && !/^\{"event":"(?:request|decision)"|^workerd\/.*: warning: /.test(line)),
  ).toEqual([]);
  for (const secret of Object.values(SECRETS)) expect(output).not.toContain(secret);
}

/** Calls until something answers: the edge may be dead at the moment. */
function persist(url: string, init: RequestInit): Promise<{ readonly status: number; readonly body: string }> {
  const call = async (): Promise<{ readonly status: number; readonly body: string }> => {
    const response = await fetch(url, init);
    return { status: response.status, body: await response.text() };
  };
  return until("the edge answers", () => call().catch(() => null));
}
