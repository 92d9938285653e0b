/** openapi.json against the running edge: every route answers as described, and every refusal that it lists can be caused, and no other. */
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { makeTicket, ticketName } from "../../edge/http/ticket.ts";
import type { EdgeBindings } from "../../edge/worker.ts";
import { edge } from "../../edge/worker.ts";
import document from "../../openapi.json" with { type: "json" };
import type { ChargeView, MerchantChargeAnswer, ProblemCode } from "../../src/edge-api.ts";
import { PROBLEMS } from "../../src/lib/problems.ts";
import type { Route } from "../../edge/routes.ts";
import { describedRoutes } from "../../edge/routes.ts";
import { claims, claimsOf, forge, now } from "../edge/forged-token.ts";
import { creates, apiKey, gateway, operate, order, post, runAlarmUntil, token } from "../edge/with-gateway.ts";
import { closedGate } from "../gate.ts";
import { validator } from "./json-schema.ts";

beforeEach(() => {
  vi.spyOn(console, "log").mockReturnValue();
  vi.spyOn(console, "error").mockReturnValue();
});

const errorsOf = validator(document);
const ROUTES = describedRoutes();

interface DescribedAnswer {
  readonly $ref?: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, { readonly schema: unknown }>>;
}

type Operation = { readonly responses: Readonly<Record<string, DescribedAnswer>> };

const PATHS: Readonly<Record<string, Readonly<Record<string, Operation>>>> = document.paths;
const RESPONSES: Readonly<Record<string, DescribedAnswer>> = document.components.responses;

/** The description of an answer in the document. */
function described({ method, path }: Route, status: number): DescribedAnswer {
  const responses = PATHS[path]?.[method]?.responses ?? {};
  const found = responses[status] ?? responses["default"];
  return (found?.$ref === undefined ? found : RESPONSES[found.$ref.slice("#/components/responses/".length)]) ?? {};
}

/** Headers that are present only in some answers. */
const SOMETIMES: readonly string[] = ["Retry-After"];

/** Asserts that an answer is as the document describes it. Returns its parsed body. */
async function expectDescribed(route: Route, answer: Response): Promise<unknown> {
  const { headers = {}, content } = described(route, answer.status);
  for (const name of Object.keys(headers)) if (!SOMETIMES.includes(name)) expect(answer.headers.has(name), name).toBe(true);
  const text = await answer.text();
  const mediaType = answer.headers.get("Content-Type")?.split(";")[0] ?? null;
  expect(mediaType === null ? [] : [mediaType]).toEqual(Object.keys(content ?? {}));
  if (mediaType === null) return expect(text).toBe("");
  const body: unknown = mediaType.endsWith("json") ? JSON.parse(text) : text;
  expect(errorsOf(content?.[mediaType]?.schema, body)).toEqual([]);
  return body;
}

/** The changes to a valid call. */
interface CallChanges {
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly body?: BodyInit;
  readonly order?: string;
  readonly ticket?: string;
  readonly query?: string;
  readonly env?: Readonly<Record<string, unknown>>;
}

const GOOD_BODIES: Readonly<Record<string, string>> = {
  resolve: JSON.stringify({ nothing_taken: true, note: "not in the cabinet" }),
  callback: "{}",
};

const GOOD_QUERIES: Readonly<Record<string, string>> = { list: "?day=2026-11-22" };

/** Calls a route for the test's order, with a new key. It uses a charge token if a shopper may call, otherwise the API key. */
async function callRoute(route: Route, change: CallChanges = {}): Promise<Response> {
  const isShopper = route.callers.includes("shopper");
  const orderId = change.order ?? order;
  const defaults: Record<string, string | null> = {
    Authorization: isShopper ? `Bearer ${await forge(claimsOf({ order_id: orderId, profile_id: "pays" }))}` : `Bearer ${apiKey}`,
    "Idempotency-Key": route.parameters.includes("Idempotency-Key") ? crypto.randomUUID() : null,
    "CF-Connecting-IP": "192.0.2.1",
  };
  const headers = new Headers();
  for (const [name, value] of Object.entries({ ...defaults, ...change.headers })) if (value !== null) headers.set(name, value);
  const path = route.path
    .replace("{order_id}", orderId)
    .replace("{kind}", "check")
    .replace("{by}", "paid")
    .replace(
      "{ticket}",
      change.ticket ??
        (await makeTicket(route.name.startsWith("returned") ? "return-paid" : "check", ticketName(orderId), [String(env["CALLBACK_KEY"])])),
    );
  const body = change.body ?? GOOD_BODIES[route.name];
  const request = new Request(`https://edge.example${path}${change.query ?? GOOD_QUERIES[route.name] ?? ""}`, {
    method: route.method.toUpperCase(),
    headers,
    ...(body === undefined ? {} : { body }),
  });
  return edge.fetch(request, { ...env, ...change.env } as unknown as EdgeBindings, createExecutionContext());
}

