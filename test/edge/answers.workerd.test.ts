/** The Worker's answers to the replies of an order's object, and to its errors. The object is a stand-in. */
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { CallbackResponse, PayRequest, PayResponse, ReadResponse, Refusal } from "../../edge/rpc.ts";
import { makeTicket, openTicket, ticketName } from "../../edge/http/ticket.ts";
import type { EdgeBindings } from "../../edge/worker.ts";
import { edge } from "../../edge/worker.ts";
import type { ChargeView, ProblemCode } from "../../src/edge-api.ts";
import { CHARGE, claims, claimsOf, forge, now } from "./forged-token.ts";
import { API_KEY, EDGE, expectRefusal, SHOP } from "./over-http.ts";

/** The request context that the object gets for the log. */
const REQUEST = { requestId: expect.any(String) as string, traceId: null };

const CALLBACK_KEY = "test-secret-callback-key-0123456789abcdef";

const VIEW: ChargeView = {
  order_id: "1234",
  amount: 10,
  currency: "KZT",
  description: "A book",
  card: null,
  status: "succeeded",
  needs: null,
  payment_page: null,
  attempt: 1,
  failure: null,
  payment_id: "765",
  cleared_amount: 10,
  refunded_amount: 0,
  updated_at: "2026-11-22T10:00:00.000Z",
};

/** The stand-in: its replies, and its calls. */
const object = {
  pay: vi.fn<(call: PayRequest) => Promise<PayResponse>>(),
  read: vi.fn<(call: unknown) => Promise<ReadResponse>>(),
  callback: vi.fn<(call: unknown) => Promise<CallbackResponse>>(),
};
const getByName = vi.fn<(name: string, options?: { readonly locationHint?: string }) => typeof object>();

beforeEach(() => {
  vi.spyOn(console, "log").mockReturnValue();
  getByName.mockReturnValue(object);
});

afterEach(() => {
  vi.resetAllMocks();
  vi.restoreAllMocks();
});

async function ask(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body?: BodyInit,
  settings: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const bindings = { ...env, ...settings, CHARGES: { getByName } } as unknown as EdgeBindings;
  const request = new Request(`${EDGE}${path}`, {
    method,
    headers: { Origin: SHOP, "CF-Connecting-IP": "84.252.158.239", Authorization: `Bearer ${await forge(claims())}`, ...headers },
    ...(body === undefined ? {} : { body }),
  });
  return edge.fetch(request, bindings, createExecutionContext());
}

function pay(
  headers: Readonly<Record<string, string>> = {},
  body?: BodyInit,
  settings: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return ask("POST", "/v1/charges", { "Idempotency-Key": '"key-1"', ...headers }, body, settings);
}

function read(headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return ask("GET", "/v1/charges/1234", headers);
}

