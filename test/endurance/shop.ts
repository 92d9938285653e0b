/** The storefront and the merchant's server: they call the edge, and repeat a call under its key until it is answered. */
import { Agent, request } from "node:http";
import { issueChargeToken } from "../../src/charge-token.ts";
import type { MerchantChargeAnswer } from "../../src/edge-api.ts";
import { AMOUNT, MERCHANT } from "../bench/fixture.ts";

/** An answer of the edge. */
export interface EdgeAnswer {
  readonly status: number;
  readonly etag: string | null;
  /** Seconds, as text. */
  readonly retryAfter: string | null;
  readonly body: string;
}

/** Milliseconds before a call is repeated whose connection broke, and how often at most: a minute in all. */
const REPEAT_AFTER = 200;
const MAX_REPEATS = 300;

export class Shop {
  /** Calls whose connection broke, because the edge was killed. */
  broken = 0;
  /** Calls of {@link Shop.payUntilTaken} that were refused. */
  refused = 0;
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

  constructor(port: number) {
    this.#port = port;
  }

  /** A click: the same order has the same key. @param profile keywords for the simulator */
  async pay(orderId: string, profile = "pays"): Promise<EdgeAnswer> {
    const claims = {
      order_id: orderId,
      amount: AMOUNT,
      currency: "KZT",
      description: "An order",
      user_id: "12345",
      profile_id: profile,
    } as const;
    const token = await issueChargeToken(claims, { key: MERCHANT.tokenKey, issuer: "shop.example" });
    return this.#call("POST", "/v1/charges", { Authorization: `Bearer ${token}`, "Idempotency-Key": `key-${orderId}` });
  }

  /** A click whose page repeats it while the edge is unavailable: when it says so, under the same key. */
  async payUntilTaken(orderId: string): Promise<EdgeAnswer> {
    for (let repeat = 0; ; repeat += 1) {
      const answer = await this.pay(orderId);
      if (answer.status !== 503 || answer.retryAfter === null || repeat === MAX_REPEATS) return answer;
      this.refused += 1;
      await new Promise((resolve) => setTimeout(resolve, Number(answer.retryAfter) * 1000));
    }
  }

  /** The merchant's server reads an order. @param waits for a change since this tag, for so many seconds */
  read(orderId: string, waits: { readonly etag: string; readonly seconds: number } | null = null): Promise<EdgeAnswer> {
    const headers = waits === null ? {} : { "If-None-Match": waits.etag, Prefer: `wait=${waits.seconds}` };
    return this.#call("GET", `/v1/charges/${orderId}`, { Authorization: `Bearer ${MERCHANT.apiKey}`, ...headers });
  }

  /** Refunds a part, in major units. */
  refund(orderId: string, amount: number): Promise<EdgeAnswer> {
    const headers = {
      Authorization: `Bearer ${MERCHANT.apiKey}`,
      "Idempotency-Key": `refund-${orderId}`,
      "Content-Type": "application/json",
    };
    return this.#call("POST", `/v1/charges/${orderId}/refund`, headers, JSON.stringify({ amount }));
  }

  /** The order as the merchant sees it; null if the edge does not know it. */
  async view(orderId: string): Promise<MerchantChargeAnswer | null> {
    const { status, body } = await this.read(orderId);
    return status === 200 ? (JSON.parse(body) as MerchantChargeAnswer) : null;
  }

  close(): void {
    this.#agent.destroy();
  }

  async #call(method: string, path: string, headers: Readonly<Record<string, string>>, body = ""): Promise<EdgeAnswer> {
    for (let repeat = 0; ; repeat += 1)
      try {
        return await this.#once(method, path, headers, body);
      } catch (error) {
        this.broken += 1;
        if (repeat === MAX_REPEATS) throw error;
        await new Promise((resolve) => setTimeout(resolve, REPEAT_AFTER));
      }
  }

  #once(method: string, path: string, headers: Readonly<Record<string, string>>, body: string): Promise<EdgeAnswer> {
    return new Promise((resolve, reject) => {
      const length = method === "GET" ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
      const options = { host: "127.0.0.1", port: this.#port, method, path, agent: this.#agent, headers: { ...headers, ...length } };
      const sent = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", reject);
        response.once("end", () => {
          const { statusCode = 0, headers: received } = response;
          const { etag = null, "retry-after": retryAfter = null } = received;
          resolve({ status: statusCode, etag, retryAfter, body: Buffer.concat(chunks).toString() });
        });
      });
      sent.once("error", reject);
      sent.end(body);
    });
  }
}
