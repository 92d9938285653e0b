/** What can go wrong with one call, and what the spoiled answers look like. */

import type { Reply } from "./state.ts";
import type { Shows } from "./timeline.ts";

/**
 * What comes back instead of the true answer.
 *
 * - `lost`: nothing; the connection breaks.
 * - `truncated`: a whole HTTP answer whose JSON text stops half-way.
 * - `cut`: the connection breaks in the middle of the body.
 * - `empty`: `{}` under HTTP 200.
 * - `html`: a firewall's or proxy's page.
 * - otherwise that HTTP status: with `code` a JSON error (so an error under 200 can be said), without one an HTML page
 *   (and for 3xx a Location), with `retryAfter` (seconds) a Retry-After header.
 */
export type SpoiledAnswer =
  | "lost"
  | "truncated"
  | "cut"
  | "empty"
  | "html"
  | { readonly httpStatus: number; readonly code?: string; readonly retryAfter?: number };

/** What goes wrong with one call. An empty object: nothing. */
export interface Fault {
  /** False: the call never gets as far as the gateway's books. Nothing is remembered of it. */
  readonly acts?: boolean;
  /** Accepted only after so many milliseconds, unless it was sent again before; the answer is lost. */
  readonly actsAfter?: number;
  readonly answer?: SpoiledAnswer;
  /** The answer leaves so many milliseconds after the gateway acted. */
  readonly answersAfter?: number;
  /** The gateway itself refuses: a bare error without a payment id, remembered under the X-Request-Id. */
  readonly refuses?: { readonly code: string; readonly httpStatus?: 200 | 422; readonly detail?: string };
  /** Create: the payment is made and declined at once with this code (what a rejected check leads to). */
  readonly declines?: string;
  /** Reads: the answer shows how things were so many milliseconds ago. */
  readonly lag?: number;
  /** Reads: this once, the answer is written like this. */
  readonly shows?: Shows;
}

/** Descriptions for a reader; the words are ours, the codes are the contract's. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  "1100": "Incorrect signature",
  "1202": "Incorrect payment id",
  "9403": "Incorrect parameters",
  "9991": "Duplicate request",
  "9992": "Recurrent payments are not enabled",
  "10007": "Declined by the bank",
  "10009": "Insufficient funds",
  "10017": "Card expired",
  "10021": "Declined by the merchant's check",
  "11017": "The payment does not allow this operation",
  "11018": "The amount is more than what is left",
  "11068": "Payment not found",
  "11070": "Recurrent profile not found or expired",
};

/** A description for an error code. */
export function describe(code: string): string {
  return DESCRIPTIONS[code] ?? "The operation failed";
}

/** The gateway's error body: `{"error":{"code":"9403","description":"..."}}` (contract, "Errors"). */
export function errorBody(code: string, detail?: string): string {
  const description = detail === undefined ? describe(code) : `${describe(code)}: ${detail}`;
  return JSON.stringify({ error: { code, description } });
}

const JSON_TYPE = { "content-type": "application/json" };
const HTML_TYPE = { "content-type": "text/html; charset=utf-8" };

/** An HTML page under a status, as a firewall or a proxy writes it. */
export function htmlReply(httpStatus: number, headers: Readonly<Record<string, string>> = {}): Reply {
  const body = `<!doctype html>\n<html><head><title>${httpStatus}</title></head><body><h1>${httpStatus}</h1><p>Simulated.</p></body></html>\n`;
  return { httpStatus, headers: { ...HTML_TYPE, ...headers }, body, cut: false };
}

function replyOf(spoiled: Exclude<SpoiledAnswer, string>): Reply {
  const headers: Record<string, string> = {};
  if (spoiled.retryAfter !== undefined) {
    headers["retry-after"] = String(spoiled.retryAfter);
  }
  if (spoiled.httpStatus >= 300 && spoiled.httpStatus < 400) {
    headers["location"] = "https://gateway.example/elsewhere";
  }
  if (spoiled.code === undefined) {
    return htmlReply(spoiled.httpStatus, headers);
  }
  return { httpStatus: spoiled.httpStatus, headers: { ...JSON_TYPE, ...headers }, body: errorBody(spoiled.code), cut: false };
}

/** What a call gets that never acted: there is no true answer to cut in half, so that half is made up. */
const NEVER_ANSWERED: Reply = { httpStatus: 200, headers: JSON_TYPE, body: '{"id":"1","status":"proc', cut: false };

const halved = (reply: Reply, cut: boolean): Reply => ({ ...reply, body: reply.body.slice(0, Math.ceil(reply.body.length / 2)), cut });

const NAMED: Readonly<Record<Extract<SpoiledAnswer, string>, (reply: Reply) => Reply | null>> = {
  lost: () => null,
  truncated: (reply) => halved(reply, false),
  cut: (reply) => halved(reply, true),
  empty: (reply) => ({ ...reply, httpStatus: 200, body: "{}" }),
  html: () => htmlReply(403),
};

/**
 * The answer that arrives instead of the true one.
 *
 * @param reply - the true answer; null when the call never acted.
 * @param answer - how it is spoiled.
 * @returns null when nothing arrives.
 */
export function spoil(reply: Reply | null, answer: SpoiledAnswer): Reply | null {
  return typeof answer === "string" ? NAMED[answer](reply ?? NEVER_ANSWERED) : replyOf(answer);
}
