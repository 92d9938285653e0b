/**
 * The charge token: a JWT (HS256) by which a merchant's server fixes the money of one order and a page can only pay
 * it. It is readable by whoever holds it, and any language's JWT library can make it (design, "The charge token").
 */
import { compactVerify, errors, SignJWT } from "jose";
import { decodeBase64url, decodeJson } from "./lib/base64url.ts";
import type { Charge, ChargeInput } from "./charge.ts";
import { parseCharge } from "./charge.ts";
import { FreedomPayError } from "./errors.ts";
import { keysOf } from "./lib/key-setting.ts";

export { type Charge, type ChargeInput, parseCharge } from "./charge.ts";

/** The claim `aud` of every charge token. */
export const CHARGE_TOKEN_AUDIENCE = "freedom-pay-charge";

/** The lifetime of a token unless told otherwise, in seconds: 30 minutes. */
export const DEFAULT_LIFETIME = 1800;

/** The longest lifetime, in seconds: 24 hours. */
export const MAX_LIFETIME = 86_400;

/** How far clocks may differ, in seconds, for iat, nbf and exp. */
const LEEWAY = 60;

/** HMAC keys shorter than the hash are weak (RFC 7518 §3.2). Bytes of UTF-8. */
const SHORTEST_KEY = 32;

/** Room for the longest description in its longest spelling. */
const LONGEST_TOKEN = 32_768;

/** What {@link issueChargeToken} takes beside the charge. */
export interface ChargeTokenOptions {
  /** CHARGE_TOKEN_KEY: at least 32 bytes of UTF-8. White space around it does not count. Of two keys separated by white space the first signs. */
  readonly key: string;
  /** Who issues it, such as the shop's host name: 1-255 characters. */
  readonly issuer: string;
  /** The one origin whose pages may use it, such as `https://shop.example`; any that the edge allows when left out, or null. */
  readonly origin?: string | null | undefined;
  /** Whole seconds, 1 to 86400; 1800 when left out. */
  readonly lifetime?: number | undefined;
  /** The present when left out. */
  readonly now?: Date | undefined;
}

/** What {@link openChargeToken} takes beside the token. */
export interface OpenOptions {
  /**
   * The keys that may have signed it, each at least 32 bytes of UTF-8: one or, while the key is rotated, more. One text may hold two of
   * them, separated by white space.
   */
  readonly keys: readonly string[];
  /** The present when left out. */
  readonly now?: Date | undefined;
  /** How many seconds after its end a token is still opened, as `expired`: to look at an order, not to pay it. 0 when left out. */
  readonly acceptExpiredFor?: number | undefined;
}

/** What a charge token says, once it has been verified. */
export interface OpenedChargeToken {
  readonly charge: Charge;
  /** iat and exp, in whole seconds since 1970. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** The one origin that may use it, or null. */
  readonly origin: string | null;
  readonly issuer: string;
  /** Whether its time, and a minute of leeway, is over. */
  readonly expired: boolean;
}

