/** Requests to the Worker under test, and the checks of every refusal. */
import { listDurableObjectIds } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import type { MockInstance } from "vitest";
import { expect, vi } from "vitest";
import type { Problem, ProblemCode } from "../../src/edge-api.ts";
import { PROBLEMS } from "../../src/lib/problems.ts";
import { isRequestId } from "../../src/request-id.ts";
import { claims, forge } from "./forged-token.ts";

/** The key of the Worker under test (vite.config.ts). */
export const API_KEY = "test-secret-edge-api-key-0123456789abcdef";

/** An allowed origin of the Worker under test. */
export const SHOP = "https://shop.example";

/** The PUBLIC_URL of the Worker under test. */
export const EDGE = "https://edge.example";

/** A request in a table of tests: the input of {@link call}. */
export interface HttpCall {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly body?: BodyInit;
}

/** Calls the Worker. The default is a valid POST of a shopper on the shop's page. A header that is null is left out. */
export async function call({ method = "POST", path = "/v1/charges", headers = {}, body }: HttpCall = {}): Promise<Response> {
  const sent = new Headers();
  const defaults: HttpCall["headers"] = {
    Authorization: headers["Authorization"] === undefined ? `Bearer ${await forge(claims())}` : null,
    Origin: SHOP,
    "CF-Connecting-IP": "84.252.158.239",
    ...(method === "POST" ? { "Idempotency-Key": crypto.randomUUID() } : {}),
  };
  for (const [name, value] of Object.entries({ ...defaults, ...headers })) if (value !== null) sent.append(name, value);
  return exports.default.fetch(`${EDGE}${path}`, { method, headers: sent, ...(body === undefined ? {} : { body }) });
}

/** The call of the merchant's server, which has no Origin. */
export function callAsMerchant(request: HttpCall): Promise<Response> {
  return call({ ...request, headers: { Authorization: `Bearer ${API_KEY}`, Origin: null, "CF-Connecting-IP": null, ...request.headers } });
}

/** Checks every part of the refusal, for a page that may read it. */
export async function expectRefusal(answer: Response, code: ProblemCode, readableBy: string | null = SHOP): Promise<Problem> {
  const body: Problem = await answer.json();
  expect(body.code).toBe(code);
  expect(answer.status).toBe(PROBLEMS[code][0]);
  expect(body).toMatchObject({ type: `urn:problem-type:freedom-pay-charge:${code}`, title: PROBLEMS[code][1], status: answer.status });
  expect(isRequestId(body.request_id)).toBe(true);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-request-id": body.request_id,
    vary: "Origin",
  });
  expect(answer.headers.get("Access-Control-Allow-Origin")).toBe(readableBy);
  expect(answer.headers.get("Access-Control-Expose-Headers")).toBe(readableBy === null ? null : "ETag, Retry-After");
  return body;
}

/** Makes calls to the gateway fail, and asserts that there are none. */
export function watchGateway(): MockInstance<typeof fetch> {
  return vi.spyOn(globalThis, "fetch").mockRejectedValue(new Error("This test called the gateway"));
}

/** Asserts that no order has an object. */
export async function expectNothingStored(): Promise<void> {
  expect(await listDurableObjectIds(env.CHARGES)).toEqual([]);
}
