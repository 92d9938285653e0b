import fc from "fast-check";
import { base64url, generateKeyPair, SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import type { ChargeInput, OpenOptions } from "../../src/charge-token.ts";
import { issueChargeToken, openChargeToken, parseCharge } from "../../src/charge-token.ts";
import { cases } from "../length.ts";

const KEY = "test-secret-charge-token-key-32-bytes";
const OTHER_KEY = "test-secret-another-charge-token-key-";
const NOW = new Date("2026-11-22T10:00:00Z");
const T = NOW.getTime() / 1000;

const CHARGE: ChargeInput = {
  order_id: "1234",
  amount: 10,
  currency: "KZT",
  description: "Coffee",
  user_id: "12345",
  profile_id: "0190fddd-bea7-7f17-b777-10344d5cc816",
};

const CLAIMS = { iss: "shop.example", aud: "freedom-pay-charge", iat: T, exp: T + 1800, charge: CHARGE };

const issue = (
  charge: ChargeInput = CHARGE,
  change: { lifetime?: number; origin?: string; key?: string; issuer?: string; now?: Date } = {},
) => issueChargeToken(charge, { key: KEY, issuer: "shop.example", now: NOW, ...change });

const open = (token: string, change: Partial<OpenOptions> = {}) => openChargeToken(token, { keys: [KEY], now: NOW, ...change });

const at = (seconds: number): Date => new Date((T + seconds) * 1000);

/** A JWT made with crypto.subtle only, as another language's library would make it, valid or not. */
async function foreignToken(claims: unknown, header: unknown = { alg: "HS256", typ: "JWT" }, hash = "SHA-256", key = KEY): Promise<string> {
  const text = (value: unknown): string => base64url.encode(typeof value === "string" ? value : JSON.stringify(value));
  const input = `${text(header)}.${text(claims)}`;
  return `${input}.${await mac(input, hash, key)}`;
}

async function mac(input: string, hash = "SHA-256", key = KEY): Promise<string> {
  const imported = await crypto.subtle.importKey("raw", new TextEncoder().encode(key), { name: "HMAC", hash }, false, ["sign"]);
  return base64url.encode(new Uint8Array(await crypto.subtle.sign("HMAC", imported, new TextEncoder().encode(input))));
}

const invalid = expect.objectContaining({ name: "FreedomPayError", code: "token_invalid" });
const expired = expect.objectContaining({ name: "FreedomPayError", code: "token_expired" });

describe("issueChargeToken", () => {
  test("makes a readable JWT with the claims of the design and no others", async () => {
    const [header = "", payload = ""] = (await issue()).split(".");
    const read = (part: string): unknown => JSON.parse(new TextDecoder().decode(base64url.decode(part)));
    expect(read(header)).toEqual({ alg: "HS256", typ: "JWT" });
    expect(read(payload)).toEqual({ ...CLAIMS, charge: { ...CHARGE, auto_clearing: true } });
  });

  test("makes a token that opens to the same charge, with a lifetime of half an hour", async () => {
    expect(await open(await issue())).toEqual({
      charge: { ...CHARGE, auto_clearing: true },
      issuedAt: T,
      expiresAt: T + 1800,
      origin: null,
      issuer: "shop.example",
      expired: false,
    });
  });

  test("binds the token to an origin and a lifetime if they are given", async () => {
    const opened = await open(await issue(CHARGE, { origin: "https://shop.example", lifetime: 86_400 }));
    expect(opened).toMatchObject({ origin: "https://shop.example", expiresAt: T + 86_400 });
  });

  test("uses the current time by default", async () => {
    const token = await issueChargeToken(CHARGE, { key: KEY, issuer: "shop.example" });
    expect((await openChargeToken(token, { keys: [KEY] })).expired).toBe(false);
  });

  test.each([0, -1, 86_401, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses the lifetime %o", async (lifetime) => {
    await expect(issue(CHARGE, { lifetime })).rejects.toMatchObject({ code: "input_invalid" });
  });

  test.each([
    "shop.example",
    "https://shop.example/",
    "https://shop.example/pay",
    "https://Shop.example",
    "ftp://shop.example",
    "null",
    "",
    "*",
  ])("refuses the origin %j", async (origin) => {
    await expect(issue(CHARGE, { origin })).rejects.toMatchObject({ code: "input_invalid" });
  });

  test.each(["", "a".repeat(256)])("refuses an issuer of %#", async (issuer) => {
    await expect(issue(CHARGE, { issuer })).rejects.toMatchObject({ code: "input_invalid" });
  });

  test("refuses a weak key, an invalid charge, a card number and an invalid date", async () => {
    await expect(issue(CHARGE, { key: "test-secret-of-31-bytes-aaaaaaa" })).rejects.toMatchObject({ code: "key_invalid" });
    await expect(issue({ ...CHARGE, amount: 0.001 })).rejects.toMatchObject({ code: "input_invalid" });
    await expect(issue({ ...CHARGE, description: "4111 1111 1111 1111" })).rejects.toMatchObject({ code: "card_number_found" });
    await expect(issue(CHARGE, { now: new Date(Number.NaN) })).rejects.toMatchObject({ code: "input_invalid" });
  });

  test("counts the bytes of a key, not its characters", async () => {
    await expect(issue(CHARGE, { key: "ж".repeat(16) })).resolves.toBeTypeOf("string");
    await expect(issue(CHARGE, { key: "ж".repeat(15) })).rejects.toMatchObject({ code: "key_invalid" });
  });

  test("makes a token of any charge that opens to the same charge, under either of two keys", async () => {
    const charges = fc.record(
      {
        order_id: fc.stringMatching(/^[A-Za-z0-9_]{1,40}$/),
        amount: fc.integer({ min: 1, max: 9_999_999_900 }).map((minor) => minor / 100),
        currency: fc.constantFrom("KZT", "KGS", "UZS", "USD", "RUB", "EUR"),
        description: fc
          .string({ minLength: 1, maxLength: 200, unit: "grapheme" })
          .filter((text) => !/\p{Cc}/u.test(text) && !/\d{2}/.test(text)),
        user_id: fc.stringMatching(/^[A-Za-z_-]{1,50}$/),
        profile_id: fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/),
        auto_clearing: fc.boolean(),
        card: fc.record({ brand: fc.constantFrom("visa", "mastercard", "mir"), last4: fc.stringMatching(/^\d{4}$/) }),
      },
      { requiredKeys: ["order_id", "amount", "currency", "description", "user_id", "profile_id"] },
    ) satisfies fc.Arbitrary<ChargeInput>;
    await fc.assert(
      fc.asyncProperty(charges, fc.boolean(), async (charge, rotated) => {
        const token = await issue(charge);
        const opened = await open(token, { keys: rotated ? [OTHER_KEY, KEY] : [KEY, OTHER_KEY] });
        expect(opened.charge).toEqual(parseCharge(charge));
      }),
      cases(200),
    );
  });
});

