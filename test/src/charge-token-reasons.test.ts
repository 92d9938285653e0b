import { base64url } from "jose";
import { describe, expect, test } from "vitest";
import type { ChargeInput } from "../../src/charge-token.ts";
import { issueChargeToken, openChargeToken } from "../../src/charge-token.ts";

const KEY = "test-secret-charge-token-key-32-bytes";
const T = Date.parse("2026-11-22T10:00:00Z") / 1000;

const CHARGE: ChargeInput = {
  order_id: "1234",
  amount: 10,
  currency: "KZT",
  description: "Coffee",
  user_id: "12345",
  profile_id: "0190fddd-bea7-7f17-b777-10344d5cc816",
};

const CLAIMS = { iss: "shop.example", aud: "freedom-pay-charge", iat: T, exp: T + 1800, charge: CHARGE };

async function token(claims: unknown, header: unknown = { alg: "HS256" }): Promise<string> {
  return signed([header, claims].map((part) => base64url.encode(typeof part === "string" ? part : JSON.stringify(part))).join("."));
}

/** The text with a valid signature. */
async function signed(input: string): Promise<string> {
  const bytes = new TextEncoder().encode(KEY);
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return `${input}.${base64url.encode(new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(input))))}`;
}

const open = (text: string, seconds = T, key = KEY) => openChargeToken(text, { keys: [key], now: new Date(seconds * 1000) });

const issue = (change: Partial<Parameters<typeof issueChargeToken>[1]>) =>
  issueChargeToken(CHARGE, { key: KEY, issuer: "shop.example", now: new Date(T * 1000), ...change });

