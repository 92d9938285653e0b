import type { OpenedChargeToken } from "../../src/charge-token.ts";
import { openChargeToken } from "../../src/charge-token.ts";
import type { ProblemCode } from "../../src/edge-api.ts";
import { FreedomPayError } from "../../src/errors.ts";
import { DAY, MINUTE, SECOND } from "../../src/lib/time.ts";
import { networkOf } from "./client-address.ts";
import { isOneOf } from "./constant-time.ts";
import { Refused } from "./problem.ts";
import type { Settings } from "../settings.ts";

/** The caller: the merchant's server, or a shopper with a token that the merchant signed. */
export type Caller = { readonly who: "merchant" } | { readonly who: "shopper"; readonly token: OpenedChargeToken };

/** Seconds for which an expired token may still read its order. */
const READABLE_AFTER_EXPIRY = DAY / SECOND;

/** The refusals that count against an address: a wrong credential was sent. */
const REFUSED_CREDENTIALS: ReadonlySet<ProblemCode> = new Set(["token_invalid", "token_expired", "api_key_invalid"]);

/** Seconds: the period of the limiter in wrangler.toml. */
const LIMITER_PERIOD = MINUTE / SECOND;

/** The platform's limiter: `[[ratelimits]]` in wrangler.toml. */
export interface Limiter {
  limit(options: { readonly key: string }): Promise<{ readonly success: boolean }>;
}

/**
 * Identifies the caller of a route that both may use.
 * 1. A bearer that equals an API key is the merchant.
 * 2. Any other bearer is read as a charge token.
 * 3. A bearer without the form of a token is `token_invalid` with a detail that names both.
 *
 * An `Origin` header must be one of the allowed ones, for every caller. A token that names an origin is valid only from there. Browsers
 * send no `Origin` when they read from the page's own origin, so a read without one counts as coming from the edge's own address. Any other
 * call without one does not come from a page.
 *
 * @param intent `read` accepts a token for 24 h after it expired
 * @throws Refused origin_not_allowed, token_missing, token_invalid, token_expired
 */
export async function identify(request: Request, settings: Settings, intent: "pay" | "read", now: Date = new Date()): Promise<Caller> {
  const origin = request.headers.get("Origin");
  if (origin !== null && !settings.allowedOrigins.includes(origin)) throw new Refused("origin_not_allowed");
  const bearer = bearerOf(request);
  if (bearer === null) throw new Refused("token_missing");
  if (await isOneOf(bearer, settings.apiKeys)) return { who: "merchant" };
  const token = await open(bearer, settings, intent, now);
  const from = origin ?? (intent === "read" ? new URL(settings.publicUrl).origin : null);
  if (token.origin !== null && token.origin !== from)
    throw new Refused("origin_not_allowed", { detail: `The token is for pages of ${token.origin}, not of ${from ?? "none"}` });
  return { who: "shopper", token };
}

/**
 * Accepts the merchant's server alone.
 *
 * @throws Refused origin_not_allowed, api_key_invalid
 */
export async function identifyMerchant(request: Request, settings: Pick<Settings, "allowedOrigins" | "apiKeys">): Promise<void> {
  const origin = request.headers.get("Origin");
  if (origin !== null && !settings.allowedOrigins.includes(origin)) throw new Refused("origin_not_allowed");
  const bearer = bearerOf(request);
  if (bearer === null || !(await isOneOf(bearer, settings.apiKeys))) throw new Refused("api_key_invalid");
}

/**
 * The refusal to answer: the one that was thrown, or `rate_limited` if too many credentials of its address were refused. Accepted
 * credentials are never counted. If there is no limiter, or it fails, the refusal stays unchanged.
 *
 * @param address of the caller. If it is null nothing is counted, because one shared counter would let a stranger block every caller
 */
export async function countRefused(refused: Refused, limiter: Limiter | undefined, address: string | null): Promise<Refused> {
  if (limiter === undefined || address === null || !REFUSED_CREDENTIALS.has(refused.code)) return refused;
  try {
    const { success } = await limiter.limit({ key: networkOf(address) });
    return success ? refused : new Refused("rate_limited", { retryAfter: LIMITER_PERIOD });
  } catch {
    return refused;
  }
}

/** The one token of an `Authorization: Bearer` header (RFC 6750 §2.1), or null. */
function bearerOf(request: Request): string | null {
  return /^bearer +([\x21-\x7e]+)$/i.exec(request.headers.get("Authorization") ?? "")?.[1] ?? null;
}

/** Whether a text has the form of a charge token: three non-empty parts in base64url (RFC 7515, section 7.1). */
function looksLikeJwt(text: string): boolean {
  const parts = text.split(".");
  // Four characters are three bytes, so one character more is no byte.
  return parts.length === 3 && parts.every((part) => /^[A-Za-z0-9_-]+$/.test(part) && part.length % 4 !== 1);
}

async function open(bearer: string, settings: Settings, intent: "pay" | "read", now: Date): Promise<OpenedChargeToken> {
  // Most often this is a server's call with a wrong or truncated API key. A detail about tokens alone would mislead its developer.
  if (!looksLikeJwt(bearer)) throw new Refused("token_invalid", { detail: "neither an API key nor a charge token" });
  try {
    return await openChargeToken(bearer, {
      keys: settings.tokenKeys,
      now,
      acceptExpiredFor: intent === "read" ? READABLE_AFTER_EXPIRY : 0,
    });
  } catch (error) {
    if (!(error instanceof FreedomPayError)) throw error;
    throw new Refused(error.code === "token_expired" ? "token_expired" : "token_invalid", { detail: error.message });
  }
}
