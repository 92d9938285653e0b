import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { EdgeBindings } from "../../edge/worker.ts";
import { edge } from "../../edge/worker.ts";
import type { ProblemCode } from "../../src/edge-api.ts";
import { CHARGE, claims, claimsOf, forge, forgeRsa, forgeUnsigned, now, TOKEN_KEY } from "./forged-token.ts";
import type { HttpCall } from "./over-http.ts";
import { API_KEY, call, callAsMerchant, EDGE, expectNothingStored, expectRefusal, watchGateway } from "./over-http.ts";

let gateway: ReturnType<typeof watchGateway>;

beforeEach(() => {
  gateway = watchGateway();
  vi.spyOn(console, "log").mockReturnValue();
});

afterEach(async () => {
  await expectNothingStored();
  expect(gateway).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

/** A charge token in an Authorization header. */
async function bearer(token: string | Promise<string>): Promise<HttpCall["headers"]> {
  return { Authorization: `Bearer ${await token}` };
}

describe("the caller", () => {
  const READ = { method: "GET", path: "/v1/charges/1234" } as const;

  test.each<readonly [string, ProblemCode, HttpCall]>([
    ["no Authorization", "token_missing", { headers: { Authorization: null } }],
    ["another scheme", "token_missing", { headers: { Authorization: "Basic c2hvcDpzaG9w" } }],
    ["a bearer that is empty", "token_missing", { headers: { Authorization: "Bearer " } }],
    ["two bearers", "token_missing", { headers: { Authorization: `Bearer ${API_KEY}, Bearer ${API_KEY}` } }],
    ["no Authorization to read", "token_missing", { ...READ, headers: { Authorization: null } }],
    ["an API key that is not ours", "token_invalid", { headers: { Authorization: `Bearer ${API_KEY}x` } }],
    ["the first half of the API key", "token_invalid", { headers: { Authorization: `Bearer ${API_KEY.slice(0, 20)}` } }],
    ["the token key as an API key", "token_invalid", { headers: { Authorization: `Bearer ${TOKEN_KEY}` } }],
  ])("%s", async (_, code, httpCall) => {
    await expectRefusal(await call(httpCall), code);
  });

  test("an expired token cannot pay", async () => {
    const late = await bearer(forge(claims({ iat: now() - 1900, exp: now() - 100 })));
    await expectRefusal(await call({ headers: { ...late } }), "token_expired");
  });

  test("a token that expired more than a day ago cannot read", async () => {
    const late = await bearer(forge(claims({ iat: now() - 90_000, exp: now() - 86_400 - 61 })));
    await expectRefusal(await call({ ...READ, headers: { ...late } }), "token_expired");
  });

  test("a 401 has a challenge, and does not repeat the token", async () => {
    const missing = await call({ headers: { Authorization: null } });
    expect(missing.headers.get("WWW-Authenticate")).toBe("Bearer");
    await missing.text();
    const wrong = await call({ headers: { Authorization: "Bearer not-a-token" } });
    expect(wrong.headers.get("WWW-Authenticate")).toBe('Bearer error="invalid_token"');
    expect(await wrong.text()).not.toContain("not-a-token");
  });
});

describe("an invalid token", () => {
  const MEMBERS: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ["no order_id", { order_id: undefined }],
    ["an order_id with --", { order_id: "1234--2" }],
    ["an order_id of 41 characters", { order_id: "1".repeat(41) }],
    ["an amount of 0", { amount: 0 }],
    ["a negative amount", { amount: -10 }],
    ["an amount with three decimals", { amount: 0.001 }],
    ["an amount that is a text", { amount: "10" }],
    ["an amount that is too large", { amount: 100_000_000 }],
    ["an unknown currency", { currency: "GBP" }],
    ["a currency in lower case", { currency: "kzt" }],
    ["no description", { description: "" }],
    ["a control character in the description", { description: "A\u0000book" }],
    ["a user_id with a space", { user_id: "1 2" }],
    ["no profile_id", { profile_id: undefined }],
    ["an auto_clearing that is a text", { auto_clearing: "true" }],
    ["a member that there is not", { user_ip: "84.252.158.239" }],
    ["a card number in the description", { description: "A book, paid with 4111 1111 1111 1111" }],
    ["a card number in the user_id", { user_id: "4111-1111-1111-1111" }],
    ["a card number as the card", { card: { brand: "visa", last4: "4111111111111111" } }],
    ["a card with more than a hint", { card: { brand: "visa", last4: "1111", cvc: "123" } }],
  ];

  const TOKENS: readonly (readonly [string, () => string | Promise<string>])[] = [
    ["no JWS", () => "not-a-token"],
    ["two parts", async () => (await forge(claims())).split(".").slice(0, 2).join(".")],
    ["four parts", async () => `${await forge(claims())}.e30`],
    ["alg none", () => forgeUnsigned(claims())],
    ["alg none with a valid signature", () => forge(claims(), { header: { alg: "none" } })],
    ["alg HS512", () => forge(claims(), { header: { alg: "HS512" }, hash: "SHA-512" })],
    ["alg RS256", () => forgeRsa(claims())],
    ["alg HS256 in lower case", () => forge(claims(), { header: { alg: "hs256" } })],
    ["no alg", () => forge(claims(), { header: { typ: "JWT" } })],
    ["another key", () => forge(claims(), { key: "test-secret-of-somebody-else-0123456789abcdef" })],
    ["the API key as its key", () => forge(claims(), { key: API_KEY })],
    ["a signature that was changed", async () => `${(await forge(claims())).slice(0, -3)}AAA`],
    ["a payload that was changed", async () => (await forge(claims())).replace(/\.[^.]+\./, `.${btoa('{"a":1}')}.`)],
    ["crit", () => forge(claims(), { header: { alg: "HS256", crit: ["exp"], exp: 1 } })],
    ["b64", () => forge(claims(), { header: { alg: "HS256", crit: ["b64"], b64: false } })],
    ["a payload that is not JSON", () => forge("not JSON")],
    ["a payload that is an array", () => forge("[]")],
    ["from the future", () => forge(claims({ iat: now() + 120, exp: now() + 1800 }))],
    ["no iat", () => forge(claims({ iat: undefined }))],
    ["no exp", () => forge(claims({ exp: undefined }))],
    ["an exp that is a text", () => forge(claims({ exp: String(now() + 1800) }))],
    ["exp more than a day after iat", () => forge(claims({ exp: now() + 86_401 }))],
    ["exp before iat", () => forge(claims({ iat: now(), exp: now() - 10 }))],
    ["no aud", () => forge(claims({ aud: undefined }))],
    ["another aud", () => forge(claims({ aud: "another-service" }))],
    ["two auds, neither of them ours", () => forge(claims({ aud: ["freedom-pay", "another-service"] }))],
    ["an origin that is a list", () => forge(claims({ origin: ["https://shop.example"] }))],
    ["no charge", () => forge(claims({ charge: undefined }))],
    ["a charge that is an array", () => forge(claims({ charge: [CHARGE] }))],
    ["__proto__ in the charge", () => forge(JSON.stringify(claims()).replace('"amount"', '"__proto__":{"a":1},"amount"'))],
    ...MEMBERS.map(([name, members]) => [name, () => forge(claimsOf(members))] as const),
  ];

  test.each(TOKENS)("cannot pay: %s", async (_, token) => {
    const { detail } = await expectRefusal(await call({ headers: { ...(await bearer(token())) } }), "token_invalid");
    expect(detail).not.toMatch(/4111|test-secret/);
  });

  test.each(TOKENS)("cannot read: %s", async (_, token) => {
    await expectRefusal(await call({ method: "GET", path: "/v1/charges/1234", headers: { ...(await bearer(token())) } }), "token_invalid");
  });
});

describe("the origin", () => {
  test.each(["https://evil.example", "null", "http://shop.example", "https://shop.example:8443", "https://shop.example.evil.example"])(
    "the origin %s is refused, and its page cannot read the refusal",
    async (origin) => {
      for (const httpCall of [{}, { method: "GET", path: "/v1/charges/1234" }, { headers: { Authorization: null } }])
        await expectRefusal(await call({ ...httpCall, headers: { ...httpCall.headers, Origin: origin } }), "origin_not_allowed", null);
    },
  );

  test("the merchant's key is refused from an origin that is not allowed", async () => {
    const httpCall: HttpCall = {
      body: JSON.stringify({ ...CHARGE, user_ip: "84.252.158.239" }),
      headers: { Origin: "https://evil.example" },
    };
    await expectRefusal(await callAsMerchant(httpCall), "origin_not_allowed", null);
  });

  test("a token for one origin is refused to another that is allowed", async () => {
    const bound = await bearer(forge(claims({ origin: "https://other-shop.example" })));
    await expectRefusal(await call({ headers: { ...bound } }), "origin_not_allowed");
    await expectRefusal(await call({ method: "GET", path: "/v1/charges/1234", headers: { ...bound } }), "origin_not_allowed");
  });

  test("a token for one origin is refused to a caller without one", async () => {
    const bound = { ...(await bearer(forge(claims({ origin: "https://shop.example" })))), Origin: null };
    await expectRefusal(await call({ headers: bound }), "origin_not_allowed", null);
    await expectRefusal(await call({ method: "GET", path: "/v1/charges/1234", headers: bound }), "origin_not_allowed", null);
  });
});

describe("Idempotency-Key", () => {
  test.each<readonly [string, ProblemCode, string | null]>([
    ["missing", "idempotency_key_missing", null],
    ["empty", "idempotency_key_invalid", ""],
    ["doubled", "idempotency_key_invalid", '"a", "b"'],
    ["doubled, bare", "idempotency_key_invalid", "a, b"],
    ["too long", "idempotency_key_invalid", "k".repeat(256)],
    ["not visible", "idempotency_key_invalid", "a b"],
  ])("%s", async (_, code, key) => {
    await expectRefusal(await call({ headers: { "Idempotency-Key": key } }), code);
    const body = JSON.stringify({ ...CHARGE, user_ip: "84.252.158.239" });
    await expectRefusal(await callAsMerchant({ headers: { "Idempotency-Key": key }, body }), code, null);
  });
});

describe("a body", () => {
  const WHOLE = { ...CHARGE, user_ip: "84.252.158.239" };

  test.each<readonly [string, BodyInit]>([
    ["empty", ""],
    ["not JSON", "order_id=1234"],
    ["cut off", JSON.stringify(WHOLE).slice(0, -1)],
    ["not UTF-8", new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ["null", "null"],
    ["a text", '"1234"'],
    ["an array", JSON.stringify([WHOLE])],
    ["arrays in arrays", "[".repeat(32_000) + "]".repeat(32_000)],
    ["objects in objects", `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`],
    ["__proto__", JSON.stringify(WHOLE).replace('"amount"', '"__proto__":{"amount":1},"amount"')],
    ["__proto__ alone", `{"__proto__":${JSON.stringify(WHOLE)}}`],
    ["a member that there is not", JSON.stringify({ ...WHOLE, auto_capture: true })],
    ["the charge one level down", JSON.stringify({ charge: CHARGE, user_ip: WHOLE.user_ip })],
    ["no user_ip", JSON.stringify(CHARGE)],
    ["a user_ip that is not an address", JSON.stringify({ ...WHOLE, user_ip: "shop.example" })],
    ["a user_ip that is a list", JSON.stringify({ ...WHOLE, user_ip: ["84.252.158.239"] })],
    ["an amount of 0.001", JSON.stringify({ ...WHOLE, amount: 0.001 })],
    ["an amount that is not a number any more", JSON.stringify(WHOLE).replace(":10,", ":1e400,")],
    ["a card number", JSON.stringify({ ...WHOLE, description: "4111-1111-1111-1111" })],
  ])("of the merchant's: %s", async (_, body) => {
    const { detail } = await expectRefusal(await callAsMerchant({ body }), "body_invalid", null);
    expect(detail).toMatch(/./);
    expect(detail).not.toContain("4111");
  });

  test.each(["{}", " ", JSON.stringify(CHARGE)])("of a shopper's call, which must have none: %j", async (body) => {
    await expectRefusal(await call({ body }), "body_invalid");
  });

  const TOO_LARGE = 64 * 1024 + 1;

  test("one byte too large", async () => {
    const body = JSON.stringify({ ...WHOLE, description: "x" }).padEnd(TOO_LARGE, " ");
    await expectRefusal(await callAsMerchant({ body }), "body_too_large", null);
    await expectRefusal(await call({ body }), "body_too_large");
  });

  test("too large, in pieces, without Content-Length", async () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let piece = 0; piece < 5; piece += 1) controller.enqueue(new Uint8Array(16 * 1024).fill(0x20));
        controller.close();
      },
    });
    const headers = { Authorization: `Bearer ${API_KEY}`, "Idempotency-Key": "key-1" };
    const request = new Request(`${EDGE}/v1/charges`, { method: "POST", headers, body });
    expect(request.headers.has("Content-Length")).toBe(false);
    await expectRefusal(await edge.fetch(request, env as unknown as EdgeBindings, createExecutionContext()), "body_too_large", null);
  });

  test("too large is refused before it is parsed", async () => {
    await expectRefusal(await callAsMerchant({ body: "[".repeat(TOO_LARGE) }), "body_too_large", null);
  });
});

