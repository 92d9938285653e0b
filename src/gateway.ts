/**
 * One call of the gateway, in three parts that can be used apart: build and sign a Request, send it, read the
 * Response. Whatever the gateway or the network does ends in an {@link Outcome}.
 */
import { FreedomPayError } from "./errors.ts";
import { isLoopback } from "./lib/loopback.ts";
import type { Outcome } from "./outcome.ts";
import { outcomeOfResponse, outcomeOfThrow } from "./outcome.ts";
import type { UnsignedCall } from "./payment.ts";
import type { Signer, SignerOptions } from "./signature.ts";
import { createSigner } from "./signature.ts";

/** The hosts of the gateway (Async API, "Hosts"). */
export const GATEWAY_HOSTS: readonly string[] = [
  "api.freedompay.kz",
  "test-api.freedompay.kz",
  "api.freedompay.kg",
  "test-api.freedompay.kg",
  "api.freedompay.uz",
];

/** A call that takes longer than this, its answer's body included, is given up. Milliseconds. */
export const CALL_TIMEOUT = 20_000;

/** Where calls go and in whose name. */
export interface Gateway {
  /** An origin, such as `https://api.freedompay.kz`. */
  readonly url: string;
  readonly signer: Signer;
}

/** What {@link createGateway} takes. */
export interface GatewayOptions extends SignerOptions {
  /** One of {@link GATEWAY_HOSTS} over https, or a loopback address over http. */
  readonly url: string;
}

/** How one call is sent. */
export interface SendOptions {
  /** Ends the call from outside. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the whole call, its answer's body included; {@link CALL_TIMEOUT} when left out. */
  readonly timeout?: number | undefined;
  /** In place of the global fetch: a service binding's, a simulated gateway's. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
}

/**
 * Whether a URL may be the gateway's: a known host over https, or loopback over http, for a simulated gateway. An
 * origin, so no path, query, user or other port.
 */
export function isGatewayUrl(url: string): boolean {
  return originOf(url) !== null;
}

/**
 * A gateway to call. Imports the key.
 *
 * @throws {@link FreedomPayError} `input_invalid` for a URL that {@link isGatewayUrl} refuses, a merchant id that is no
 * string of digits, or an unknown algorithm; `key_invalid` for an empty key.
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const url = originOf(options.url);
  if (url === null) {
    throw new FreedomPayError("input_invalid", "the gateway's URL must be a known Freedom Pay host over https, or loopback over http");
  }
  return { url, signer: await createSigner(options) };
}

/**
 * Signs a call and makes the Request of it (Async API, "Request headers"). Redirects are not followed.
 *
 * @throws {@link FreedomPayError} `input_invalid` when the call's endpoint is not a path.
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
 * Sends a request that {@link buildRequest} made, once.
 *
 * @returns The response, its body unread: the time-out and the signal still hold for it.
 * @throws Only what fetch throws: a TypeError, or the reason of the signal that ended it.
 */
export async function send(request: Request, options: SendOptions = {}): Promise<Response> {
  return sendWith(request, endOfCall(options), options.fetch);
}

/**
 * Builds, sends and reads one call.
 *
 * @returns How it ended; never throws for anything that the gateway or the network did.
 * @throws {@link FreedomPayError} `input_invalid`, before anything is sent.
 */
export async function callGateway<Answer>(
  gateway: Gateway,
  call: UnsignedCall<Answer>,
  options: SendOptions = {},
): Promise<Outcome<Answer>> {
  const request = await buildRequest(gateway, call);
  const end = endOfCall(options);
  try {
    return await outcomeOfResponse(call.action, await sendWith(request, end, options.fetch), end);
  } catch (error) {
    return outcomeOfThrow(error, end);
  }
}

function endOfCall({ signal, timeout = CALL_TIMEOUT }: SendOptions): AbortSignal {
  const late = AbortSignal.timeout(timeout);
  return signal === undefined ? late : AbortSignal.any([signal, late]);
}

type Fetch = NonNullable<SendOptions["fetch"]>;

/** Every runtime has its own error for a call that a signal ended, and a given fetch may not look at signals at all. */
async function sendWith(request: Request, signal: AbortSignal, fetch: Fetch = (made) => globalThis.fetch(made)): Promise<Response> {
  signal.throwIfAborted();
  let end = (): void => undefined;
  const ended = new Promise<never>((_, reject) => {
    end = () => reject(signal.reason);
  });
  signal.addEventListener("abort", end, { once: true });
  try {
    return await Promise.race([fetch(new Request(request, { signal })), ended]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}

function originOf(url: string): string | null {
  if (typeof url !== "string" || !URL.canParse(url)) return null;
  const { protocol, hostname, port, origin, href } = new URL(url);
  if (href !== `${origin}/`) return null;
  if (protocol === "https:") return GATEWAY_HOSTS.includes(hostname) && port === "" ? origin : null;
  return protocol === "http:" && isLoopback(hostname) ? origin : null;
}
