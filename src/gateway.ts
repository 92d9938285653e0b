/**
 * One call to the gateway in three parts that can be used separately: build and sign a Request, send it, read the
 * Response. Every answer and every network error becomes an {@link Outcome}.
 */
import { FreedomPayError } from "./errors.ts";
import { isLoopback } from "./lib/loopback.ts";
import type { Fetch } from "./lib/sending.ts";
import { timeLimit } from "./lib/time-limit.ts";
import type { Outcome } from "./outcome.ts";
import { outcomeOfResponse, outcomeOfThrow } from "./outcome.ts";
import type { UnsignedCall } from "./payment.ts";
import type { Signer, SignerOptions } from "./signature.ts";
import { createSigner } from "./signature.ts";
import { sendWith } from "./lib/sending.ts";

/** The hosts of the gateway (Async API, "Hosts"). */
export const GATEWAY_HOSTS: readonly string[] = [
  "api.freedompay.kz",
  "test-api.freedompay.kz",
  "api.freedompay.kg",
  "test-api.freedompay.kg",
  "api.freedompay.uz",
];

/** Time limit of a call, including the body of the answer, ms. */
export const CALL_TIMEOUT = 20_000;

/** A gateway and the merchant that signs. */
export interface Gateway {
  /** An origin, such as `https://api.freedompay.kz`. */
  readonly url: string;
  readonly signer: Signer;
}

/** Options of {@link createGateway}. */
export interface GatewayOptions extends SignerOptions {
  /** One of {@link GATEWAY_HOSTS} over https, or a loopback address over http. */
  readonly url: string;
}

/** Options of one call. */
export interface SendOptions {
  /** Aborts the call. */
  readonly signal?: AbortSignal | undefined;
  /** Time limit for the call, including the body of the answer, ms. Default: {@link CALL_TIMEOUT}. */
  readonly timeout?: number | undefined;
  /** Replaces the global fetch, for example by that of a service binding or of a simulated gateway. */
  readonly fetch?: Fetch | undefined;
}

/**
 * Whether a URL can be the gateway's: a known host over https, or loopback over http for a simulated gateway. It must be
 * an origin, without path, query, user or another port.
 *
 * @example
 * ```ts
 * import { isGatewayUrl } from "freedom-pay-charge";
 *
 * isGatewayUrl("https://api.freedompay.kz"); // true
 * isGatewayUrl("http://127.0.0.1:9000"); // true: a simulated gateway
 * isGatewayUrl("https://freedompay.example"); // false
 * ```
 */
export function isGatewayUrl(url: string): boolean {
  return originOf(url) !== null;
}

/**
 * Creates a gateway client. Imports the key.
 *
 * @throws {@link FreedomPayError} `input_invalid` for a URL that {@link isGatewayUrl} refuses, a merchant id that is not
 * a string of digits, or an unknown algorithm; `key_invalid` for an empty key.
 *
 * @example
 * ```ts
 * import { createGateway } from "freedom-pay-charge";
 *
 * const gateway = await createGateway({
 *   url: "https://test-api.freedompay.kz",
 *   merchantId: "500000",
 *   secretKey: process.env["FREEDOM_PAY_SECRET_KEY"] ?? "",
 * });
 * console.log(gateway.url, gateway.signer.merchantId);
 * ```
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const url = originOf(options.url);
  if (url === null) {
    throw new FreedomPayError("input_invalid", "the gateway's URL must be a known Freedom Pay host over https, or loopback over http");
  }
  return { url, signer: await createSigner(options) };
}

/**
 * Signs a call and builds its Request (Async API, "Request headers"). Redirects are not followed.
 *
 * @throws {@link FreedomPayError} `input_invalid` when the call's endpoint is not a path.
 *
 * @example
 * ```ts
 * import { buildRequest, createGateway, paymentStatus, requestId } from "freedom-pay-charge";
 *
 * const gateway = await createGateway({
 *   url: "https://test-api.freedompay.kz",
 *   merchantId: "500000",
 *   secretKey: process.env["FREEDOM_PAY_SECRET_KEY"] ?? "",
 * });
 * const request = await buildRequest(gateway, paymentStatus({ order_id: "1234" }, requestId()));
 * console.log(request.headers.get("X-Action")); // gateway.payment.status
 * ```
 */
