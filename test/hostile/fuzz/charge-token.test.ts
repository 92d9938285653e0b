import fc from "fast-check";
import { expect, test } from "vitest";
import type { OpenedChargeToken } from "../../../src/charge-token.ts";
import { issueChargeToken, openChargeToken } from "../../../src/charge-token.ts";
import { FreedomPayError } from "../../../src/errors.ts";
import { CHARGE, claims, now, TOKEN_KEY } from "../../edge/forged-token.ts";
import { base64url, macOf } from "../forgery.ts";
import { bytesOf } from "../recipe.ts";
import { cases, TIMEOUT } from "./cases.ts";
import { anyJson, changed, nearly } from "./values.ts";

const GOOD = await issueChargeToken(CHARGE, { key: TOKEN_KEY, issuer: "shop.example", lifetime: 86_400 });

async function open(token: string): Promise<OpenedChargeToken | FreedomPayError> {
  try {
    return await openChargeToken(token, { keys: [TOKEN_KEY] });
  } catch (error) {
    if (error instanceof FreedomPayError) return error;
    throw error;
  }
}

async function signed(header: string, payload: string): Promise<string> {
  const text = `${base64url(bytesOf(header))}.${base64url(bytesOf(payload))}`;
  return `${text}.${await macOf(text, bytesOf(TOKEN_KEY))}`;
}

/** A token is refused with a code and a text that quotes nothing of it, or its charge is valid. */
function check(opened: OpenedChargeToken | FreedomPayError): void {
  if (opened instanceof FreedomPayError) {
    expect(["token_invalid", "token_expired"]).toContain(opened.code);
    expect(opened.message).toMatch(/^[\x20-\x7e]{1,200}$/);
    return;
  }
  const { charge, issuedAt, expiresAt } = opened;
  expect(charge.order_id).toMatch(/^(?!.*--)[A-Za-z0-9_-]{1,40}$/);
  expect(charge.amount).toBeGreaterThan(0);
  expect(charge.amount * 100).toBeCloseTo(Math.round(charge.amount * 100), 5);
  expect(charge.auto_clearing).toBeTypeOf("boolean");
  expect(expiresAt - issuedAt).toBeGreaterThanOrEqual(0);
  expect(expiresAt - issuedAt).toBeLessThanOrEqual(86_400);
  expect(issuedAt).toBeLessThanOrEqual(now() + 61);
}

test("a valid token with one change is refused", { timeout: TIMEOUT }, async () => {
  await fc.assert(
    fc.asyncProperty(changed(GOOD), async (token) => {
      fc.pre(token !== GOOD);
      expect(await open(token)).toMatchObject({ name: "FreedomPayError", code: "token_invalid" });
    }),
    cases("tokens that were changed"),
  );
});

test("a signed token with any claims is refused, or its charge is valid", { timeout: TIMEOUT }, async () => {
  const charges = fc.oneof(
    { weight: 4, arbitrary: nearly(CHARGE) },
    { weight: 1, arbitrary: anyJson.map((value) => JSON.stringify(value)) },
  );
  const payloads = fc.oneof(
    { weight: 3, arbitrary: nearly(claims()) },
    { weight: 3, arbitrary: charges.map((charge) => JSON.stringify(claims({ charge: "?" })).replace('"?"', () => charge)) },
    { weight: 1, arbitrary: anyJson.map((value) => JSON.stringify(value)) },
  );
  await fc.assert(
    fc.asyncProperty(payloads, async (payload) => check(await open(await signed('{"alg":"HS256"}', payload)))),
    cases("tokens with any claims"),
  );
});

test("a token with any other alg is refused, with any other header members", { timeout: TIMEOUT }, async () => {
  await fc.assert(
    fc.asyncProperty(nearly({ alg: "HS256", typ: "JWT", crit: ["exp"], b64: false, kid: "1" }), async (header) => {
      const opened = await open(await signed(header, JSON.stringify(claims())));
      check(opened);
      const said: Readonly<Record<string, unknown>> = JSON.parse(header);
      const isPlain = said["alg"] === "HS256" && !Object.hasOwn(said, "crit") && !Object.hasOwn(said, "b64");
      expect(opened instanceof FreedomPayError).toBe(!isPlain);
    }),
    cases("headers of a token"),
  );
});
