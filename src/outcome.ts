/**
 * One classification for every end of a call: the gateway answered, it refused, or nobody knows (design, "Never
 * twice, never lost", 4 and 5). What follows from it for a charge is not decided here.
 */
import { joined } from "./lib/bounded-body.ts";
import * as v from "valibot";
import type { DeclineCategory } from "./decline.ts";
import { categoryOf } from "./decline.ts";
import { httpTime } from "./lib/gateway-time.ts";
import type { ActionSpec } from "./payment.ts";
import { isNamed, readGatewayError } from "./payment-answer.ts";

/**
 * Why the end of a call is not known.
 * - `network`: the call or the reading of its answer broke off; refused, reset and half-read look alike.
 * - `timeout`, `aborted`: the call's own time-out, the caller's signal.
 * - `redirect`: status 3xx; never followed, for the signature covers one address.
 * - `rate_limited`, `server_error`: status 429, 5xx, whatever the body says.
 * - `not_json`: anything but JSON in UTF-8 of at most 1 MiB, such as a firewall's page.
 * - `odd_json`: JSON that is neither an answer nor an error of this action.
 */
export type UnknownReason = "network" | "timeout" | "aborted" | "redirect" | "rate_limited" | "server_error" | "not_json" | "odd_json";

/** The gateway answered the question; for a create that is not yet the fate of the payment. */
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

/** Nobody knows whether the gateway acted. */
export interface Unknown {
  readonly kind: "unknown";
  readonly reason: UnknownReason;
  /** Null when no status line was received. */
  readonly httpStatus: number | null;
  /** Seconds to wait as Retry-After said, null when it did not. */
  readonly retryAfter: number | null;
}

/** How a call ended. */
export type Outcome<Answer> = Answered<Answer> | Refused | Unknown;

/** An answer of more bytes than this (1 MiB) is not read to its end. */
const MAX_BYTES = 1_048_576;

/**
 * Classifies a response. Its body is always read to the end or cancelled. Never throws.
 *
 * @param action What was asked.
 * @param response The gateway's response, its body unread.
 * @param signal Stops the reading; give the signal that the call was sent with.
 */
export async function outcomeOfResponse<Answer>(
  action: ActionSpec<Answer>,
  response: Response,
  signal?: AbortSignal,
): Promise<Outcome<Answer>> {
  const { status } = response;
  const reason = reasonOfStatus(response);
  if (reason !== null) {
    await discard(response);
    return unknown(reason, status === 0 ? null : status, retryAfter(response.headers));
  }
  let bytes: Uint8Array | null;
  try {
    bytes = await read(response, signal);
  } catch (error) {
    return { ...outcomeOfThrow(error, signal), httpStatus: status };
  }
  const json = parse(bytes);
  if (json === undefined) return unknown("not_json", status);
  if (!isObject(json)) return unknown("odd_json", status);
  return outcomeOfObject(action, status, json);
}

/**
 * Classifies what fetch, or the reading of a body, threw: never an answer, so always unknown. Never throws.
 *
 * @param error What was thrown.
 * @param signal The signal that the call was sent with: once it has ended, its reason tells more than the error.
 */
export function outcomeOfThrow(error: unknown, signal?: AbortSignal): Unknown {
  const cause: unknown = signal?.aborted ? signal.reason : error;
  const name = typeof cause === "object" && cause !== null && "name" in cause ? cause.name : null;
  if (name === "TimeoutError") return unknown("timeout", null);
  return unknown(signal?.aborted || name === "AbortError" ? "aborted" : "network", null);
}

function reasonOfStatus(response: Response): UnknownReason | null {
  const { status, redirected } = response;
  const type: string = response.type;
  if (type === "opaqueredirect" || redirected || (status >= 300 && status < 400)) return "redirect";
  if (status === 0) return "network"; // Response.error(), or an opaque answer
  if (status === 429) return "rate_limited";
  return status >= 500 ? "server_error" : null;
}

function outcomeOfObject<Answer>(action: ActionSpec<Answer>, httpStatus: number, json: Readonly<Record<string, unknown>>): Outcome<Answer> {
  const error = readGatewayError(json["error"]);
  // A read that says there is none says so whatever stands beside it (contract: the sample of gateway.request.status).
  const isNotFound = error !== null && categoryOf(action.kind, error.code) === "not_found";
  const isEmpty = isEmptyObject(json);
  const read = v.safeParse(action.answer, json);
  // Members that a schema does not take over (`__proto__`, `constructor`) must not make an answer look empty.
  const isWhole = read.success && (isEmpty ? action.mayBeEmpty : !isEmptyObject(read.output));
  // A 4xx that explains itself by no error may come from anything on the way.
  if (isWhole && !isNotFound && (httpStatus < 400 || error !== null || explainedWithin(json))) {
    return { kind: "answered", httpStatus, answer: read.output };
  }
  if (error === null || (isNamed(json["id"]) && !isNotFound)) return unknown("odd_json", httpStatus);
  const { code, description = null } = error;
  return { kind: "refused", httpStatus, code, description, category: categoryOf(action.kind, code) };
}

/** gateway.request.status keeps the error of the request asked about inside its `response`. */
function explainedWithin(json: Readonly<Record<string, unknown>>): boolean {
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

/** The bytes of a body, or null when there are too many. Throws what the stream throws, or the signal's reason. */
async function read(response: Response, signal?: AbortSignal): Promise<Uint8Array | null> {
  if (response.body === null) return new Uint8Array();
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
  // A cancelled reader settles a read that hangs, whether or not fetch knew the signal.
  const stop = (): void => void reader.cancel(signal?.reason).catch(() => undefined);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    return await readAll(reader, signal);
  } finally {
    signal?.removeEventListener("abort", stop);
    stop();
  }
}

async function readAll(reader: ReadableStreamDefaultReader<Uint8Array>, signal?: AbortSignal): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    signal?.throwIfAborted();
    const { done, value } = await reader.read();
    signal?.throwIfAborted();
    if (done) return joined(chunks, length);
    length += value.length;
    if (length > MAX_BYTES) return null;
    chunks.push(value);
  }
}

/** The JSON value of the bytes; undefined when they hold none. */
function parse(bytes: Uint8Array | null): unknown {
  if (bytes === null) return undefined;
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    return undefined;
  }
}

async function discard(response: Response): Promise<void> {
  try {
    await response.body?.cancel();
  } catch {
    // A body that is already gone, or that fails while it is cancelled, is as good as discarded.
  }
}

/** Retry-After as seconds, null without one that can be read: a number, or a date beside the response's own Date (RFC 9110 §10.2.3). */
export function retryAfter(headers: Headers): number | null {
  const text = headers.get("retry-after") ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const until = httpTime(text);
  if (Number.isNaN(until)) return null;
  const date = httpTime(headers.get("date"));
  return Math.max(0, Math.ceil((until - (Number.isNaN(date) ? Date.now() : date)) / 1000));
}