function routeOf(name: string): Route {
  const route = ROUTES.find((one) => one.name === name);
  if (route === undefined) throw new Error(`There is no route ${name}`);
  return route;
}

/** Objects that always give this reply. */
function objectsReplying(fail: () => Error): CallChanges["env"] {
  const reject = async (): Promise<never> => {
    throw fail();
  };
  const object = {
    pay: reject,
    read: reject,
    operate: reject,
    close: reject,
    resolve: reject,
    notify: reject,
    callback: reject,
    returned: reject,
    list: reject,
  };
  return { CHARGES: { getByName: () => object }, DAYS: { getByName: () => object } };
}

const UNREACHABLE = objectsReplying(() => new Error("Network connection lost."));
const BROKEN = objectsReplying(() => Object.assign(new Error("test"), { remote: true }));
const NOTIFY = { NOTIFY_URL: "https://shop.example/notifications", NOTIFY_SECRET: "whsec_dGVzdC1zZWNyZXQtb2Ytbm90aWZpY2F0aW9ucw==" };

type Provoke = (route: Route) => Promise<Response>;

const withChange =
  (change: CallChanges): Provoke =>
  async (route) =>
    callRoute(route, { ...change, env: { ...NOTIFY, ...change.env } });

function brokenOff(): ReadableStream {
  return new ReadableStream({ pull: (controller) => controller.error(new Error("cut")) });
}

async function pay(more: Readonly<Record<string, unknown>> = {}, until: ChargeView["status"] = "succeeded"): Promise<void> {
  const charge = (await (await post(await token(more), "key-1")).json()) as ChargeView;
  expect(charge.status).toBe(until);
}

const hold = (): Promise<void> => pay({ auto_clearing: false }, "authorized");

/** Two calls at once. The answer of the second one. */
async function whileOther(first: Promise<Response>, second: () => Promise<Response>): Promise<Response> {
  const answer = await second();
  await (await first).body?.cancel();
  return answer;
}

/** How to cause each refusal, for every route that is not in {@link BY_ROUTE}. */
const BY_CODE: Readonly<Partial<Record<ProblemCode, Provoke>>> = {
  not_configured: withChange({ env: { CHARGE_TOKEN_KEY: "", EDGE_API_KEY: "" } }),
  internal: withChange({ env: { ...BROKEN } }),
  unavailable: withChange({ env: { ...UNREACHABLE } }),
  origin_not_allowed: withChange({ headers: { Origin: "https://elsewhere.example" } }),
  token_missing: withChange({ headers: { Authorization: null } }),
  token_invalid: withChange({ headers: { Authorization: "Bearer test" } }),
  token_expired: async (route) => {
    const expired = await forge(claims({ iat: now() - 180_000, exp: now() - 100_000 }));
    return callRoute(route, { headers: { Authorization: `Bearer ${expired}` } });
  },
  api_key_invalid: withChange({ headers: { Authorization: "Bearer test" } }),
  rate_limited: withChange({
    headers: { Authorization: "Bearer test" },
    env: { REFUSED_CREDENTIALS: { limit: async () => ({ success: false }) } },
  }),
  idempotency_key_missing: withChange({ headers: { "Idempotency-Key": null } }),
  idempotency_key_invalid: withChange({ headers: { "Idempotency-Key": "a b" } }),
  body_invalid: withChange({ body: "[]" }),
  body_too_large: withChange({ body: " ".repeat(64 * 1024 + 1) }),
  charge_not_found: withChange({}),
};

