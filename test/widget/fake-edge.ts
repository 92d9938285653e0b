import type { ChargeView } from "../../src/edge-api.ts";
import { chargeOf } from "./charges.ts";

/** One call that a page made. */
export interface Call {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly signal: AbortSignal | null;
}

/** Answers a POST: returns a response, or throws if the network fails. */
export type Answerer = (call: Call) => Response | Promise<Response>;

export const ENDPOINT = "https://edge.example";

/** A response with this body, which is read without a turn of the event loop, so a test only has to await promises. */
export function textResponse(body: string, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return Object.assign(new Response(body, { status, headers }), { json: async () => JSON.parse(body) as unknown });
}

/** A response with this body as JSON. */
export function jsonResponse(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return textResponse(JSON.stringify(body), status, headers);
}

/** The error of a fetch without a network. */
export function networkFails(): never {
  throw new TypeError("Failed to fetch");
}

/** Throws when the page aborts the call, as a fetch does. */
function aborted({ signal }: Call): Promise<never> {
  return new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason as Error)));
}

/**
 * An edge behind `fetch`, as far as a page sees it: it shows one charge, lets a read wait for a change (for as long as the page
 * does), and answers POSTs as it is told. A read is answered by `onGet` where a test sets one.
 */
export class FakeEdge {
  readonly calls: Call[] = [];
  onGet: Answerer | null = null;
  onPost: Answerer = () => {
    this.charge = chargeOf({ ...this.charge, status: "succeeded", attempt: this.charge.attempt + 1, payment_id: "77" });
    return jsonResponse(this.charge, 201);
  };
  #charge: ChargeView = chargeOf();
  #version = 1;
  #waiting: (() => void)[] = [];

  get charge(): ChargeView {
    return this.#charge;
  }

  set charge(charge: ChargeView) {
    this.#charge = charge;
    this.#version += 1;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  get posts(): readonly Call[] {
    return this.calls.filter(({ method }) => method === "POST");
  }

  get gets(): readonly Call[] {
    return this.calls.filter(({ method }) => method === "GET");
  }

  readonly fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const call = { method: init.method ?? "GET", url: String(input), headers: new Headers(init.headers), signal: init.signal ?? null };
    this.calls.push(call);
    if (call.method === "POST") return Promise.race([this.onPost(call), aborted(call)]);
    if (this.onGet) return this.onGet(call);
    if (call.headers.has("Prefer") && call.headers.get("If-None-Match") === this.#etag)
      await Promise.race([new Promise<void>((resolve) => this.#waiting.push(resolve)), aborted(call)]);
    return call.headers.get("If-None-Match") === this.#etag
      ? new Response(null, { status: 304 })
      : jsonResponse(this.#charge, 200, { ETag: this.#etag });
  };

  get #etag(): string {
    return `"${this.#version}"`;
  }
}