describe("POST /v1/charges", () => {
  test.each([
    [true, 201],
    [false, 200],
  ])("an attempt that began: %s is %i", async (began, status) => {
    object.pay.mockResolvedValue({ ok: true, began, charge: VIEW });
    const answer = await pay();
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual(VIEW);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "application/json",
      "cache-control": "no-store",
      "access-control-allow-origin": SHOP,
      "access-control-expose-headers": "ETag, Retry-After",
      vary: "Origin",
    });
  });

  test("a shopper's call passes on the token's charge and the client's address", async () => {
    object.pay.mockResolvedValue({ ok: true, began: true, charge: VIEW });
    const iat = now() - 10;
    await (await pay({ Authorization: `Bearer ${await forge(claims({ iat, exp: iat + 60 }))}` })).text();
    expect(getByName).toHaveBeenCalledExactlyOnceWith("test-api.freedompay.kz|999999|g1|47");
    expect(object.pay).toHaveBeenCalledExactlyOnceWith({
      request: REQUEST,
      caller: "shopper",
      key: "key-1",
      charge: CHARGE,
      api: "async",
      issuedAt: iat,
      userIp: "84.252.158.239",
      ticket: expect.stringMatching(/^1234\./) as string,
      page: null,
      urls: expect.any(Object) as object,
      waitSeconds: 10,
      acceptsPayments: true,
    });
  });

  test("a server's call passes on its body", async () => {
    object.pay.mockResolvedValue({ ok: true, began: true, charge: VIEW });
    const body = JSON.stringify({ ...CHARGE, auto_clearing: undefined, user_ip: "2001:db8::7" });
    await (await pay({ Authorization: `bearer ${API_KEY}` }, body)).text();
    expect(object.pay).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ caller: "merchant", key: "key-1", charge: CHARGE, issuedAt: null, userIp: "2001:db8::7" }),
    );
  });

  test.each([
    ["both", ["check_url", "result_url"]],
    ["", ["check_url", "result_url"]],
    ["result", ["result_url"]],
    ["none", null],
  ])("with GATEWAY_CALLBACKS %j the gateway gets %j, at the edge's own address", async (callbacks, names) => {
    object.pay.mockResolvedValue({ ok: true, began: true, charge: VIEW });
    await (await pay({}, undefined, { GATEWAY_CALLBACKS: callbacks })).text();
    const [payRequest] = object.pay.mock.calls.map(([call]) => call);
    if (names === null) expect(payRequest?.urls).toBeNull();
    else expect(Object.keys(payRequest?.urls ?? {})).toEqual(names);
    expect(payRequest?.ticket).toMatch(/^1234\.[A-Za-z0-9_-]{22}$/);
    for (const [name, url] of Object.entries(payRequest?.urls ?? {})) {
      const purpose = name === "check_url" ? "check" : "result";
      const [, ticket = ""] = url.split(`${EDGE}/v1/callbacks/${purpose}/`);
      expect(await openTicket(purpose, ticket, [CALLBACK_KEY])).toEqual({ orderId: "1234", name: payRequest?.ticket });
    }
  });

  test.each([
    ["wait=0", 0],
    ["wait=25", 10],
  ])("Prefer: %s reaches the object as a wait of %i seconds", async (Prefer, waitSeconds) => {
    object.pay.mockResolvedValue({ ok: true, began: true, charge: VIEW });
    await (await pay({ Prefer })).text();
    expect(object.pay).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ waitSeconds }));
  });

  test("a body of exactly 64 KiB is read", async () => {
    object.pay.mockResolvedValue({ ok: true, began: true, charge: VIEW });
    const body = JSON.stringify({ ...CHARGE, user_ip: "84.252.158.239" }).padEnd(64 * 1024, " ");
    const answer = await pay({ Authorization: `Bearer ${API_KEY}` }, body);
    expect(answer.status).toBe(201);
    await answer.text();
  });

  test("a token with an origin is valid on that origin", async () => {
    object.pay.mockResolvedValue({ ok: true, began: false, charge: VIEW });
    const answer = await pay({ Authorization: `Bearer ${await forge(claims({ origin: SHOP }))}` });
    expect(answer.status).toBe(200);
    await answer.text();
  });
});

