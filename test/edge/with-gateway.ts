/** The Worker under test with a simulated gateway, and one order for each test. */
import { runDurableObjectAlarm } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, beforeEach, vi } from "vitest";
import { shardName, shardOf, slotOf } from "../../edge/storage/placement.ts";
import type { ChargeInput } from "../../src/charge-token.ts";
import { issueChargeToken } from "../../src/charge-token.ts";
import type { ChargeView, MerchantChargeView } from "../../src/edge-api.ts";
import type { Entry, Simulator } from "../../src/simulator/index.ts";
import { createSimulator } from "../../src/simulator/index.ts";

/** Profiles of the Merchant API whose number stands for keywords. Any other number pays. */
const MERCHANT_PROFILES = {
  "1001": "decline-10009",
  "1002": "lost-after",
  "1003": "lost-before",
  "1004": "error-10009-after",
  "1005": "error-9991-before",
  "1006": "http-401",
} as const;

/** Users whose pages stand for keywords. */
const MERCHANT_PAGES = { "page-lost": "lost-after", "page-foreign": "page-address-foreign" } as const;

export let gateway: Simulator;
/** The gateway's clock: when it was stopped, and how far it was advanced since. */
let stoppedAt: number | null = null;
let clockOffset = 0;
export let order = "";
let orders = 0;

beforeEach(() => {
  orders += 1;
  stoppedAt = null;
  clockOffset = 0;
  order = `order-${orders}`;
  gateway = createSimulator({
    merchantId: String(env["FREEDOM_PAY_MERCHANT_ID"]),
    secretKeys: [String(env["FREEDOM_PAY_SECRET_KEY"])],
    merchantProfiles: MERCHANT_PROFILES,
    merchantPages: MERCHANT_PAGES,
    now: () => stoppedAt ?? Date.now() + clockOffset,
    fetch: (input, init) => exports.default.fetch(new Request(input, init)),
  });
  vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => gateway.fetch(new Request(input, init)));
});

afterEach(() => {
  gateway.close();
  vi.restoreAllMocks();
});

export function token(more: Partial<ChargeInput> = {}): Promise<string> {
  const charge: ChargeInput = {
    order_id: order,
    amount: 10,
    currency: "KZT",
    description: "Test order",
    user_id: "12345",
    profile_id: "pays",
    ...more,
  };
  return issueChargeToken(charge, { key: String(env["CHARGE_TOKEN_KEY"]), issuer: "shop.example" });
}

export async function post(
  bearer: string,
  key: string,
  body?: unknown,
  path = "",
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return exports.default.fetch(`https://edge.example/v1/charges${path}`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${bearer}`,
      "Idempotency-Key": key,
      "CF-Connecting-IP": "192.0.2.1",
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

export async function get(bearer: string, headers: Record<string, string> = {}): Promise<Response> {
  return exports.default.fetch(`https://edge.example/v1/charges/${order}`, { headers: { Authorization: `Bearer ${bearer}`, ...headers } });
}

export function creates(): readonly Entry[] {
  return gateway.log.entries.filter((entry) => entry.what === "request" && entry.headers["x-action"] === "gateway.payment.create");
}

export const apiKey: string = String(env["EDGE_API_KEY"]);

/** The shard of the test's order. */
export function object(): DurableObjectStub {
  const name = shardName({ host: "test-api.freedompay.kz", merchantId: "999999" }, shardOf(slotOf(order)));
  return env.CHARGES.get(env.CHARGES.idFromName(name));
}

/**
 * Stops the gateway's clock, so that its later steps do not happen, however long the test takes before them.
 *
 * @returns a function that advances the clock by a minute
 */
export function holdGateway(): () => void {
  stoppedAt = Date.now() + clockOffset;
  return () => {
    stoppedAt = null;
    clockOffset += 60_000;
  };
}

/** The merchant's server requests an operation on the order. */
export async function operate(operation: string, key: string, body?: unknown): Promise<Response> {
  return post(apiKey, key, body, `/${order}/${operation}`);
}

/** Runs the object's alarm until the charge has this status. */
export async function runAlarmUntil(wanted: ChargeView["status"]): Promise<MerchantChargeView> {
  for (let runs = 0; runs < 100; runs += 1) {
    const charge = (await (await get(apiKey)).json()) as MerchantChargeView;
    if (charge.status === wanted) return charge;
    await runDurableObjectAlarm(object());
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`The charge did not become ${wanted}`);
}