/** How to cause refusals that need a history of their own, by route. */
const BY_ROUTE: Readonly<Record<string, Readonly<Partial<Record<ProblemCode, Provoke>>>>> = {
  charge: {
    idempotency_key_reused: async () => {
      await pay();
      return post(await token({ amount: 11 }), "key-1");
    },
    charge_conflict: async () => {
      await pay();
      return post(await token({ amount: 11 }), "key-2");
    },
    charge_closed: async () => {
      await (await operate("close", "close-1")).body?.cancel();
      return post(await token(), "key-1");
    },
    retry_not_allowed: async () => {
      await pay({ profile_id: "decline-10017" }, "failed");
      return post(await token({ profile_id: "decline-10017" }), "key-2");
    },
  },
  read: {
    order_mismatch: async (route) => callRoute(route, { headers: { Authorization: `Bearer ${await forge(claims())}` } }),
    charge_not_found: withChange({ headers: { Authorization: `Bearer ${apiKey}` } }),
    charge_conflict: async (route) => {
      await pay();
      return callRoute(route, { headers: { Authorization: `Bearer ${await token({ amount: 11 })}` } });
    },
  },
  clearing: {
    idempotency_key_reused: async () => {
      await hold();
      await (await operate("clearing", "c-1", { amount: 4 })).body?.cancel();
      return operate("clearing", "c-1", { amount: 5 });
    },
    operation_in_progress: async () => {
      await hold();
      return whileOther(operate("clearing", "c-1"), () => operate("clearing", "c-2"));
    },
    operation_not_allowed: async () => {
      await pay();
      return operate("clearing", "c-1");
    },
    amount_exceeds: async () => {
      await hold();
      return operate("clearing", "c-1", { amount: 10.01 });
    },
  },
  reverse: {
    operation_in_progress: async () => {
      await hold();
      return whileOther(operate("clearing", "c-1"), () => operate("reverse", "v-1"));
    },
    operation_not_allowed: async () => {
      await pay();
      return operate("reverse", "v-1");
    },
  },
  refund: {
    idempotency_key_reused: async () => {
      await pay();
      await (await operate("refund", "r-1", { amount: 4 })).body?.cancel();
      return operate("refund", "r-1", { amount: 5 });
    },
    operation_in_progress: async () => {
      await pay();
      return whileOther(operate("refund", "r-1", { amount: 1 }), () => operate("refund", "r-2", { amount: 1 }));
    },
    operation_not_allowed: async () => {
      await hold();
      return operate("refund", "r-1");
    },
    amount_exceeds: async () => {
      await pay();
      return operate("refund", "r-1", { amount: 10.01 });
    },
  },
  close: { charge_not_found: withChange({ order: "1234--2" }) },
  resolve: {
    idempotency_key_reused: async () => {
      const paying = post(await token({ profile_id: "amount-wrong" }), "key-1");
      await runAlarmUntil("unconfirmed");
      await (await operate("resolve", "x-1", { nothing_taken: true, note: "not there" })).body?.cancel();
      await (await paying).body?.cancel();
      return operate("resolve", "x-1", { nothing_taken: true, note: "another word" });
    },
    operation_in_progress: async () => {
      const gate = closedGate();
      const slow = vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
        await gate.passed;
        return gateway.fetch(new Request(input, init));
      });
      const paying = post(await token(), "key-1");
      await vi.waitFor(() => expect(slow).toHaveBeenCalled());
      return whileOther(paying, async () => {
        const answer = await operate("resolve", "x-1", { nothing_taken: true, note: "not there" });
        gate.open();
        return answer;
      });
    },
    operation_not_allowed: async () => {
      await pay();
      return operate("resolve", "x-1", { nothing_taken: true, note: "not there" });
    },
  },
  notify: {
    idempotency_key_reused: async (route) => {
      await pay();
      const headers = { "Idempotency-Key": "n-1" };
      await (await callRoute(route, { headers, env: NOTIFY })).body?.cancel();
      return callRoute(route, { headers, env: NOTIFY, body: '{"sequence":99}' });
    },
    operation_not_allowed: async (route) => {
      await pay();
      return callRoute(route, { env: NOTIFY, body: '{"sequence":99}' });
    },
  },
  list: { body_invalid: withChange({ query: "" }) },
  callback: {
    charge_not_found: withChange({ ticket: "not-a-ticket" }),
    body_invalid: withChange({ body: brokenOff() }),
  },
  callbackByGet: { charge_not_found: withChange({ ticket: "not-a-ticket" }) },
};