describe("openChargeToken accepts a token of another library", () => {
  test.each([
    ["without typ", CLAIMS, { alg: "HS256" }],
    ["with a key id", CLAIMS, { alg: "HS256", typ: "JWT", kid: "2026" }],
    ["with aud as an array of one", { ...CLAIMS, aud: ["freedom-pay-charge"] }, undefined],
    ["with aud as an array of several", { ...CLAIMS, aud: ["another-service", "freedom-pay-charge"] }, undefined],
    ["with every claim that RFC 7519 registers", { ...CLAIMS, sub: "12345", jti: "1", nbf: T }, undefined],
    ["with unregistered claims", { ...CLAIMS, scope: "pay", kid: 5, name: null }, undefined],
    ["valid from a minute ahead", { ...CLAIMS, nbf: T + 60 }, undefined],
    ["valid from before it was issued", { ...CLAIMS, nbf: T - 1000.5 }, undefined],
    ["valid since 1970", { ...CLAIMS, nbf: 0 }, undefined],
    ["with sub and jti that are empty", { ...CLAIMS, sub: "", jti: "" }, undefined],
    ["with times that have fractions", { ...CLAIMS, iat: T + 0.9, exp: T + 1800.9 }, undefined],
    ["issued a minute ahead", { ...CLAIMS, iat: T + 60 }, undefined],
    ["with a lifetime of exactly a day", { ...CLAIMS, exp: T + 86_400 }, undefined],
    ["whose amount is written as 1e1", JSON.stringify(CLAIMS).replace('"amount":10', '"amount":1e1'), undefined],
    ["with spaces in its JSON", JSON.stringify(CLAIMS, null, 2), undefined],
  ])("%s", async (_, claims, header) => {
    const opened = await open(await foreignToken(claims, header));
    expect(opened).toMatchObject({ charge: { ...CHARGE, auto_clearing: true }, issuer: "shop.example", expired: false });
    expect(Number.isInteger(opened.issuedAt) && Number.isInteger(opened.expiresAt)).toBe(true);
  });
});

