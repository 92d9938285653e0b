/** The faults of one call, and the faulty answers. */

import type { Reply } from "./state.ts";
import type { AnswerShape } from "./timeline.ts";

/**
 * The answer that replaces the true one.
 *
 * - `lost`: no answer; the connection breaks.
 * - `truncated`: a complete HTTP answer whose JSON text stops half-way.
 * - `cut`: the connection breaks in the middle of the body.
 * - `empty`: `{}` under HTTP 200.
 * - `html`: a firewall's or proxy's page.
 * - an object: this HTTP status. With `code` the body is a JSON error (possible under 200 too), without it an HTML page
 *   (for 3xx also a Location header). `retryAfter` (seconds) adds a Retry-After header.
 */
export type FaultyAnswer =
  | "lost"
  | "truncated"
  | "cut"
  | "empty"
  | "html"
  | { readonly httpStatus: number; readonly code?: string; readonly retryAfter?: number };

/** The fault of one call. An empty object: no fault. */
export interface Fault {
  /** False: the gateway does not act on the call and does not remember it. */
  readonly acts?: boolean;
  /** The gateway accepts the call only after so many milliseconds, or earlier if it is sent again. The answer is lost. */
  readonly actsAfter?: number;
  readonly answer?: FaultyAnswer;
  /** The answer leaves so many milliseconds after the gateway acted. */
  readonly answersAfter?: number;
  /** The gateway refuses with an error without a payment id, and remembers it under the X-Request-Id. */
  readonly refuses?: { readonly code: string; readonly httpStatus?: 200 | 422; readonly detail?: string };
  /** Create: the payment is made and declined immediately with this code, as after a rejected check. */
  readonly declines?: string;
  /** Reads: the answer shows the state of so many milliseconds ago. */
  readonly lag?: number;
  /** Reads: the shape of this one answer. */
  readonly shows?: AnswerShape;
}

/** Descriptions of the contract's codes. Their texts are ours. */
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
  "11018": "The amount is more than the remaining amount",
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

function replyOf(faulty: Exclude<FaultyAnswer, string>): Reply {
  const headers: Record<string, string> = {};
  if (faulty.retryAfter !== undefined) {
    headers["retry-after"] = String(faulty.retryAfter);
  }
  if (faulty.httpStatus >= 300 && faulty.httpStatus < 400) {
    headers["location"] = "https://gateway.example/elsewhere";
  }
  if (faulty.code === undefined) {
    return htmlReply(faulty.httpStatus, headers);
  }
  return { httpStatus: faulty.httpStatus, headers: { ...JSON_TYPE, ...headers }, body: errorBody(faulty.code), cut: false };
}

/** The invented answer that is cut in half when the gateway did not act, because then there is no true one. */
const INVENTED_REPLY: Reply = { httpStatus: 200, headers: JSON_TYPE, body: '{"id":"1","status":"proc', cut: false };

const halved = (reply: Reply, cut: boolean): Reply => ({ ...reply, body: reply.body.slice(0, Math.ceil(reply.body.length / 2)), cut });

const FAULTY_REPLIES: Readonly<Record<Extract<FaultyAnswer, string>, (reply: Reply) => Reply | null>> = {
  lost: () => null,
  truncated: (reply) => halved(reply, false),
  cut: (reply) => halved(reply, true),
  empty: (reply) => ({ ...reply, httpStatus: 200, body: "{}" }),
  html: () => htmlReply(403),
};

/**
 * The answer that replaces the true one.
 *
 * @param reply - the true answer; null when the gateway did not act.
 * @param answer - what replaces it.
 * @returns null when no answer arrives.
 */
export function faultyReply(reply: Reply | null, answer: FaultyAnswer): Reply | null {
  return typeof answer === "string" ? FAULTY_REPLIES[answer](reply ?? INVENTED_REPLY) : replyOf(answer);
}
