import type { ChargeStatus, ChargeView, Problem, ProblemCode } from "../src/edge-api.ts";

/** How long a GET waits for a change at the edge, in seconds (`Prefer: wait`, RFC 7240 §4.3). */
const WAIT = 25;

/** Milliseconds until a call without an answer is given up: the edge answers a POST after 10 s at the latest. */
const CALL_TIMEOUT = 20_000;

/** The longest pause that an answer may ask for, in milliseconds. */
const MAX_RETRY_AFTER = 600_000;

const STATUSES: readonly (ChargeStatus | undefined)[] = [
  "ready",
  "closed",
  "processing",
  "unconfirmed",
  "authorized",
  "succeeded",
  "failed",
  "reversed",
  "refunded",
];

/** What every answer may ask for. */
interface Paced {
  /** How long the edge wants no further call (Retry-After), in milliseconds; 0 when it named no time. */
  readonly retryAfter: number;
}

/** The charge as it is. */
interface ChargeAnswer extends Paced {
  readonly kind: "charge";
  readonly charge: ChargeView;
  readonly etag: string | null;
}

/** The charge is as it was (304). */
interface UnchangedAnswer extends Paced {
  readonly kind: "unchanged";
}

/** A definite no (4xx, RFC 9457): asking again brings the same. */
export interface Refusal extends Paced {
  readonly kind: "refused";
  readonly code: ProblemCode;
  readonly detail: string;
  readonly charge: ChargeView | null;
}

/** Unknown: no answer, none that can be read, or 429 or 5xx. */
interface NoAnswer extends Paced {
  readonly kind: "unanswered";
  readonly httpStatus: number | null;
}

/** The result of a call to the edge. */
export type EdgeAnswer = ChargeAnswer | UnchangedAnswer | Refusal | NoAnswer;

/** The two calls of a page. They never throw. Once `signal` is aborted their answer means nothing. */
export interface EdgeClient {
  /** `GET /v1/charges/{order_id}`. With an `etag` it may answer `unchanged`; with `wait` it waits 25 s for a change. */
  read(etag: string | null, wait: boolean, signal: AbortSignal): Promise<EdgeAnswer>;
  /** `POST /v1/charges` under an Idempotency-Key; `timeLeft` in milliseconds cuts a call short. */
  pay(key: string, timeLeft: number, signal: AbortSignal): Promise<EdgeAnswer>;
}

/** Whom a client calls, and for what. */
export interface EdgeClientOptions {
  /** The edge's address, such as `https://pay.shop.example`. */
  readonly endpoint: string;
  /** The charge token, sent as the bearer. */
  readonly token: string;
  /** The order that the token is for; a charge of another order is no answer. */
  readonly orderId: string;
}

/** Retry-After in milliseconds: seconds or a date (RFC 9110 §10.2.3); 0 when there is none. */
function retryAfterOf(headers: Headers): number {
  const text = headers.get("Retry-After") ?? "";
  const milliseconds = Number(text) * 1000 || Date.parse(text) - Date.now();
  return Math.max(0, Math.min(milliseconds || 0, MAX_RETRY_AFTER));
}

/** The charge in a body, if it is one of this order. */
function chargeIn(body: Partial<ChargeView> | null | undefined, orderId: string): ChargeView | null {
  return body?.order_id === orderId && STATUSES.includes(body.status) ? (body as ChargeView) : null;
}

/** The page's client of one charge. */
export function createEdgeClient({ endpoint, token, orderId }: EdgeClientOptions): EdgeClient {
  const address = `${endpoint.trim().replace(/\/+$/, "")}/v1/charges`;

  const answerOf = async (response: Response, retryAfter: number): Promise<EdgeAnswer> => {
    const { status, headers } = response;
    if (status === 304) return { kind: "unchanged", retryAfter };
    const body = (await response.json()) as Partial<ChargeView & Omit<Problem, "status">> | null;
    const charge = chargeIn(body, orderId);
    if (response.ok && charge) return { kind: "charge", charge, etag: headers.get("ETag"), retryAfter };
    if (status < 400 || status > 499 || status === 429 || !body?.code) return { kind: "unanswered", httpStatus: status, retryAfter };
    const detail = `${body.code}: ${body.detail ?? body.title}`;
    return { kind: "refused", code: body.code, detail, charge: chargeIn(body.charge, orderId), retryAfter };
  };

  const call = async (path: string, init: RequestInit, timeout: number, signal: AbortSignal): Promise<EdgeAnswer> => {
    const controller = new AbortController();
    const stop = (): void => controller.abort();
    const timer = setTimeout(stop, timeout);
    signal.addEventListener("abort", stop);
    let httpStatus: number | null = null;
    let retryAfter = 0;
    try {
      const response = await fetch(address + path, {
        ...init,
        headers: { ...init.headers, Authorization: `Bearer ${token}` },
        // The bearer is all that the edge needs, and only the edge gets it: no cookies, no cache, no other host.
        credentials: "omit",
        cache: "no-store",
        redirect: "error",
        signal: controller.signal,
      });
      httpStatus = response.status;
      retryAfter = retryAfterOf(response.headers);
      return await answerOf(response, retryAfter);
    } catch {
      // Refused, cut off, timed out, not JSON: all the same to a shopper.
      return { kind: "unanswered", httpStatus, retryAfter };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    }
  };

  return {
    read: (etag, wait, signal) => {
      const headers = { ...(etag && { "If-None-Match": etag }), ...(wait && { Prefer: `wait=${WAIT}` }) };
      return call(`/${encodeURIComponent(orderId)}`, { method: "GET", headers }, CALL_TIMEOUT + (wait ? WAIT * 1000 : 0), signal);
    },
    pay: (key, timeLeft, signal) =>
      call("", { method: "POST", headers: { "Idempotency-Key": key } }, Math.min(CALL_TIMEOUT, timeLeft), signal),
  };
}