describe("addresses", () => {
  test.each([
    "/",
    "/v1",
    "/v2/charges",
    "/v1/charges/",
    "/v1//charges",
    "/V1/charges",
    "/v1/charges/1234/capture",
    "/v1/charges/1234/",
    "/v1/callbacks/notify/x",
    "/v1/callbacks/check",
    "/v1/freedom-pay-charge.mjs",
    "/%",
    "/v1/%00",
  ])("%s is not found", async (path) => {
    for (const method of ["GET", "POST", "DELETE"]) await expectRefusal(await call({ method, path }), "route_not_found");
  });

  test.each([
    ["/v1/charges", "PUT", "GET, HEAD, POST, OPTIONS"],
    ["/v1/charges/1234/notify", "GET", "POST, OPTIONS"],
    ["/v1/charges/1234", "POST", "GET, HEAD, OPTIONS"],
    ["/v1/charges/1234", "DELETE", "GET, HEAD, OPTIONS"],
    ["/v1/callbacks/result/x", "PUT", "GET, POST, OPTIONS"],
    ["/v1/freedom-pay-charge.js", "POST", "GET, HEAD, OPTIONS"],
    ["/healthz", "POST", "GET, HEAD, OPTIONS"],
  ])("%s refuses %s before it checks the caller", async (path, method, allow) => {
    const answer = await call({ method, path, headers: { Authorization: null } });
    expect(answer.headers.get("Allow")).toBe(allow);
    await expectRefusal(answer, "method_not_allowed");
  });

  test.each(["1235", "1234--2", "%31%32%33%34%35", "1234%2F", "%zz", "%00", "x".repeat(5000), "__proto__"])(
    "a token for 1234 does not read %s",
    async (orderId) => {
      await expectRefusal(await call({ method: "GET", path: `/v1/charges/${orderId}` }), "order_mismatch");
    },
  );

  test.each(["1234--2", "x".repeat(41), "a%20b", "%D1%8F", "%zz", "a%2Fb"])("for the merchant %s is not an order", async (orderId) => {
    await expectRefusal(await callAsMerchant({ method: "GET", path: `/v1/charges/${orderId}` }), "charge_not_found", null);
  });

  test.each(["x", "1234.nonce.mac", `1234.nonce.${"A".repeat(43)}`, "%00", "x".repeat(5000)])(
    "the ticket %s is not found, whatever its body is",
    async (ticket) => {
      for (const path of [`/v1/callbacks/check/${ticket}`, `/v1/callbacks/result/${ticket}`]) {
        await expectRefusal(await call({ path, body: '{"order_id":"1234"}' }), "charge_not_found");
        await expectRefusal(await call({ method: "GET", path: `${path}?order_id=1234` }), "charge_not_found");
      }
    },
  );
});
