import { describe, expect, test } from "vitest";
import type { Limiter } from "../../../edge/http/access.ts";
import { countRefused, identify } from "../../../edge/http/access.ts";
import { Refused } from "../../../edge/http/problem.ts";
import { MERCHANT_API_PATHS } from "../../../src/merchant-api/paths.ts";
import type { Settings } from "../../../edge/settings.ts";
import { issueChargeToken } from "../../../src/charge-token.ts";
import { CHARGE, claims, forge } from "../forged-token.ts";

const NOW = new Date("2026-11-22T10:00:00Z");
const API_KEY = "test-secret-edge-api-key-0123456789abcdef";
const OLD_API_KEY = "test-secret-edge-api-key-old-0123456789abcdef";
const TOKEN_KEY = "test-secret-charge-token-key-0123456789abcdef";
const OLD_TOKEN_KEY = "test-secret-charge-token-key-old-0123456789";
const SHOP = "https://shop.example";
const OTHER_SHOP = "https://other-shop.example";
const EDGE = "https://edge.example";

const SETTINGS: Settings = {
  merchantId: "999999",
  gatewayUrl: "https://test-api.freedompay.kz",
  gatewayKeys: ["test-secret"],
  tokenKeys: [TOKEN_KEY, OLD_TOKEN_KEY],
  apiKeys: [API_KEY, OLD_API_KEY],
  callbackKeys: ["test-secret-callback-key-0123456789abcdef"],
  notifySecrets: [],
  allowedOrigins: [SHOP, OTHER_SHOP],
  publicUrl: `${EDGE}/pay`,
  notifyUrl: null,
  callbacks: "both",
  acceptPayments: true,
  clientIpHeader: null,
  profileApi: "auto",
  merchantApiPaths: MERCHANT_API_PATHS,
  retentionDays: 400,
  locationHint: null,
};

/** A token that was issued some minutes before {@link NOW} and is valid for half an hour. */
function token({ ago = 0, key = TOKEN_KEY, origin }: { ago?: number; key?: string; origin?: string } = {}): Promise<string> {
  return issueChargeToken(CHARGE, { key, issuer: "shop.example", origin, now: new Date(NOW.getTime() - ago * 60_000) });
}

/** The caller with these headers, or the code of the refusal. */
async function who(intent: "pay" | "read", headers: Readonly<Record<string, string>>): Promise<string> {
  try {
    return (await identify(new Request(`${EDGE}/`, { headers }), SETTINGS, intent, NOW)).who;
  } catch (error) {
    if (error instanceof Refused) return error.code;
    throw error;
  }
}

describe("a bearer that equals an API key is the merchant", () => {
  test.each([`Bearer ${API_KEY}`, `bearer ${API_KEY}`, `BEARER   ${API_KEY}`, `Bearer ${OLD_API_KEY}`])("%s", async (authorization) => {
    expect(await who("pay", { Authorization: authorization })).toBe("merchant");
    expect(await who("read", { Authorization: authorization })).toBe("merchant");
  });

  test.each([API_KEY.slice(0, -1), `${API_KEY}0`, API_KEY.toUpperCase(), "x"])("%s is not accepted as the merchant", async (bearer) => {
    expect(await who("pay", { Authorization: `Bearer ${bearer}` })).toBe("token_invalid");
  });

  test.each(["", "Bearer", "Bearer ", API_KEY, `Basic ${API_KEY}`, `Bearer ${API_KEY} x`, `Bearer a, Bearer ${API_KEY}`])(
    "%j is not a bearer",
    async (authorization) => {
      expect(await who("pay", { Authorization: authorization })).toBe("token_missing");
    },
  );
});

describe("any other bearer is read as a charge token", () => {
  test("during a rotation a token of either key is valid", async () => {
    expect(await who("pay", { Authorization: `Bearer ${await token()}` })).toBe("shopper");
    expect(await who("pay", { Authorization: `Bearer ${await token({ key: OLD_TOKEN_KEY })}` })).toBe("shopper");
    expect(await who("pay", { Authorization: `Bearer ${await token({ key: API_KEY })}` })).toBe("token_invalid");
  });

  test("the caller has the charge of the token", async () => {
    const request = new Request(EDGE, { headers: { Authorization: `Bearer ${await token()}` } });
    expect(await identify(request, SETTINGS, "pay", NOW)).toMatchObject({ who: "shopper", token: { charge: CHARGE, expired: false } });
  });

  test.each([
    [30, "shopper", "shopper"],
    [32, "token_expired", "shopper"],
    [24 * 60 + 29, "token_expired", "shopper"],
    [24 * 60 + 32, "token_expired", "token_expired"],
  ])("made %i minutes ago for half an hour: to pay %s, to read %s", async (ago, paying, reading) => {
    const headers = { Authorization: `Bearer ${await token({ ago })}` };
    expect([await who("pay", headers), await who("read", headers)]).toEqual([paying, reading]);
  });
});