describe("Null counts as left out for the optional members of a token", () => {
  test.each(["nbf", "sub", "jti", "origin"])("the claim %s", async (claim) => {
    const opened = await open(await foreignToken({ ...CLAIMS, [claim]: null }));
    expect(opened).toEqual(await open(await foreignToken(CLAIMS)));
  });

  test.each(["card", "auto_clearing"])("%s of the charge", async (member) => {
    const opened = await open(await foreignToken({ ...CLAIMS, charge: { ...CHARGE, [member]: null } }));
    expect(opened.charge).toEqual({ ...CHARGE, auto_clearing: true });
  });

  test("all of them at once, also in issueChargeToken", async () => {
    const token = await issueChargeToken(
      { ...CHARGE, card: null, auto_clearing: null },
      { key: KEY, issuer: "shop", origin: null, now: NOW },
    );
    expect(await open(token)).toMatchObject({ charge: { ...CHARGE, auto_clearing: true }, origin: null });
    expect(new TextDecoder().decode(base64url.decode(token.split(".")[1] ?? ""))).not.toContain("null");
  });

  test.each(["iss", "aud", "iat", "exp", "charge"])("null counts as missing for a required member: %s", async (claim) => {
    await expect(open(await foreignToken({ ...CLAIMS, [claim]: null }))).rejects.toThrow(invalid);
  });
});

