/**
 * Classifies the end of every call: the gateway answered, it refused, or the end is unknown (design, "Never twice, never
 * lost", 4 and 5). The caller decides what that means for a charge.
 */
import * as v from "valibot";
import type { DeclineCategory } from "./decline.ts";
import { categoryOf } from "./decline.ts";
import { httpTime } from "./lib/gateway-time.ts";
import type { ActionSpec } from "./payment.ts";
import { isNamed, readGatewayError } from "./payment-answer.ts";
import { discardBody, readBody, reasonOfStatus } from "./lib/response-body.ts";

/**
 * Why the end of a call is unknown.
 * - `network`: the connection failed. Refused, reset and half-read cannot be distinguished.
 * - `timeout`, `aborted`: the call's time limit, the caller's signal.
 * - `redirect`: status 3xx. Never followed, because the signature covers one address.
 * - `rate_limited`, `server_error`: status 429, 5xx, with any body.
 * - `not_json`: anything but JSON in UTF-8 of at most 1 MiB, such as a firewall's page.
 * - `odd_json`: JSON that is neither an answer nor an error of this action.
 */
export type UnknownReason = "network" | "timeout" | "aborted" | "redirect" | "rate_limited" | "server_error" | "not_json" | "odd_json";

/** The gateway answered. For a create this does not decide the payment. */
export interface Answered<Answer> {
  readonly kind: "answered";
  readonly httpStatus: number;
  readonly answer: Answer;
}

/** The gateway answered with an error and without a payment. */
export interface Refused {
  readonly kind: "refused";
  readonly httpStatus: number;
  /** The gateway's code, such as `"9403"`. */
  readonly code: string;
  /** The gateway's text, for the merchant. */
  readonly description: string | null;
  readonly category: DeclineCategory;
}

/** It is unknown whether the gateway acted. */
export interface Unknown {
  readonly kind: "unknown";
  readonly reason: UnknownReason;
  /** Null when no status line arrived. */
  readonly httpStatus: number | null;
  /** Seconds of Retry-After; null without it. */
  readonly retryAfter: number | null;
}

/** The end of a call. */
export type Outcome<Answer> = Answered<Answer> | Refused | Unknown;

/**
 * Classifies a response. Its body is always read to the end or cancelled. Never throws.
 *
 * @param action The action of the call.
 * @param response The gateway's response with its body unread.
 * @param signal The signal of the call. It also stops the reading.
 *
 * @example
 * ```ts
 * import { ACTIONS, outcomeOfResponse } from "freedom-pay-charge";
 *
 * const outcome = await outcomeOfResponse(ACTIONS.paymentStatus, Response.json({}));
 * console.log(outcome.kind); // answered: there is no such payment
 * ```
 */
export async function outcomeOfResponse<Answer>(
  action: ActionSpec<Answer>,
  response: Response,
  signal?: AbortSignal,
): Promise<Outcome<Answer>> {
  const { status } = response;
  const reason = reasonOfStatus(response);
  if (reason !== null) {
    await discardBody(response);
    return unknown(reason, status === 0 ? null : status, retryAfter(response.headers));
  }
  let bytes: Uint8Array | null;
  try {
    bytes = await readBody(response, signal);
  } catch (error) {
    return { ...outcomeOfThrow(error, signal), httpStatus: status };
  }
  const json = parse(bytes);
  if (json === undefined) return unknown("not_json", status);
  if (!isObject(json)) return unknown("odd_json", status);
  return outcomeOfObject(action, status, json);
}

/**
 * Classifies an error of fetch or of reading a body. The outcome is always unknown. Never throws.
 *
 * @param error The error.
 * @param signal The signal of the call. If it is aborted, its reason is used instead of the error.
 *
 * @example
 * ```ts
 * import { outcomeOfThrow } from "freedom-pay-charge";
 *
 * console.log(outcomeOfThrow(new TypeError("fetch failed")).reason); // network
 * ```
 */
export function outcomeOfThrow(error: unknown, signal?: AbortSignal): Unknown {
  const cause: unknown = signal?.aborted ? signal.reason : error;
  const name = typeof cause === "object" && cause !== null && "name" in cause ? cause.name : null;
  if (name === "TimeoutError") return unknown("timeout", null);
  return unknown(signal?.aborted || name === "AbortError" ? "aborted" : "network", null);
}

function outcomeOfObject<Answer>(action: ActionSpec<Answer>, httpStatus: number, json: Readonly<Record<string, unknown>>): Outcome<Answer> {
  const error = readGatewayError(json["error"]);
  // An error `not_found` outranks all other members (contract: the sample of gateway.request.status).
  const isNotFound = error !== null && categoryOf(action.kind, error.code) === "not_found";
  const isEmpty = isEmptyObject(json);
  const read = v.safeParse(action.answer, json);
  // An answer whose only members the schema drops (`__proto__`, `constructor`) does not count as empty.
  const isReadable = read.success && (isEmpty ? action.mayBeEmpty : !isEmptyObject(read.output));
  // A 4xx without a gateway error may come from a proxy or a firewall.
  if (isReadable && !isNotFound && (httpStatus < 400 || error !== null || hasInnerError(json))) {
    return { kind: "answered", httpStatus, answer: read.output };
  }
  if (error === null || (isNamed(json["id"]) && !isNotFound)) return unknown("odd_json", httpStatus);
  const { code, description = null } = error;
  return { kind: "refused", httpStatus, code, description, category: categoryOf(action.kind, code) };
}

/** Whether `response` has an error: there gateway.request.status shows the error of the earlier request. */
function hasInnerError(json: Readonly<Record<string, unknown>>): boolean {
  const response = json["response"];
  return isObject(response) && readGatewayError(response["error"]) !== null;
}

function isEmptyObject(json: unknown): boolean {
  return isObject(json) && Object.keys(json).length === 0;
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function unknown(reason: UnknownReason, httpStatus: number | null, retryAfter: number | null = null): Unknown {
  return { kind: "unknown", reason, httpStatus, retryAfter };
}

/** The JSON value of the bytes; undefined when they are not JSON. */
function parse(bytes: Uint8Array | null): unknown {
  if (bytes === null) return undefined;
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** Retry-After in seconds: a number, or a date relative to the response's Date (RFC 9110 §10.2.3). Null if it is missing or invalid. */
export function retryAfter(headers: Headers): number | null {
  const text = headers.get("retry-after") ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const until = httpTime(text);
  if (Number.isNaN(until)) return null;
  const date = httpTime(headers.get("date"));
  return Math.max(0, Math.ceil((until - (Number.isNaN(date) ? Date.now() : date)) / 1000));
}
