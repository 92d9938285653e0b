/**
 * The charge token: a JWT (HS256) in which a merchant's server fixes the terms of one order. The page can pay the order but
 * not change it. Everybody who has the token can read it. Any language's JWT library can make it (design, "The charge token").
 */
import { compactVerify, errors, SignJWT } from "jose";
import { decodeBase64url, decodeJson } from "./lib/base64url.ts";
import type { Charge, ChargeInput } from "./charge.ts";
import { parseCharge } from "./charge.ts";
import { FreedomPayError } from "./errors.ts";
import { hmacKey } from "./lib/hmac-key.ts";
import { keysOf } from "./lib/key-setting.ts";

export { type Charge, type ChargeInput, parseCharge } from "./charge.ts";

/** The claim `aud` of every charge token. */
export const CHARGE_TOKEN_AUDIENCE = "freedom-pay-charge";

/** The default lifetime of a token, in seconds: 30 minutes. */
export const DEFAULT_LIFETIME = 1800;

/** The longest lifetime, in seconds: 24 hours. */
export const MAX_LIFETIME = 86_400;

/** Allowed clock difference for iat, nbf and exp, in seconds. */
const LEEWAY = 60;

/** HMAC keys shorter than the hash are weak (RFC 7518 §3.2). Bytes of UTF-8. */
const MIN_KEY_BYTES = 32;

/** Enough for the longest description with every character escaped. */
const MAX_TOKEN_LENGTH = 32_768;

/** Options of {@link issueChargeToken}. */
export interface ChargeTokenOptions {
  /** CHARGE_TOKEN_KEY: at least 32 bytes of UTF-8. White space around it is ignored. The first of two keys separated by white space signs. */
  readonly key: string;
  /** The issuer, such as the shop's host name: 1-255 characters. */
  readonly issuer: string;
  /** The only origin whose pages may use it, such as `https://shop.example`. Null or left out: any origin that the edge allows. */
  readonly origin?: string | null | undefined;
  /** Whole seconds, 1 to 86400. Default: 1800. */
  readonly lifetime?: number | undefined;
  /** Default: the present. */
  readonly now?: Date | undefined;
}

/** Options of {@link openChargeToken}. */
export interface OpenOptions {
  /**
   * The accepted keys, each at least 32 bytes of UTF-8. There is more than one while the key is rotated. One text may contain two keys,
   * separated by white space.
   */
  readonly keys: readonly string[];
  /** Default: the present. */
  readonly now?: Date | undefined;
  /** For how many seconds after its end a token can still be opened, as `expired`: to read an order, not to pay it. Default: 0. */
  readonly acceptExpiredFor?: number | undefined;
}

/** The content of a verified charge token. */
export interface OpenedChargeToken {
  readonly charge: Charge;
  /** iat and exp, in whole seconds since 1970. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** The only origin that may use it, or null. */
  readonly origin: string | null;
  readonly issuer: string;
  /** Whether it has expired, with a minute of leeway. */
  readonly expired: boolean;
}

/**
 * Makes a charge token. For a merchant's server, never in a page.
 *
 * @returns The compact JWT, with the claims iss, aud, iat, exp, origin (if given) and charge.
 * @throws {@link FreedomPayError} `input_invalid`, which names the member or option; `card_number_found`; `key_invalid`.
 *
 * @example
 * ```ts
 * import { issueChargeToken } from "freedom-pay-charge";
 *
 * const token = await issueChargeToken(
 *   {
 *     order_id: "1234",
 *     amount: 4990, // tenge
 *     currency: "KZT",
 *     description: "Aport apples, 5 kg",
 *     user_id: "12345",
 *     profile_id: "0190fddd-bea7-7f17-b777-10344d5cc816",
 *   },
 *   { key: process.env["CHARGE_TOKEN_KEY"] ?? "", issuer: "shop.example", origin: "https://shop.example" },
 * );
 * ```
 */