describe("the detail says why a bearer is refused", () => {
  async function detail(bearer: string, intent: "pay" | "read" = "pay"): Promise<unknown> {
    const request = new Request(EDGE, { headers: { Authorization: `Bearer ${bearer}` } });
    const error: unknown = await identify(request, SETTINGS, intent, NOW).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "token_invalid" });
    return error instanceof Refused ? error.extras.detail : undefined;
  }

  test.each([
    "x",
    API_KEY.slice(0, -1),
    `${API_KEY}0`,
    "whsec_dGVzdC1zZWNyZXQtb2Ytbm90aWZpY2F0aW9ucw==",
    "a.b",
    "e30.e30",
    "e30.e30.e30.e30",
    "..",
    "e30..e30",
    "e30.e30.",
    "e30.e30.e30=",
    "e30.e30.+/8",
    "a.a.a",
    "https://shop.example",
    `"${API_KEY}"`,
  ])("%s is neither an API key nor a charge token", async (bearer) => {
    for (const intent of ["pay", "read"] as const) expect(await detail(bearer, intent)).toBe("neither an API key nor a charge token");
  });

  test("three parts in base64url are a token, and the detail names the error inside", async () => {
    expect(await detail("e30.e30.e30")).toBe("the charge token is not valid: its alg is not HS256");
    expect(await detail(await token({ key: API_KEY }))).toBe("the charge token is not valid: its signature does not verify");
    expect(await detail(await forge({ ...claims(), iat: 1, exp: 2, nbf: "x" }))).toBe(
      "the charge token is not valid: its nbf is not a time",
    );
  });

  test("a token before its nbf is refused as not valid yet", async () => {
    const seconds = NOW.getTime() / 1000;
    const early = await forge({ ...claims(), iat: seconds, exp: seconds + 1800, nbf: seconds + 600 });
    for (const intent of ["pay", "read"] as const) expect(await detail(early, intent)).toMatch(/not valid yet/);
  });
});

describe("the origin", () => {
  test.each<readonly [tokenOrigin: string | undefined, header: string | undefined, paying: string, reading: string]>([
    [undefined, undefined, "shopper", "shopper"],
    [undefined, SHOP, "shopper", "shopper"],
    [undefined, OTHER_SHOP, "shopper", "shopper"],
    [undefined, "https://evil.example", "origin_not_allowed", "origin_not_allowed"],
    [undefined, "null", "origin_not_allowed", "origin_not_allowed"],
    [SHOP, SHOP, "shopper", "shopper"],
    [SHOP, OTHER_SHOP, "origin_not_allowed", "origin_not_allowed"],
    [SHOP, undefined, "origin_not_allowed", "origin_not_allowed"],
    ["https://evil.example", "https://evil.example", "origin_not_allowed", "origin_not_allowed"],
    // A page on the edge's own origin: its browser sends no Origin with its reads, but with all other calls.
    [EDGE, undefined, "origin_not_allowed", "shopper"],
  ])("a token for %s, with the Origin %s: to pay %s, to read %s", async (origin, header, paying, reading) => {
    const authorization = `Bearer ${await token(origin === undefined ? {} : { origin })}`;
    const headers = { Authorization: authorization, ...(header === undefined ? {} : { Origin: header }) };
    expect([await who("pay", headers), await who("read", headers)]).toEqual([paying, reading]);
  });

  test("the merchant's key is accepted without an origin, or from an allowed one", async () => {
    expect(await who("pay", { Authorization: `Bearer ${API_KEY}`, Origin: SHOP })).toBe("merchant");
    expect(await who("pay", { Authorization: `Bearer ${API_KEY}`, Origin: "https://evil.example" })).toBe("origin_not_allowed");
  });
});

describe("refused credentials are counted", () => {
  /** A limiter that allows so many calls, and the keys it was called with. */
  function limiter(limit: number): Limiter & { readonly keys: string[] } {
    const keys: string[] = [];
    return { keys, limit: async ({ key }) => ({ success: keys.push(key) <= limit }) };
  }

  test("by address, up to the limit", async () => {
    const counter = limiter(2);
    const codes = [];
    for (const _ of "123") codes.push((await countRefused(new Refused("token_invalid"), counter, "192.0.2.1")).code);
    expect(codes).toEqual(["token_invalid", "token_invalid", "rate_limited"]);
    expect(counter.keys).toEqual(["192.0.2.1", "192.0.2.1", "192.0.2.1"]);
  });

  test.each(["token_invalid", "token_expired", "api_key_invalid"] as const)("%s is counted", async (code) => {
    expect(await countRefused(new Refused(code), limiter(0), "192.0.2.1")).toMatchObject({
      code: "rate_limited",
      extras: { retryAfter: 60 },
    });
  });

  test.each(["token_missing", "origin_not_allowed", "charge_not_found", "body_invalid"] as const)("%s is not counted", async (code) => {
    const counter = limiter(0);
    expect((await countRefused(new Refused(code), counter, "192.0.2.1")).code).toBe(code);
    expect(counter.keys).toEqual([]);
  });

  test("IPv6 by the first 64 bits", async () => {
    const counter = limiter(9);
    for (const address of ["2001:db8::1", "2001:db8::2:3", "2001:db8:0:1::1"])
      await countRefused(new Refused("token_invalid"), counter, address);
    expect(counter.keys).toEqual(["2001:db8:0:0::/64", "2001:db8:0:0::/64", "2001:db8:0:1::/64"]);
  });

  test("an unknown address is not counted, because a shared counter would block everybody", async () => {
    const counter = limiter(0);
    for (const code of ["token_invalid", "token_expired", "api_key_invalid"] as const)
      expect((await countRefused(new Refused(code), counter, null)).code).toBe(code);
    expect(counter.keys).toEqual([]);
  });

  test("nothing is counted without a limiter, or if it fails", async () => {
    const broken: Limiter = { limit: () => Promise.reject(new Error("out of order")) };
    expect((await countRefused(new Refused("token_invalid"), undefined, "192.0.2.1")).code).toBe("token_invalid");
    expect((await countRefused(new Refused("token_invalid"), broken, "192.0.2.1")).code).toBe("token_invalid");
  });
});