/**
 * Makes a charge token. For a merchant's server; never in a page.
 *
 * @returns The compact JWT, with the claims iss, aud, iat, exp, origin (if given) and charge.
 * @throws {@link FreedomPayError} `input_invalid` naming the member or option, `card_number_found`, `key_invalid`.
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
 * Verifies a charge token and reads it. HS256 only, whatever its header says; no `crit`, no `b64`. The claims iss, aud,
 * iat, exp and charge are required; exp is at most 24 hours after iat. Of the claims that RFC 7519 registers:
 *
 * - `aud` is "freedom-pay-charge", or an array of texts that contains it;
 * - `nbf` may be left out, else the token is not valid before it; as for iat and exp, clocks may differ by a minute;
 * - `sub` and `jti` may be left out, else they are texts. They mean nothing here.
 *
 * A claim that may be left out counts as left out when it is null, `origin` too. Claims that are not listed are ignored.
 *
 * @throws {@link FreedomPayError} `token_expired` when nothing else is wrong with it; `token_invalid` for anything else
 * inside it, card numbers included; `key_invalid` when there is no key, or one is too short.
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
  if (!isAudience(claims["aud"])) throw invalid("its aud is not this one");
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

/** jose forgives padding and spaces, and knows extensions that have no place here: checked before it. */
function checkForm(token: string): void {
  const parts = typeof token === "string" && token.length <= LONGEST_TOKEN ? token.split(".") : [];
  const [header = "", , mac = ""] = parts;
  if (parts.length !== 3 || decodeBase64url(mac) === null) throw invalid("it is not a compact JWS");
  const decoded = decodeJson(header)?.value;
  if (!isObject(decoded)) throw invalid("its header is not a JSON object");
  if (decoded["alg"] !== "HS256") throw invalid("its alg is not HS256");
  if (Object.hasOwn(decoded, "crit") || Object.hasOwn(decoded, "b64")) throw invalid("its header asks for an extension");
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
    await compactVerify(token, key, { algorithms: ["HS256"] });
    return true;
  } catch (cause) {
    if (cause instanceof errors.JWSSignatureVerificationFailed) return false;
    throw invalid("it is not a compact JWS", cause);
  }
}

function readTimes(claims: Claims, now: number): { readonly issuedAt: number; readonly expiresAt: number } {
  const { iat, exp, nbf } = claims;
  if (!isNumericDate(iat)) throw invalid("its iat is missing or no time");
  if (!isNumericDate(exp)) throw invalid("its exp is missing or no time");
  if (!isLeftOut(nbf) && !isNumericDate(nbf)) throw invalid("its nbf is no time");
  if (iat > now + LEEWAY) throw invalid("it is from the future");
  if (!isLeftOut(nbf) && nbf > now + LEEWAY) throw invalid("it is not valid yet: its nbf is in the future");
  if (exp <= iat) throw invalid("it ends before it begins");
  if (exp - iat > MAX_LIFETIME) throw invalid("it lasts longer than 24 hours");
  return { issuedAt: Math.floor(iat), expiresAt: Math.floor(exp) };
}

function readCharge(charge: unknown): Charge {
  try {
    return parseCharge(charge);
  } catch (cause) {
    throw invalid(cause instanceof FreedomPayError ? `its charge: ${cause.message}` : "its charge cannot be read", cause);
  }
}

/** RFC 7519, section 4.1.3: one text, or an array of texts of which ours is one. */
function isAudience(aud: unknown): boolean {
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  return audiences.includes(CHARGE_TOKEN_AUDIENCE) && audiences.every((audience) => typeof audience === "string");
}

/** Many libraries write a member that has no value as null. */
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

/** The form in which a browser writes the header Origin: compared as text. */
function isOrigin(origin: unknown): origin is string {
  return typeof origin === "string" && /^https?:/.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin;
}

function isObject(value: unknown): value is Claims {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The keys of CHARGE_TOKEN_KEY, the one that signs first. */
function keyBytes(setting: string): readonly [Uint8Array, ...Uint8Array[]] {
  const [first, ...others] = keysOf(setting, "a charge token key");
  return [strongKey(first), ...others.map(strongKey)];
}

function strongKey(key: string): Uint8Array {
  const bytes = new TextEncoder().encode(key);
  if (bytes.length < SHORTEST_KEY) throw new FreedomPayError("key_invalid", `a charge token key must have at least ${SHORTEST_KEY} bytes`);
  return bytes;
}

function epochSeconds(now: Date): number {
  const seconds = Math.floor(now.getTime() / 1000);
  if (!(seconds >= 0)) throw new FreedomPayError("input_invalid", "now must be a date after 1970");
  return seconds;
}

function invalid(why: string, cause?: unknown): FreedomPayError {
  return new FreedomPayError("token_invalid", `the charge token is not valid: ${why}`, { cause });
}