describe("GET /v1/charges/{order_id}", () => {
  test("answers the charge, with its entity tag", async () => {
    object.read.mockResolvedValue({ ok: true, etag: '"a1"', charge: VIEW });
    const answer = await read();
    expect(answer.status).toBe(200);
    expect(answer.headers.get("ETag")).toBe('"a1"');
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    expect(await answer.json()).toEqual(VIEW);
    expect(object.read).toHaveBeenCalledExactlyOnceWith({
      request: REQUEST,
      caller: "shopper",
      orderId: "1234",
      charge: CHARGE,
      ifNoneMatch: null,
      waitSeconds: 0,
    });
  });

  test("If-None-Match and Prefer reach the object; 304 has no body", async () => {
    object.read.mockResolvedValue({ ok: true, etag: '"a1"', notModified: true });
    const answer = await read({ "If-None-Match": 'W/"a1"', Prefer: "wait=300" });
    expect(answer.status).toBe(304);
    expect(answer.headers.get("ETag")).toBe('"a1"');
    expect(answer.headers.get("Access-Control-Allow-Origin")).toBe(SHOP);
    expect(await answer.text()).toBe("");
    expect(object.read).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ ifNoneMatch: 'W/"a1"', waitSeconds: 25 }));
  });

  test.each([{ charge: VIEW }, { notModified: true } as const])(
    "when to ask again reaches the caller, where there was no room to wait: %j",
    async (shown) => {
      object.read.mockResolvedValue({ ok: true, etag: '"a1"', retryAfter: 3, ...shown });
      const answer = await read({ Prefer: "wait=25" });
      expect([answer.status, answer.headers.get("Retry-After")]).toEqual(["charge" in shown ? 200 : 304, "3"]);
      await answer.text();
    },
  );

  test("HEAD is GET without the body", async () => {
    object.read.mockResolvedValue({ ok: true, etag: '"a1"', charge: VIEW });
    const answer = await ask("HEAD", "/v1/charges/1234");
    expect([answer.status, answer.headers.get("ETag"), await answer.text()]).toEqual([200, '"a1"', ""]);
  });

  test("the merchant reads any order, without terms", async () => {
    object.read.mockResolvedValue({ ok: true, etag: '"a1"', charge: VIEW });
    await (await ask("GET", "/v1/charges/another_Order-9", { Authorization: `Bearer ${API_KEY}` })).text();
    expect(getByName).toHaveBeenCalledExactlyOnceWith("test-api.freedompay.kz|999999|g1|136");
    expect(object.read).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ caller: "merchant", orderId: "another_Order-9", charge: null }),
    );
  });

  test("an expired token still reads its order for a day", async () => {
    object.read.mockResolvedValue({ ok: true, etag: '"a1"', charge: VIEW });
    const late = await forge(claims({ iat: now() - 86_400, exp: now() - 86_000 }));
    const answer = await read({ Authorization: `Bearer ${late}` });
    expect(answer.status).toBe(200);
    await answer.text();
  });

  test("a page of the edge's own origin may read, although it sends no Origin", async () => {
    object.read.mockResolvedValue({ ok: true, etag: '"a1"', charge: VIEW });
    const bindings = { ...env, CHARGES: { getByName } } as unknown as EdgeBindings;
    const token = await forge(claims({ origin: EDGE }));
    const request = new Request(`${EDGE}/v1/charges/1234`, { headers: { Authorization: `Bearer ${token}` } });
    const answer = await edge.fetch(request, bindings, createExecutionContext());
    expect(answer.status).toBe(200);
    await answer.text();
  });
});

describe("a refusal of the object", () => {
  test.each<[ProblemCode, Omit<Refusal, "ok" | "code">]>([
    ["charge_conflict", { charge: VIEW }],
    ["charge_closed", {}],
    ["retry_not_allowed", {}],
    ["idempotency_key_reused", {}],
    ["rate_limited", { retryAfter: 2 }],
    ["charge_not_found", {}],
    ["not_configured", {}],
    ["unavailable", { retryAfter: 5 }],
  ])("%s", async (code, extras) => {
    object.pay.mockResolvedValue({ ok: false, code, ...extras });
    object.read.mockResolvedValue({ ok: false, code, ...extras });
    for (const answer of [await pay(), await read()]) {
      expect(answer.headers.get("Retry-After")).toBe(extras.retryAfter?.toString() ?? null);
      const problem = await expectRefusal(answer, code);
      expect(problem.charge).toEqual(extras.charge);
    }
  });
});

describe("an object that throws", () => {
  test.each([{}, { retryable: true }, { overloaded: true }, { durableObjectReset: true }, { durableObjectReset: true, remote: true }])(
    "with the flags %j: 503 with Retry-After",
    async (marks) => {
      const errors = vi.spyOn(console, "error").mockReturnValue();
      for (const reply of [object.pay, object.read]) reply.mockRejectedValue(Object.assign(new Error("test-secret"), marks));
      for (const answer of [await pay(), await read()]) {
        expect(answer.headers.get("Retry-After")).toBe("2");
        await expectRefusal(answer, "unavailable");
      }
      expect(errors).toHaveBeenCalledTimes(2);
    },
  );

  test("in its own code: a 500 with nothing but its id, and a log line with the stack", async () => {
    const errors = vi.spyOn(console, "error").mockReturnValue();
    object.read.mockRejectedValue(Object.assign(new TypeError("test-secret"), { remote: true }));
    const problem = await expectRefusal(await read(), "internal");
    expect(Object.keys(problem).sort()).toEqual(["code", "request_id", "status", "title", "type"]);
    const [line] = errors.mock.calls.map(([text]: unknown[]) => JSON.parse(String(text)) as Record<string, unknown>);
    expect(line).toMatchObject({ event: "error", request_id: problem.request_id, error: "TypeError" });
    expect(line?.["stack"]).toMatch(/^at /);
    expect(JSON.stringify(line)).not.toContain("test-secret");
  });

  test("an error of the Worker itself is a 500 too, which the page can read", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    getByName.mockImplementation(() => {
      throw new RangeError("test-secret");
    });
    expect(JSON.stringify(await expectRefusal(await pay(), "internal"))).not.toContain("test-secret");
  });
});