export async function buildRequest(gateway: Gateway, call: UnsignedCall<unknown>): Promise<Request> {
  const { action, requestId } = call;
  const body = new TextEncoder().encode(call.body);
  const headers = new Headers({
    "X-JWS-Signature": await gateway.signer.sign(action.endpoint, body),
    "X-Request-Id": requestId,
    "Content-Type": "application/json",
    Accept: "application/json",
  });
  if (action.name !== "") headers.set("X-Action", action.name);
  return new Request(gateway.url + action.endpoint, { method: "POST", headers, body, redirect: "manual" });
}

/**
 * Sends a request of {@link buildRequest} once.
 *
 * @returns The response with its body unread. The time limit and the signal also apply to the body.
 * @throws Only the errors of fetch: a TypeError, or the reason of the signal that aborted it.
 *
 * @example
 * ```ts
 * import { ACTIONS, buildRequest, createGateway, outcomeOfResponse, outcomeOfThrow, paymentStatus, requestId, send } from "freedom-pay-charge";
 *
 * const gateway = await createGateway({
 *   url: "https://test-api.freedompay.kz",
 *   merchantId: "500000",
 *   secretKey: process.env["FREEDOM_PAY_SECRET_KEY"] ?? "",
 * });
 * const request = await buildRequest(gateway, paymentStatus({ order_id: "1234" }, requestId()));
 * const outcome = await send(request, { timeout: 5000 }).then((response) => outcomeOfResponse(ACTIONS.paymentStatus, response), outcomeOfThrow);
 * console.log(outcome.kind);
 * ```
 */
export async function send(request: Request, options: SendOptions = {}): Promise<Response> {
  return sendWith(request, abortSignalOf(options), options.fetch);
}

/**
 * Builds, sends and reads one call.
 *
 * @returns The outcome. Errors of the gateway or the network never throw.
 * @throws {@link FreedomPayError} `input_invalid`, before anything is sent.
 *
 * @example
 * ```ts
 * import { callGateway, createGateway, paymentStatus, requestId } from "freedom-pay-charge";
 *
 * const gateway = await createGateway({
 *   url: "https://test-api.freedompay.kz",
 *   merchantId: "500000",
 *   secretKey: process.env["FREEDOM_PAY_SECRET_KEY"] ?? "",
 * });
 * const outcome = await callGateway(gateway, paymentStatus({ order_id: "1234" }, requestId()));
 * if (outcome.kind === "answered") console.log(outcome.answer.status);
 * if (outcome.kind === "refused") console.log(outcome.code, outcome.category);
 * if (outcome.kind === "unknown") console.log(outcome.reason);
 * ```
 */
export async function callGateway<Answer>(
  gateway: Gateway,
  call: UnsignedCall<Answer>,
  options: SendOptions = {},
): Promise<Outcome<Answer>> {
  const request = await buildRequest(gateway, call);
  const { signal, clear } = timeLimit(options.timeout ?? CALL_TIMEOUT, options.signal);
  try {
    return await outcomeOfResponse(call.action, await sendWith(request, signal, options.fetch), signal);
  } catch (error) {
    return outcomeOfThrow(error, signal);
  } finally {
    clear();
  }
}

/** The signal of a response whose body the caller reads: nobody says when that has ended, so its timer is not cleared. */
function abortSignalOf({ signal, timeout = CALL_TIMEOUT }: SendOptions): AbortSignal {
  const timedOut = AbortSignal.timeout(timeout);
  return signal === undefined ? timedOut : AbortSignal.any([signal, timedOut]);
}

function originOf(url: string): string | null {
  if (typeof url !== "string" || !URL.canParse(url)) return null;
  const { protocol, hostname, port, origin, href } = new URL(url);
  if (href !== `${origin}/`) return null;
  if (protocol === "https:") return GATEWAY_HOSTS.includes(hostname) && port === "" ? origin : null;
  return protocol === "http:" && isLoopback(hostname) ? origin : null;
}