describe("The error text of openChargeToken", () => {
  test.each([
    [{ ...CLAIMS, aud: "x" }, undefined, "its aud is not freedom-pay-charge"],
    [{ ...CLAIMS, aud: ["x"] }, undefined, "its aud is not freedom-pay-charge"],
    [{ ...CLAIMS, iss: "" }, undefined, "its iss is not a text of 1 to 255 characters"],
    [{ ...CLAIMS, iss: "x".repeat(256) }, undefined, "its iss is not a text of 1 to 255 characters"],
    [{ ...CLAIMS, origin: "x" }, undefined, "its origin is not an origin"],
    [{ ...CLAIMS, sub: 1 }, undefined, "its sub is not a text"],
    [{ ...CLAIMS, jti: 1 }, undefined, "its jti is not a text"],
    [{ ...CLAIMS, nbf: "x" }, undefined, "its nbf is not a time"],
    [{ ...CLAIMS, nbf: 2 ** 53 }, undefined, "its nbf is not a time"],
    [{ ...CLAIMS, nbf: T + 61 }, undefined, "it is not valid yet: its nbf is in the future"],
    [{ ...CLAIMS, iat: "x" }, undefined, "its iat is missing or not a time"],
    [{ ...CLAIMS, exp: "x" }, undefined, "its exp is missing or not a time"],
    [{ ...CLAIMS, exp: 2 ** 53 }, undefined, "its exp is missing or not a time"],
    [{ ...CLAIMS, exp: 2 ** 53 - 1 }, undefined, "its lifetime is longer than 24 hours"],
    [{ ...CLAIMS, iat: T + 61 }, undefined, "its iat is in the future"],
    [{ ...CLAIMS, exp: T }, undefined, "its exp is not after its iat"],
    [{ ...CLAIMS, exp: T + 86_401 }, undefined, "its lifetime is longer than 24 hours"],
    [
      { ...CLAIMS, charge: { ...CHARGE, amount: 0 } },
      undefined,
      "its charge: amount must be a number above 0 with at most 2 decimals and at most 99999999",
    ],
    [[CLAIMS], undefined, "its payload is not a JSON object"],
    ["{", undefined, "its payload is not a JSON object"],
    [CLAIMS, [], "its header is not a JSON object"],
    [CLAIMS, "{", "its header is not a JSON object"],
    [CLAIMS, { alg: "HS512" }, "its alg is not HS256"],
    [CLAIMS, { alg: "HS256", crit: ["exp"] }, "its header has the extension crit or b64"],
    [CLAIMS, { alg: "HS256", crit: [] }, "its header has the extension crit or b64"],
    [CLAIMS, { alg: "HS256", b64: true }, "its header has the extension crit or b64"],
  ])("%j under %j", async (claims, header, why) => {
    await expect(open(await token(claims, header))).rejects.toMatchObject({
      code: "token_invalid",
      message: `the charge token is not valid: ${why}`,
    });
  });

  test("for a malformed token, a token of another key, an expired token", async () => {
    const refused = (why: string): object => ({ code: "token_invalid", message: `the charge token is not valid: ${why}` });
    const right = await token(CLAIMS);
    for (const text of ["", "a.b", `${right}.e30`, right.slice(0, -1)]) {
      await expect(open(text)).rejects.toMatchObject(refused("it is not a compact JWS"));
    }
    await expect(open(right, T, "test-secret-another-charge-token-key-")).rejects.toMatchObject(refused("its signature does not verify"));
    await expect(open(right, T + 1860)).rejects.toMatchObject({ code: "token_expired", message: "the charge token has expired" });
  });

  test("for a payload that is not base64url under a valid signature: with its cause", async () => {
    const error: unknown = await open(await signed(`${base64url.encode('{"alg":"HS256"}')}.!`)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "token_invalid", message: "the charge token is not valid: it is not a compact JWS" });
    expect(error).toHaveProperty("cause.name", "JWSInvalid");
  });

  test("accepts a token of 32768 characters, and refuses one more", async () => {
    const header = { alg: "HS256" };
    const bare = JSON.stringify({ ...CLAIMS, pad: "" }).length;
    const [longest, longer] = await Promise.all(
      [24_527, 24_528].map((bytes) => token({ ...CLAIMS, pad: "x".repeat(bytes - bare) }, header)),
    );
    expect([longest?.length, longer?.length]).toEqual([32_768, 32_769]);
    await expect(open(longest ?? "")).resolves.toMatchObject({ issuer: "shop.example" });
    await expect(open(longer ?? "")).rejects.toMatchObject({ message: "the charge token is not valid: it is not a compact JWS" });
  });

  test("accepts an issuer of 1 and of 255 characters, and times of 1970", async () => {
    for (const iss of ["x", "x".repeat(255)]) await expect(open(await token({ ...CLAIMS, iss }))).resolves.toMatchObject({ issuer: iss });
    await expect(open(await token({ ...CLAIMS, iat: 0, exp: 60 }), 0)).resolves.toMatchObject({ issuedAt: 0, expiresAt: 60 });
  });

  test("returns whole seconds, rounded down", async () => {
    const opened = await open(await token({ ...CLAIMS, iat: T + 0.9, exp: T + 1800.9 }));
    expect(opened).toMatchObject({ issuedAt: T, expiresAt: T + 1800 });
  });
});

describe("The error text of issueChargeToken", () => {
  test.each([
    [{ issuer: "" }, "issuer must be a text of 1 to 255 characters"],
    [{ origin: "x" }, "origin must be an origin such as https://shop.example"],
    [{ lifetime: 0 }, "lifetime must be whole seconds from 1 to 86400"],
    [{ key: "test-secret-short" }, "a charge token key must have at least 32 bytes"],
    [{ key: `${KEY} ${KEY} ${KEY}` }, "a charge token key contains more than two values separated by white space"],
    [{ now: new Date(-1000) }, "now must be a date after 1970"],
  ])("%j", async (change, message) => {
    await expect(issue(change)).rejects.toMatchObject({ message });
  });

  test("for missing keys", async () => {
    const now = new Date(T * 1000);
    await expect(openChargeToken("", { keys: [], now })).rejects.toMatchObject({ message: "there must be a charge token key" });
    for (const key of [undefined, [KEY]]) {
      await expect(issue({ key: key as unknown as string })).rejects.toMatchObject({ code: "key_invalid" });
    }
  });

  test("accepts a lifetime of a second, and the first second of 1970; iat is the current second", async () => {
    const opened = await open(await issue({ lifetime: 1, now: new Date(T * 1000 + 999) }));
    expect(opened).toMatchObject({ issuedAt: T, expiresAt: T + 1 });
    await expect(open(await issue({ now: new Date(0) }), 0)).resolves.toMatchObject({ issuedAt: 0 });
  });
});