describe("openChargeToken refuses as token_invalid", () => {
  const { iat: _iat, ...withoutIat } = CLAIMS;
  const { exp: _exp, ...withoutExp } = CLAIMS;
  const { iss: _iss, ...withoutIss } = CLAIMS;
  const { aud: _aud, ...withoutAud } = CLAIMS;
  const { charge: _charge, ...withoutCharge } = CLAIMS;

  test.each([
    ["no exp", withoutExp],
    ["exp as text", { ...CLAIMS, exp: String(T + 1800) }],
    ["exp null", { ...CLAIMS, exp: null }],
    ["exp too far: a day and a second", { ...CLAIMS, exp: T + 86_401 }],
    ["exp above the largest time", { ...CLAIMS, exp: 1e300 }],
    ["exp not after iat", { ...CLAIMS, exp: T }],
    ["no iat", withoutIat],
    ["iat as text", { ...CLAIMS, iat: "now" }],
    ["iat below zero", { ...CLAIMS, iat: -1, exp: 1 }],
    ["iat from the future", { ...CLAIMS, iat: T + 61 }],
    ["no iss", withoutIss],
    ["iss empty", { ...CLAIMS, iss: "" }],
    ["iss a number", { ...CLAIMS, iss: 1 }],
    ["no aud", withoutAud],
    ["wrong aud", { ...CLAIMS, aud: "another-service" }],
    ["aud in capitals", { ...CLAIMS, aud: "Freedom-Pay-Charge" }],
    ["aud an empty array", { ...CLAIMS, aud: [] }],
    ["aud an array of others", { ...CLAIMS, aud: ["another-service", "freedom-pay"] }],
    ["aud an array with a number", { ...CLAIMS, aud: ["freedom-pay-charge", 1] }],
    ["aud an array with null", { ...CLAIMS, aud: ["freedom-pay-charge", null] }],
    ["aud an array in an array", { ...CLAIMS, aud: [["freedom-pay-charge"]] }],
    ["aud null", { ...CLAIMS, aud: null }],
    ["iss null", { ...CLAIMS, iss: null }],
    ["iss an array", { ...CLAIMS, iss: ["shop.example"] }],
    ["iat null", { ...CLAIMS, iat: null }],
    ["iat true", { ...CLAIMS, iat: true }],
    ["nbf more than a minute ahead", { ...CLAIMS, nbf: T + 61 }],
    ["nbf half a second more than a minute ahead", { ...CLAIMS, nbf: T + 60.5 }],
    ["nbf after exp", { ...CLAIMS, nbf: T + 3600 }],
    ["nbf in milliseconds", { ...CLAIMS, nbf: T * 1000 }],
    ["nbf as text", { ...CLAIMS, nbf: String(T) }],
    ["nbf as a date", { ...CLAIMS, nbf: "2026-11-22T10:00:00Z" }],
    ["nbf below zero", { ...CLAIMS, nbf: -1 }],
    ["nbf false", { ...CLAIMS, nbf: false }],
    ["nbf an array", { ...CLAIMS, nbf: [T] }],
    ["sub a number", { ...CLAIMS, sub: 12345 }],
    ["sub an object", { ...CLAIMS, sub: { id: "12345" } }],
    ["sub false", { ...CLAIMS, sub: false }],
    ["jti a number", { ...CLAIMS, jti: 1 }],
    ["jti an array", { ...CLAIMS, jti: ["1"] }],
    ["origin that is invalid", { ...CLAIMS, origin: "https://shop.example/" }],
    ["origin false", { ...CLAIMS, origin: false }],
    ["origin empty", { ...CLAIMS, origin: "" }],
    ["origin a list", { ...CLAIMS, origin: ["https://shop.example"] }],
    ["no charge", withoutCharge],
    ["charge null", { ...CLAIMS, charge: null }],
    ["charge an array", { ...CLAIMS, charge: [CHARGE] }],
    ["charge as text", { ...CLAIMS, charge: JSON.stringify(CHARGE) }],
    ["an unknown member in the charge", { ...CLAIMS, charge: { ...CHARGE, discount: 5 } }],
    ["__proto__ in the charge", JSON.stringify(CLAIMS).replace('"charge":{', '"charge":{"__proto__":{"auto_clearing":false},')],
    ["a card number in the description", { ...CLAIMS, charge: { ...CHARGE, description: "4111 1111 1111 1111" } }],
    ["a card number as user_id", { ...CLAIMS, charge: { ...CHARGE, user_id: "4111111111111111" } }],
    ["an amount as text", { ...CLAIMS, charge: { ...CHARGE, amount: "10" } }],
    ["an amount of three decimals", { ...CLAIMS, charge: { ...CHARGE, amount: 10.001 } }],
    ["an order_id that is reserved for attempts", { ...CLAIMS, charge: { ...CHARGE, order_id: "1234--2" } }],
    ["claims that are an array", [CLAIMS]],
    ["claims that are null", "null"],
    ["claims that are not JSON", "{"],
    ["no claims", ""],
  ])("%s", async (_, claims) => {
    await expect(open(await foreignToken(claims))).rejects.toThrow(invalid);
  });

  test.each([
    ["crit", { alg: "HS256", crit: ["b64"], b64: true }],
    ["an unknown crit", { alg: "HS256", crit: ["exp"], exp: 1 }],
    ["an empty crit", { alg: "HS256", crit: [] }],
    ["b64 false", { alg: "HS256", b64: false }],
    ["b64 false with crit", { alg: "HS256", crit: ["b64"], b64: false }],
    ["no alg", { typ: "JWT" }],
    ["alg none", { alg: "none" }],
    ["alg in lower case", { alg: "hs256" }],
    ["alg as an array", { alg: ["HS256"] }],
    ["a header that is an array", [{ alg: "HS256" }]],
    ["a header that is not JSON", "{"],
  ])("a header with %s", async (_, header) => {
    await expect(open(await foreignToken(CLAIMS, header))).rejects.toThrow(invalid);
  });

  test("alg none without a signature", async () => {
    const [, payload = ""] = (await foreignToken(CLAIMS)).split(".");
    await expect(open(`${base64url.encode('{"alg":"none"}')}.${payload}.`)).rejects.toThrow(invalid);
  });

  test("HS512 with the right key", async () => {
    await expect(open(await foreignToken(CLAIMS, { alg: "HS512", typ: "JWT" }, "SHA-512"))).rejects.toThrow(invalid);
    await expect(open(await foreignToken(CLAIMS, { alg: "HS256", typ: "JWT" }, "SHA-512"))).rejects.toThrow(invalid);
  });

  test("RS256", async () => {
    const { privateKey } = await generateKeyPair("RS256");
    const token = await new SignJWT({ ...CLAIMS }).setProtectedHeader({ alg: "RS256" }).sign(privateKey);
    await expect(open(token)).rejects.toThrow(invalid);
  });

  test("a token of another key, and a change in any part", async () => {
    await expect(open(await issue(CHARGE, { key: OTHER_KEY }))).rejects.toThrow(invalid);
    const token = await issue();
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.constantFrom(..."AZaz09-_.=+ "), async (place, character) => {
        const index = place % token.length;
        fc.pre(token[index] !== character);
        await expect(open(token.slice(0, index) + character + token.slice(index + 1))).rejects.toThrow(invalid);
      }),
      cases(300),
    );
  });

  const forms: readonly (readonly [string, (token: string) => string])[] = [
    ["empty", () => ""],
    ["a word", () => "token"],
    ["two parts", (token) => token.split(".").slice(0, 2).join(".")],
    ["four parts", (token) => `${token}.e30`],
    ["five parts, as JWE has", (token) => `${token}.e30.e30`],
    ["a padded part", (token) => `${token}=`],
    ["a space before", (token) => ` ${token}`],
    ["a line end after", (token) => `${token}\n`],
    ["a space within", (token) => `${token.slice(0, 5)} ${token.slice(5)}`],
    ["Bearer before it", (token) => `Bearer ${token}`],
    ["another payload under the same signature", (token) => token.replace(/\.[^.]+\./, `.${base64url.encode(JSON.stringify(CLAIMS))}.`)],
    ["the first part of another compact serialisation", (token) => token.slice(token.indexOf("."))],
    ["no text", () => null as unknown as string],
    ["no ASCII", () => "ё.ё.ё"],
  ];

  test.each(forms)("the form: %s", async (_, form) => {
    await expect(open(form(await issue()))).rejects.toThrow(invalid);
  });

  test("a valid token of more than 32 KiB", async () => {
    await expect(open(await foreignToken({ ...CLAIMS, pad: "x".repeat(20_000) }))).resolves.toMatchObject({ issuer: "shop.example" });
    await expect(open(await foreignToken({ ...CLAIMS, pad: "x".repeat(25_000) }))).rejects.toThrow(invalid);
  });

  test.each([
    ["with padding", (payload: string): string => `${payload}${"=".repeat((4 - (payload.length % 4)) % 4)}`],
    ["with a space", (payload: string): string => ` ${payload}`],
    ["that is not base64url", (): string => "!"],
    ["cut within a byte", (payload: string): string => payload.slice(0, payload.length - (payload.length % 4) + 1)],
  ])("a payload %s under a valid signature", async (_, change) => {
    // Spaces at the end give the payload a length that has to be padded.
    const [, payload = ""] = (await foreignToken(JSON.stringify(CLAIMS).padEnd(1000))).split(".");
    const input = `${base64url.encode('{"alg":"HS256"}')}.${change(payload)}`;
    await expect(open(`${input}.${await mac(input)}`)).rejects.toThrow(invalid);
  });

  test("anything at all that is no token", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.tuple(fc.base64String(), fc.base64String(), fc.base64String()).map((parts) => parts.join(".")),
        ),
        async (text) => {
          await expect(open(text)).rejects.toThrow(invalid);
        },
      ),
      cases(200),
    );
  });
});