export async function issueChargeToken(charge: ChargeInput, options: ChargeTokenOptions): Promise<string> {
  const { issuer, lifetime = DEFAULT_LIFETIME, now = new Date() } = options;
  const origin = options.origin ?? undefined;
  const [key] = keyBytes(options.key);
  if (!isIssuer(issuer)) throw new FreedomPayError("input_invalid", "issuer must be a text of 1 to 255 characters");
  if (origin !== undefined && !isOrigin(origin)) {
    throw new FreedomPayError("input_invalid", "origin must be an origin such as https://shop.example");
  }
  if (!Number.isInteger(lifetime) || lifetime < 1 || lifetime > MAX_LIFETIME) {
    throw new FreedomPayError("input_invalid", `lifetime must be whole seconds from 1 to ${MAX_LIFETIME}`);
  }
  const iat = epochSeconds(now);
  const claims = { iss: issuer, aud: CHARGE_TOKEN_AUDIENCE, iat, exp: iat + lifetime, ...(origin === undefined ? {} : { origin }) };
  return new SignJWT({ ...claims, charge: parseCharge(charge) }).setProtectedHeader({ alg: "HS256", typ: "JWT" }).sign(key);
}

/**
 * Verifies a charge token and reads it. The algorithm is always HS256; `crit` and `b64` are refused. The claims iss, aud,
 * iat, exp and charge are required; exp is at most 24 hours after iat. Rules for claims that RFC 7519 registers:
 *
 * 1. `aud` is "freedom-pay-charge", or an array of texts that contains it.
 * 2. `nbf` is optional. The token is not valid before it; as for iat and exp, clocks may differ by a minute.
 * 3. `sub` and `jti` are optional texts. They are ignored.
 *
 * Null counts as left out for optional claims, `origin` included. Other claims are ignored.
 *
 * @throws {@link FreedomPayError} `token_expired` when the token is valid but has expired; `token_invalid` for any other
 * error of the token, card numbers included; `key_invalid` when there is no key, or a key is too short.
 *
 * @example
 * ```ts
 * import { FreedomPayError, openChargeToken } from "freedom-pay-charge";
 *
 * const token = "eyJhbGciOi…";
 * try {
 *   const { charge, expired } = await openChargeToken(token, { keys: [process.env["CHARGE_TOKEN_KEY"] ?? ""] });
 *   console.log(charge.order_id, charge.amount, expired);
 * } catch (error) {
 *   if (error instanceof FreedomPayError) console.log(error.code); // token_invalid, token_expired, key_invalid
 * }
 * ```
 */
export async function openChargeToken(token: string, options: OpenOptions): Promise<OpenedChargeToken> {
  const { now = new Date(), acceptExpiredFor = 0 } = options;
  const keys = options.keys.flatMap(keyBytes);
  if (keys.length === 0) throw new FreedomPayError("key_invalid", "there must be a charge token key");
  checkForm(token);
  const claims = await verifiedClaims(token, keys);
  const seconds = epochSeconds(now);
  const { issuedAt, expiresAt } = readTimes(claims, seconds);
  const { iss, origin } = claims;
  if (!isAudience(claims["aud"])) throw invalid("its aud is not freedom-pay-charge");
  if (!isIssuer(iss)) throw invalid("its iss is not a text of 1 to 255 characters");
  for (const name of ["sub", "jti"]) if (!isOptionalText(claims[name])) throw invalid(`its ${name} is not a text`);
  if (!isLeftOut(origin) && !isOrigin(origin)) throw invalid("its origin is not an origin");
  const charge = readCharge(claims["charge"]);
  const expired = seconds >= expiresAt + LEEWAY;
  if (expired && seconds >= expiresAt + LEEWAY + acceptExpiredFor) {
    throw new FreedomPayError("token_expired", "the charge token has expired");
  }
  return { charge, issuedAt, expiresAt, origin: origin ?? null, issuer: iss, expired };
}

type Claims = Readonly<Record<string, unknown>>;

/** Checks what jose accepts and this package does not: padding, spaces and extensions. */
function checkForm(token: string): void {
  const parts = typeof token === "string" && token.length <= MAX_TOKEN_LENGTH ? token.split(".") : [];
  const [header = "", , mac = ""] = parts;
  if (parts.length !== 3 || decodeBase64url(mac) === null) throw invalid("it is not a compact JWS");
  const decoded = decodeJson(header)?.value;
  if (!isObject(decoded)) throw invalid("its header is not a JSON object");
  if (decoded["alg"] !== "HS256") throw invalid("its alg is not HS256");
  if (Object.hasOwn(decoded, "crit") || Object.hasOwn(decoded, "b64")) throw invalid("its header has the extension crit or b64");
}

