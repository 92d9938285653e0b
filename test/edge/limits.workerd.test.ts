import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { EdgeBindings } from "../../edge/worker.ts";
import { edge } from "../../edge/worker.ts";
import type { ProblemCode } from "../../src/edge-api.ts";
import { CHARGE, claims, forge, now } from "./forged-token.ts";
import type { HttpCall } from "./over-http.ts";
import { API_KEY, EDGE, expectRefusal, SHOP } from "./over-http.ts";

beforeEach(() => {
  vi.spyOn(console, "log").mockReturnValue();
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** The bindings with a record of every call of their objects' namespaces. */
function observed(bindings: object): { readonly bindings: EdgeBindings; readonly objectCalls: string[] } {
  const objectCalls: string[] = [];
  const observe = (name: string, namespace: object): object =>
    new Proxy(namespace, {
      get(target, member) {
        objectCalls.push(`${name}.${String(member)}`);
        const value: unknown = Reflect.get(target, member);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  const isNamespace = (value: unknown): value is object => typeof value === "object" && value !== null && "getByName" in value;
  const entries = Object.entries({ ...bindings }).map(([name, value]) => [name, isNamespace(value) ? observe(name, value) : value]);
  return { bindings: Object.fromEntries(entries), objectCalls };
}

async function fetchEdge(
  { method = "POST", path = "/v1/charges", headers = {}, body }: HttpCall,
  bindings: EdgeBindings,
): Promise<Response> {
  const sent = new Headers({ Origin: SHOP, "CF-Connecting-IP": "84.252.158.239" });
  const defaults = { Authorization: `Bearer ${API_KEY}`, ...(method === "POST" ? { "Idempotency-Key": "key-1" } : {}) };
  for (const [name, value] of Object.entries({ ...defaults, ...headers })) if (value !== null) sent.set(name, value);
  const request = new Request(`${EDGE}${path}`, { method, headers: sent, ...(body === undefined ? {} : { body }) });
  return edge.fetch(request, bindings, createExecutionContext());
}

const token = (more: Readonly<Record<string, unknown>> = {}): Promise<string> => forge(claims(more));

const OPERATIONS = ["clearing", "reverse", "refund", "close", "resolve", "notify"] as const;
const TOO_LARGE = "x".repeat(64 * 1024 + 1);

/** With a receiver of notifications, so that POST notify is allowed. */
const NOTIFIED = { NOTIFY_URL: "https://shop.example/notified", NOTIFY_SECRET: "whsec_dGVzdC1zZWNyZXQtb2Ytbm90aWZpY2F0aW9ucw==" };

type Case = readonly [what: string, code: ProblemCode, asked: () => Promise<HttpCall> | HttpCall];

const REFUSED: readonly Case[] = [
  ["no credentials to pay", "token_missing", () => ({ headers: { Authorization: null } })],
  [
    "a forged token",
    "token_invalid",
    async () => ({ headers: { Authorization: `Bearer ${await forge(claims(), { key: `${API_KEY}x` })}` } }),
  ],
  [
    "a token that is over",
    "token_expired",
    async () => ({ headers: { Authorization: `Bearer ${await token({ iat: now() - 4000, exp: now() - 2200 })}` } }),
  ],
  [
    "a token of another origin",
    "origin_not_allowed",
    async () => ({ headers: { Authorization: `Bearer ${await token({ origin: "https://other-shop.example" })}` } }),
  ],
  ["an origin that is not allowed", "origin_not_allowed", () => ({ headers: { Origin: "https://evil.example" } })],
  ["no key", "idempotency_key_missing", async () => ({ headers: { Authorization: `Bearer ${await token()}`, "Idempotency-Key": null } })],
  ["a key of 256 characters", "idempotency_key_invalid", () => ({ headers: { "Idempotency-Key": "k".repeat(256) } })],
  ["a body beside a token", "body_invalid", async () => ({ headers: { Authorization: `Bearer ${await token()}` }, body: "{}" })],
  ["a merchant's body that is no charge", "body_invalid", () => ({ body: "{}" })],
  ["a body that is too large", "body_too_large", () => ({ body: TOO_LARGE })],
  ["a read without credentials", "token_missing", () => ({ method: "GET", path: "/v1/charges/1234", headers: { Authorization: null } })],
  ["a read with a wrong key", "token_invalid", () => ({ method: "GET", path: "/v1/charges/1234", headers: { Authorization: "Bearer x" } })],
  [
    "a read of another order",
    "order_mismatch",
    async () => ({ method: "GET", path: "/v1/charges/another", headers: { Authorization: `Bearer ${await token()}` } }),
  ],
  ["a read of an invalid order_id", "charge_not_found", () => ({ method: "GET", path: "/v1/charges/1234--2" })],
  [
    "the day's list without a key",
    "api_key_invalid",
    () => ({ method: "GET", path: "/v1/charges?day=2026-11-22", headers: { Authorization: null } }),
  ],
  [
    "the day's list with a charge token",
    "api_key_invalid",
    async () => ({ method: "GET", path: "/v1/charges?day=2026-11-22", headers: { Authorization: `Bearer ${await token()}` } }),
  ],
  ["the doctor without a key", "api_key_invalid", () => ({ method: "GET", path: "/v1/doctor", headers: { Authorization: null } })],
  [
    "a callback with a forged ticket",
    "charge_not_found",
    () => ({ path: `/v1/callbacks/result/1234.nonce.${"A".repeat(43)}`, body: "{}" }),
  ],
  ...OPERATIONS.flatMap((operation): readonly Case[] => {
    const path = `/v1/charges/1234/${operation}`;
    return [
      [`${operation} without a key of the merchant`, "api_key_invalid", () => ({ path, headers: { Authorization: null } })],
      [
        `${operation} with a charge token`,
        "api_key_invalid",
        async () => ({ path, headers: { Authorization: `Bearer ${await token()}` } }),
      ],
      [`${operation} without an Idempotency-Key`, "idempotency_key_missing", () => ({ path, headers: { "Idempotency-Key": null } })],
      [`${operation} with a body that is no JSON`, "body_invalid", () => ({ path, body: "{" })],
      [`${operation} with a member that there is not`, "body_invalid", () => ({ path, body: '{"surprise":1}' })],
      [`${operation} of what can be no order`, "charge_not_found", () => ({ path: `/v1/charges/12--34/${operation}` })],
    ];
  }),
];

describe("refused before any object is called", () => {
  test.each(REFUSED)("%s: %s", async (_, code, makeCall) => {
    const { bindings, objectCalls } = observed({ ...env, ...NOTIFIED });
    const httpCall = await makeCall();
    const answer = await fetchEdge(httpCall, bindings);
    await expectRefusal(answer, code, httpCall.headers?.["Origin"] === undefined ? SHOP : null);
    expect(objectCalls).toEqual([]);
  });

  test("while a valid call does call one", async () => {
    const { bindings, objectCalls } = observed(env);
    await (await fetchEdge({ method: "GET", path: "/v1/charges/1234" }, bindings)).text();
    expect(objectCalls).toContain("CHARGES.getByName");
  });
});

describe("the limit per order", () => {
  test("is twenty in ten seconds, in the object: another order has its own limit, and a known key is never counted", async () => {
    vi.spyOn(globalThis, "fetch").mockImplementation(async () => Response.json({ error: { code: "10009" } }));
    // Fixes the clock, so that all twenty fall into the same ten seconds.
    const now = Date.now();
    vi.spyOn(Date, "now").mockImplementation(() => now);
    const operate = (order: string, key: string): Promise<Response> =>
      fetchEdge({ path: `/v1/charges/${order}/close`, headers: { "Idempotency-Key": key } }, observed(env).bindings);
    const pay = async (order: string, key: string): Promise<Response> => {
      const charge = { ...CHARGE, order_id: order };
      const headers = { Authorization: `Bearer ${await token({ charge })}`, "Idempotency-Key": key };
      return fetchEdge({ headers }, observed(env).bindings);
    };
    // A closed order refuses at once, and a refused POST binds no key, so each of these is counted.
    await (await operate("limit-1", "close")).text();
    const statuses: number[] = [];
    for (let posts = 0; posts < 21; posts += 1) {
      const answer = await pay("limit-1", `key-${posts}`);
      statuses.push(answer.status);
      if (answer.status === 429) expect(Number(answer.headers.get("Retry-After"))).toBeGreaterThanOrEqual(1);
      await answer.text();
    }
    expect(statuses).toEqual([...Array.from({ length: 20 }, () => 409), 429]);
    const other = await pay("limit-2", "key-1");
    expect(other.status).toBe(201);
    await other.text();
    const again = await Promise.all(Array.from({ length: 25 }, () => pay("limit-2", "key-1")));
    expect(new Set(again.map(({ status }) => status))).toEqual(new Set([200]));
    for (const answer of again) await answer.text();
  });
});

describe("the limiter of refused credentials", () => {
  test.each<readonly [string, Partial<EdgeBindings>, ProblemCode]>([
    ["is called if there is one", { REFUSED_CREDENTIALS: { limit: async () => ({ success: false }) } }, "rate_limited"],
    ["is optional", { REFUSED_CREDENTIALS: undefined as never }, "api_key_invalid"],
    ["refuses no caller if it fails", { REFUSED_CREDENTIALS: { limit: () => Promise.reject(new Error("no")) } }, "api_key_invalid"],
  ])("%s", async (_, changed, code) => {
    const answer = await fetchEdge(
      { path: "/v1/charges/1234/close", headers: { Authorization: "Bearer wrong" } },
      { ...observed(env).bindings, ...changed },
    );
    await expectRefusal(answer, code);
  });
});