describe("A token's time", () => {
  test("has a minute of leeway at its end", async () => {
    const token = await issue();
    expect((await open(token, { now: at(1800) })).expired).toBe(false);
    expect((await open(token, { now: at(1859) })).expired).toBe(false);
    await expect(open(token, { now: at(1860) })).rejects.toThrow(expired);
  });

  test("has a minute of leeway at its beginning", async () => {
    const token = await issue();
    expect((await open(token, { now: at(-60) })).expired).toBe(false);
    await expect(open(token, { now: at(-61) })).rejects.toThrow(invalid);
  });

  test("begins with its nbf, a minute of leeway before it, for a caller who only looks too", async () => {
    const token = await foreignToken({ ...CLAIMS, nbf: T + 600 });
    for (const looking of [{}, { acceptExpiredFor: 86_400 }]) {
      await expect(open(token, { ...looking, now: at(539) })).rejects.toThrow(invalid);
      expect((await open(token, { ...looking, now: at(540) })).expired).toBe(false);
    }
  });

  test("can be over for a caller who only looks, and says so", async () => {
    const token = await issue();
    const looking = { acceptExpiredFor: 86_400 };
    expect((await open(token, { ...looking, now: at(1859) })).expired).toBe(false);
    expect(await open(token, { ...looking, now: at(1860) })).toMatchObject({ expired: true, charge: { order_id: "1234" } });
    expect((await open(token, { ...looking, now: at(1859 + 86_400) })).expired).toBe(true);
    await expect(open(token, { ...looking, now: at(1860 + 86_400) })).rejects.toThrow(expired);
  });

  test("being over is said only of a token that is right otherwise", async () => {
    const late = { now: at(10_000) };
    await expect(open(await issue(CHARGE, { key: OTHER_KEY }), late)).rejects.toThrow(invalid);
    await expect(open(await foreignToken({ ...CLAIMS, aud: "x" }), late)).rejects.toThrow(invalid);
    await expect(open(await foreignToken({ ...CLAIMS, charge: { ...CHARGE, amount: 0 } }), late)).rejects.toThrow(invalid);
    await expect(open(await foreignToken(CLAIMS), late)).rejects.toThrow(expired);
  });
});