describe("a callback", () => {
  const BODIES = [
    ["JSON", "application/json", '{"order_id":"1234","amount":10}'],
    ["nothing", null, ""],
    ["a form", "application/x-www-form-urlencoded", "pg_order_id=1234&pg_amount=10"],
    ["XML", "text/xml", "<request><pg_order_id>1234</pg_order_id><pg_amount>10</pg_amount></request>"],
  ] as const;

  test.each(BODIES)("of %s reaches the object that its ticket names", async (_, type, body) => {
    object.callback.mockResolvedValue({ ok: true, answer: "ok" });
    const name = ticketName("1234");
    const ticket = await makeTicket("check", name, [CALLBACK_KEY]);
    const answer = await ask("POST", `/v1/callbacks/check/${ticket}`, type === null ? {} : { "Content-Type": type }, body);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("ok");
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    expect(getByName).toHaveBeenCalledExactlyOnceWith("test-api.freedompay.kz|999999|g1|47");
    const said = body === "" ? expect.objectContaining({ orderId: null }) : expect.objectContaining({ orderId: "1234" });
    expect(object.callback).toHaveBeenCalledExactlyOnceWith({
      request: REQUEST,
      orderId: "1234",
      kind: "check",
      ticket: name,
      content: said as unknown,
      isVerified: false,
      isTest: false,
      isByGet: false,
      isFailed: false,
      isPaid: false,
      profile: null,
    });
  });

  test("needs nobody's credentials", async () => {
    object.callback.mockResolvedValue({ ok: true, answer: "rejected" });
    const ticket = await makeTicket("result", ticketName("1234"), [CALLBACK_KEY]);
    const answer = await ask("POST", `/v1/callbacks/result/${ticket}`, { Authorization: "", Origin: "https://evil.example" });
    expect([answer.status, await answer.json()]).toEqual([200, { status: "rejected" }]);
    expect(object.callback).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ kind: "result" }));
  });

  test.each([
    ["application/x-www-form-urlencoded", "<pg_status>ok</pg_status>"],
    ["text/xml", "<pg_status>ok</pg_status>"],
    ["application/json", '{"status":"ok"}'],
  ])("of a result whose body is too large is answered ok (%s), for any other answer would give the money back", async (type, says) => {
    object.callback.mockResolvedValue({ ok: true, answer: "ok" });
    const ticket = await makeTicket("result", ticketName("1234"), [CALLBACK_KEY]);
    const answer = await ask(
      "POST",
      `/v1/callbacks/result/${ticket}`,
      { "Content-Type": type },
      `pg_order_id=1&x=${"x".repeat(64 * 1024)}`,
    );
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining(says)]);
    expect(object.callback).toHaveBeenCalledOnce();
  });

  test("that is a check and too large is refused", async () => {
    const ticket = await makeTicket("check", ticketName("1234"), [CALLBACK_KEY]);
    await expectRefusal(await ask("POST", `/v1/callbacks/check/${ticket}`, {}, "x".repeat(64 * 1024 + 1)), "body_too_large");
    expect(object.callback).not.toHaveBeenCalled();
  });
});

test("LOCATION_HINT is given with the name of a shard, because its first caller decides where it is", async () => {
  object.pay.mockResolvedValue({ ok: true, began: true, charge: VIEW });
  await (await pay({}, undefined, { LOCATION_HINT: "eeur" })).text();
  expect(getByName.mock.calls).toEqual([["test-api.freedompay.kz|999999|g1|47", { locationHint: "eeur" }]]);
});

test("an order is in the same shard for every caller; another order can be in another", async () => {
  object.pay.mockResolvedValue({ ok: true, began: true, charge: VIEW });
  await (await pay({ Authorization: `Bearer ${await forge(claimsOf({ order_id: "1235" }))}` })).text();
  for (const order_id of ["1235", "1234"])
    await (await pay({ Authorization: `Bearer ${API_KEY}` }, JSON.stringify({ ...CHARGE, order_id, user_ip: "::1" }))).text();
  const shards = getByName.mock.calls.map(([name]) => name.split("|").at(-1));
  expect(shards).toEqual(["22", "22", "47"]);
});