async function verifiedClaims(token: string, keys: readonly Uint8Array[]): Promise<Claims> {
  for (const key of keys) {
    if (!(await isSignedWith(token, key))) continue;
    const claims = decodeJson(token.split(".")[1] ?? "")?.value;
    if (isObject(claims)) return claims;
    throw invalid("its payload is not a JSON object");
  }
  throw invalid("its signature does not verify");
}

async function isSignedWith(token: string, key: Uint8Array): Promise<boolean> {
  try {
    await compactVerify(token, await hmacKey(key, "SHA-256", "verify"), { algorithms: ["HS256"] });
    return true;
  } catch (cause) {
    if (cause instanceof errors.JWSSignatureVerificationFailed) return false;
    throw invalid("it is not a compact JWS", cause);
  }
}

function readTimes(claims: Claims, now: number): { readonly issuedAt: number; readonly expiresAt: number } {
  const { iat, exp, nbf } = claims;
  if (!isNumericDate(iat)) throw invalid("its iat is missing or not a time");
  if (!isNumericDate(exp)) throw invalid("its exp is missing or not a time");
  if (!isLeftOut(nbf) && !isNumericDate(nbf)) throw invalid("its nbf is not a time");
  if (iat > now + LEEWAY) throw invalid("its iat is in the future");
  if (!isLeftOut(nbf) && nbf > now + LEEWAY) throw invalid("it is not valid yet: its nbf is in the future");
  if (exp <= iat) throw invalid("its exp is not after its iat");
  if (exp - iat > MAX_LIFETIME) throw invalid("its lifetime is longer than 24 hours");
  return { issuedAt: Math.floor(iat), expiresAt: Math.floor(exp) };
}

function readCharge(charge: unknown): Charge {
  try {
    return parseCharge(charge);
  } catch (cause) {
    throw invalid(cause instanceof FreedomPayError ? `its charge: ${cause.message}` : "its charge is not valid", cause);
  }
}

/** RFC 7519, section 4.1.3: one text, or an array of texts that contains ours. */
function isAudience(aud: unknown): boolean {
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  return audiences.includes(CHARGE_TOKEN_AUDIENCE) && audiences.every((audience) => typeof audience === "string");
}

/** Many libraries write null for a member without a value. */
function isLeftOut(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function isOptionalText(value: unknown): boolean {
  return isLeftOut(value) || typeof value === "string";
}

/** RFC 7519 §2: seconds since 1970, a fraction allowed. */
function isNumericDate(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

function isIssuer(issuer: unknown): issuer is string {
  return typeof issuer === "string" && issuer.length >= 1 && issuer.length <= 255;
}

/** Whether a value has the form of a browser's Origin header. */
function isOrigin(origin: unknown): origin is string {
  return typeof origin === "string" && /^https?:/.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin;
}

function isObject(value: unknown): value is Claims {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The keys of CHARGE_TOKEN_KEY; the first one signs. */
function keyBytes(setting: string): readonly [Uint8Array, ...Uint8Array[]] {
  const [first, ...others] = keysOf(setting, "a charge token key");
  return [strongKey(first), ...others.map(strongKey)];
}

function strongKey(key: string): Uint8Array {
  const bytes = new TextEncoder().encode(key);
  if (bytes.length < MIN_KEY_BYTES)
    throw new FreedomPayError("key_invalid", `a charge token key must have at least ${MIN_KEY_BYTES} bytes`);
  return bytes;
}

function epochSeconds(now: Date): number {
  const seconds = Math.floor(now.getTime() / 1000);
  if (!(seconds >= 0)) throw new FreedomPayError("input_invalid", "now must be a date after 1970");
  return seconds;
}

function invalid(reason: string, cause?: unknown): FreedomPayError {
  return new FreedomPayError("token_invalid", `the charge token is not valid: ${reason}`, { cause });
}