describe("A key is read as the edge reads the setting", () => {
  test.each([
    ["with the line end of the file it was read from", `${KEY}\n`],
    ["with the line end of another system", `${KEY}\r\n`],
    ["behind a byte order mark", `\ufeff${KEY}`],
    ["among spaces and tabs", ` \t${KEY}\t `],
    ["the new one of two while it is rotated", `${KEY} ${OTHER_KEY}`],
    ["the new one of two, a line each", `${KEY}\n${OTHER_KEY}\n`],
    ["the new one of two, far from each other", `  ${KEY}  \t ${OTHER_KEY}`],
  ])("issueChargeToken signs with the key %s", async (_, key) => {
    const token = await issue(CHARGE, { key });
    expect((await open(token, { keys: [KEY] })).charge.order_id).toBe("1234");
    await expect(open(token, { keys: [OTHER_KEY] })).rejects.toThrow(invalid);
    expect((await open(await issue(), { keys: [key] })).charge.order_id).toBe("1234");
  });

  test("openChargeToken takes either of two in one text, beside others", async () => {
    const keys = ["test-secret-a-third-charge-token-key-", `${OTHER_KEY} ${KEY}\n`];
    for (const key of [KEY, OTHER_KEY]) expect((await open(await issue(CHARGE, { key }), { keys })).charge.order_id).toBe("1234");
  });

  test.each([
    ["nothing but white space", " \n\t "],
    ["31 bytes and white space", "test-secret-of-31-bytes-aaaaaaa\n\n\n"],
    ["a strong new one and a weak old one", `${KEY} test-secret-short`],
    ["a weak new one and a strong old one", `test-secret-short ${KEY}`],
    ["three", `${KEY} ${OTHER_KEY} ${KEY}`],
    ["a sentence", "a sentence of many short words is no key of thirty-two bytes"],
  ])("%s is none, to sign or to verify", async (_, key) => {
    await expect(issue(CHARGE, { key })).rejects.toMatchObject({ code: "key_invalid" });
    await expect(open(await issue(), { keys: [key] })).rejects.toMatchObject({ code: "key_invalid" });
  });
});

describe("The keys of openChargeToken", () => {
  test("may be two while one is rotated, in any order", async () => {
    const token = await issue();
    expect((await open(token, { keys: [OTHER_KEY, KEY] })).charge.order_id).toBe("1234");
    expect((await open(token, { keys: [KEY, OTHER_KEY] })).charge.order_id).toBe("1234");
    await expect(open(token, { keys: [OTHER_KEY] })).rejects.toThrow(invalid);
  });

  test("are all strong, and at least one", async () => {
    const token = await issue();
    await expect(open(token, { keys: [] })).rejects.toMatchObject({ code: "key_invalid" });
    await expect(open(token, { keys: [KEY, "test-secret-short"] })).rejects.toMatchObject({ code: "key_invalid" });
  });
});

test("A refusal repeats neither the token nor a key nor a value from inside", async () => {
  const token = await foreignToken({ ...CLAIMS, charge: { ...CHARGE, description: "private 4111 1111 1111 1111" } });
  const error: unknown = await open(token).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: "token_invalid",
    message: "the charge token is not valid: its charge: description contains a card number",
  });
  for (const secret of [token, KEY, "private", "4111"]) expect(String(error)).not.toContain(secret);
});