/** Refusals that no caller can cause, and why they are described nevertheless. */
const NOT_PROVOKED: Readonly<Record<string, string>> = {
  "element internal": "a fault of the edge's own",
  "health internal": "a fault of the edge's own",
  "doctor internal": "a fault of the edge's own",
  "health unavailable": "a runtime whose HMAC is wrong: test/edge/health.test.ts has the vector",
};

const CASES = ROUTES.flatMap((route) =>
  route.problems.map((code) => ({ route, code, title: `${route.name} ${code}`, provoke: BY_ROUTE[route.name]?.[code] ?? BY_CODE[code] })),
);

describe("Every refusal that is described", () => {
  test("can be caused, or is listed with a reason", () => {
    for (const { title, provoke } of CASES) expect(provoke !== undefined || title in NOT_PROVOKED, title).toBe(true);
    for (const title of Object.keys(NOT_PROVOKED)) expect(CASES.map((one) => one.title)).toContain(title);
    for (const [name, codes] of Object.entries(BY_ROUTE))
      expect(routeOf(name).problems).toEqual(expect.arrayContaining(Object.keys(codes)));
  });

  test.each(CASES.filter(({ title }) => !(title in NOT_PROVOKED)))("$title is answered as described", async ({ route, code, provoke }) => {
    const answer = (await provoke?.(route)) ?? Response.error();
    expect(await expectDescribed(route, answer)).toMatchObject({ code });
    expect(answer.status).toBe(PROBLEMS[code][0]);
  });
});

describe("Every route", () => {
  test.each(ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))(
    "%s refuses other methods, and lists its own",
    async (_name, route) => {
      const other = { ...route, method: "put" as never };
      const answer = await callRoute(other, { body: "{}" });
      const allowed = ROUTES.filter(({ path }) => path === route.path).map(({ method }) => method.toUpperCase());
      expect(
        answer.headers
          .get("Allow")
          ?.split(", ")
          .filter((method) => !["HEAD", "OPTIONS"].includes(method)),
      ).toEqual(allowed.sort());
      expect(await expectDescribed(route, answer)).toMatchObject({ code: "method_not_allowed" });
    },
  );

  test("an unknown one is not found", async () => {
    const route = { ...routeOf("health"), path: "/v1/nothing" };
    expect(await expectDescribed(routeOf("health"), await callRoute(route))).toMatchObject({ code: "route_not_found" });
  });
});

/** Makes a call, and asserts its status and its description. */
async function answered(name: string, status: number, answer: Response | Promise<Response>): Promise<unknown> {
  const got = await answer;
  expect(got.status).toBe(status);
  return expectDescribed(routeOf(name), got);
}

const MERCHANTS_BODY = { amount: 10, currency: "KZT", description: "A book", user_id: "12345", user_ip: "192.0.2.1" };

