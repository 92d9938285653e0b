import type { ChargeStatus, ChargeView, Problem, ProblemCode } from "../src/edge-api.ts";

/** How long a GET waits for a change at the edge, in seconds (`Prefer: wait`, RFC 7240 §4.3). */
const WAIT = 25;

/** Milliseconds until a call without an answer is given up: the edge answers a POST after 10 s at the latest. */
const CALL_TIMEOUT = 20_000;

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

/** What a call to the edge came to. */
export type EdgeAnswer =
  /** The charge as it is. */
  | { readonly kind: "charge"; readonly charge: ChargeView; readonly etag: string | null }
  /** It is as it was (304). */
  | { readonly kind: "unchanged" }
  /** A definite no (4xx, RFC 9457): asking again brings the same. */
  | { readonly kind: "refused"; readonly code: ProblemCode; readonly detail: string; readonly charge: ChargeView | null }
  /** Nobody knows: no answer, none that can be read, or 429 or 5xx. `retryAfter` in milliseconds, 0 when the edge named none. */
  | { readonly kind: "unanswered"; readonly httpStatus: number | null; readonly retryAfter: number };

/** The two calls of a page. They never throw; when `signal` ended one, its answer means nothing. */
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

/** The page's client of one charge. */
export function createEdgeClient({ endpoint, token, orderId }: EdgeClientOptions): EdgeClient {
  const ours = (charge: Partial<ChargeView> | null | undefined): ChargeView | null =>
    charge?.order_id === orderId && STATUSES.includes(charge.status) ? (charge as ChargeView) : null;

  const call = async (
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    timeout: number,
    signal: AbortSignal,
  ): Promise<EdgeAnswer> => {
    const controller = new AbortController();
    const stop = (): void => controller.abort();
    const timer = setTimeout(stop, timeout);
    signal.addEventListener("abort", stop);
    let httpStatus: number | null = null;
    let retryAfter = 0;
    try {
      const response = await fetch(`${endpoint.replace(/\/+$/, "")}/v1/charges${path}`, {
        method,
        headers: { ...headers, Authorization: `Bearer ${token}` },
        // The bearer is all that the edge needs to know, and only the edge: no cookies, no cache, no other host.
        credentials: "omit",
        cache: "no-store",
        redirect: "error",
        signal: controller.signal,
      });
      httpStatus = response.status;
      retryAfter = Math.max(0, Math.min(Number(response.headers.get("Retry-After")) * 1000 || 0, 600_000));
      if (httpStatus === 304) return { kind: "unchanged" };
      const body = (await response.json()) as Partial<ChargeView & Omit<Problem, "status">> | null;
      const charge = ours(body);
      if (response.ok && charge) return { kind: "charge", charge, etag: response.headers.get("ETag") };
      if (httpStatus >= 400 && httpStatus < 500 && httpStatus !== 429 && body?.code)
        return {
          kind: "refused",
          code: body.code,
          detail: `${body.code}: ${body.detail ?? body.title}`,
          charge: ours(body.charge),
        };
    } catch {
      // Refused, cut off, timed out, no JSON: one and the same for a shopper.
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    }
    return { kind: "unanswered", httpStatus, retryAfter };
  };

  return {
    read: (etag, wait, signal) =>
      call(
        "GET",
        `/${encodeURIComponent(orderId)}`,
        { ...(etag && { "If-None-Match": etag }), ...(wait && { Prefer: `wait=${WAIT}` }) },
        CALL_TIMEOUT + (wait ? WAIT * 1000 : 0),
        signal,
      ),
    pay: (key, timeLeft, signal) => call("POST", "", { "Idempotency-Key": key }, Math.min(CALL_TIMEOUT, timeLeft), signal),
  };
}
