import { decodeBase64url } from "../../src/lib/base64url.ts";
import type { OpenedChargeToken } from "../../src/charge-token.ts";
import { openChargeToken } from "../../src/charge-token.ts";
import type { ProblemCode } from "../../src/edge-api.ts";
import { FreedomPayError } from "../../src/errors.ts";
import { DAY, MINUTE, SECOND } from "../../src/lib/time.ts";
import { networkOf } from "./client-address.ts";
import { isOneOf } from "./constant-time.ts";
import { Refused } from "./problem.ts";
import type { Settings } from "../settings.ts";

/** Who calls: the merchant's server, or a shopper with what the merchant signed for her. */
export type Caller = { readonly who: "merchant" } | { readonly who: "shopper"; readonly token: OpenedChargeToken };

/** Seconds for which an expired token may still read its order. */
const READABLE_AFTER_EXPIRY = DAY / SECOND;

/** The refusals that count against an address: a credential was tried and is not good. */
const REFUSED_CREDENTIALS: ReadonlySet<ProblemCode> = new Set(["token_invalid", "token_expired", "api_key_invalid"]);

/** Seconds: the period of the limiter in wrangler.toml. */
const LIMITER_PERIOD = MINUTE / SECOND;

/** The platform's limiter, where it has one: `[[ratelimits]]` in wrangler.toml. */
export interface Limiter {
  limit(options: { readonly key: string }): Promise<{ readonly success: boolean }>;
}

/**
 * Finds out who calls a route that both may use. A bearer that equals an API key is the merchant; any other is read as a
 * charge token; one that has not even the form of a token is `token_invalid` with a detail that says so.
 *
 * An `Origin` header must be one of the allowed ones, whoever calls. A token that names an origin is good only from there.
 * Browsers leave the header out of reads of their own origin, so a read without one counts as coming from the edge's own
 * address; everything else without one comes from no page at all.
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
 * Lets the merchant's server pass, and nobody else.
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
 * The refusal to answer: the one that was thrown, or `rate_limited` when its address had too many credentials refused.
 * Good credentials are never counted. Without a limiter, or when it fails, nothing changes.
 *
 * @param address whose; null when it is not known: then nothing is counted, because with one counter for all of them a stranger who tries keys would
 *   have everybody told to wait
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

/** The one token of an `Authorization: Bearer` header (RFC 6750 §2.1); null when there is none. */
function bearerOf(request: Request): string | null {
  return /^bearer +([\x21-\x7e]+)$/i.exec(request.headers.get("Authorization") ?? "")?.[1] ?? null;
}

/** Whether a text has the form of a charge token: three parts in base64url, none of them empty (RFC 7515, section 7.1). */
function looksLikeJwt(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 3 && parts.every((part) => part !== "" && decodeBase64url(part) !== null);
}

async function open(bearer: string, settings: Settings, intent: "pay" | "read", now: Date): Promise<OpenedChargeToken> {
  // Most often a server's call with a wrong or cut API key: to speak of tokens alone would send its developer the wrong way.
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