describe("The answer", () => {
  test("to a shopper: before the click, at it, after it, and when nothing has changed", async () => {
    const read = routeOf("read");
    expect(await answered("read", 200, callRoute(read))).toMatchObject({ status: "ready" });
    expect(await answered("charge", 201, post(await token(), "key-1"))).toMatchObject({ status: "succeeded" });
    await answered("charge", 200, post(await token(), "key-1"));
    const headers = { Authorization: `Bearer ${await token()}` };
    const answer = await callRoute(read, { headers });
    const known = { ...headers, "If-None-Match": answer.headers.get("ETag") ?? "" };
    await answered("read", 200, answer);
    await answered("read", 304, callRoute(read, { headers: known }));
  });

  test("to a shopper whose card is declined", async () => {
    const declined = await answered("charge", 201, post(await token({ profile_id: "decline-10009" }), "key-1"));
    expect(declined).toMatchObject({ failure: { category: "insufficient_funds", retry: "later" } });
  });

  test("to the merchant: a hold, its part clearing, refunds, their notifications, and all of it read", async () => {
    const body = { ...MERCHANTS_BODY, order_id: order, profile_id: "pays", auto_clearing: false, card: { brand: "visa", last4: "4242" } };
    expect(await answered("charge", 201, post(apiKey, "key-1", body))).toMatchObject({
      status: "authorized",
      attempts: [{ state: "held" }],
    });
    await answered("charge", 200, post(apiKey, "key-1", body));
    await answered("clearing", 200, operate("clearing", "c-1", { amount: 8 }));
    expect(await answered("refund", 200, operate("refund", "r-1", { amount: 3 }))).toMatchObject({ refunded_amount: 3 });
    await answered("close", 200, operate("close", "x-1"));
    const all = (await answered(
      "read",
      200,
      callRoute(routeOf("read"), { headers: { Authorization: `Bearer ${apiKey}` } }),
    )) as MerchantChargeAnswer;
    expect(all.operations).toHaveLength(2);
    expect(all.notifications.length).toBeGreaterThan(1);
  });

  test("to a reverse", async () => {
    await hold();
    expect(await answered("reverse", 200, operate("reverse", "v-1"))).toMatchObject({ status: "reversed" });
  });

  test("to a resolve, after attention was raised", async () => {
    const paying = post(await token({ profile_id: "amount-wrong" }), "key-1");
    await runAlarmUntil("unconfirmed");
    const resolution = { payment_id: gateway.payments()[0]?.paymentId, note: "seen in the cabinet" };
    const resolved = await answered("resolve", 200, operate("resolve", "x-1", resolution));
    expect(resolved).toMatchObject({ status: "succeeded", resolutions: [{ state: "adopted" }], attention: [{ reason: "amount_differs" }] });
    await answered("charge", 201, paying);
  });

  test("to a notify", async () => {
    await pay();
    const notified = await answered("notify", 200, callRoute(routeOf("notify"), { env: NOTIFY, body: '{"sequence":1}' }));
    expect(notified).toMatchObject({ notifications: [{ sequence: 1, type: "charge.succeeded" }] });
  });

  test("to a list of a day, empty and with the charges of today", async () => {
    expect(await answered("list", 200, callRoute(routeOf("list"), { query: "?day=2020-01-01" }))).toEqual({ charges: [], next: null });
    await pay();
    const today = new Date(Date.now() + 5 * 3_600_000).toISOString().slice(0, 10);
    const list = (): Promise<unknown> => answered("list", 200, callRoute(routeOf("list"), { query: `?day=${today}&status=succeeded` }));
    await vi.waitFor(
      async () => expect(await list()).toMatchObject({ charges: expect.arrayContaining([expect.objectContaining({ order_id: order })]) }),
      { interval: 200 },
    );
  });

  test("to the gateway", async () => {
    await pay();
    const [created] = creates();
    const ticket = /callbacks\/check\/([\w.~-]+)/.exec(JSON.stringify(created))?.[1] ?? "";
    for (const name of ["callback", "callbackByGet"]) {
      expect(await answered(name, 200, callRoute(routeOf(name), { ticket }))).toMatchObject({
        status: expect.stringMatching(/ok|rejected/),
      });
    }
  });

  test("to a page that loads the element, and loads it again", async () => {
    const answer = await callRoute(routeOf("element"));
    const known = { "If-None-Match": answer.headers.get("ETag") ?? "" };
    await answered("element", 200, answer);
    await answered("element", 304, callRoute(routeOf("element"), { headers: known }));
  });

  test("to the doctor and the health check", async () => {
    expect(await answered("health", 200, callRoute(routeOf("health")))).toEqual({ ok: true });
    expect(await answered("doctor", 200, callRoute(routeOf("doctor")))).toMatchObject({ checks: expect.any(Array) });
    const missing = { env: { CHARGE_TOKEN_KEY: "" } };
    expect(await answered("doctor", 200, callRoute(routeOf("doctor"), missing))).toMatchObject({ ok: false });
  });
});
