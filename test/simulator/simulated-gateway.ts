/** A simulated gateway with its own clock, and a merchant's server. */

import { createHash } from "node:crypto";
import type { Simulator, SimulatorOptions } from "../../src/simulator/index.ts";
import { createSimulator } from "../../src/simulator/index.ts";
import type { Call } from "../../src/simulator/index.ts";
import type { CreateOptions } from "./gateway-calls.ts";
import { create, http, MERCHANT, SECRET } from "./gateway-calls.ts";
import type { VirtualTime } from "./virtual-time.ts";
import { virtualTime } from "./virtual-time.ts";

export const URLS = { check_url: "https://shop.example/hooks/check", result_url: "https://shop.example/hooks/result" };

/** An answer of the older API, signed by node:crypto: `script;values in the order of their field names;secret_key`. */
export function signedAnswer(status: string, url: string, key: string = SECRET, more: Readonly<Record<string, string>> = {}): string {
  const fields: Readonly<Record<string, string>> = { ...more, pg_salt: "salt-of-the-shop", pg_status: status };
  const names = Object.keys(fields).sort();
  const values = names.map((name) => fields[name] ?? "");
  const signature = createHash("md5")
    .update([new URL(url).pathname.split("/").at(-1), ...values, key].join(";"))
    .digest("hex");
  const escaped = (text = ""): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const members = names.map((name) => (fields[name] === "" ? `<${name}/>` : `<${name}>${escaped(fields[name])}</${name}>`));
  return `<?xml version="1.0" encoding="utf-8"?>\n<response>${members.join("")}<pg_sig>${signature}</pg_sig></response>\n`;
}

export interface ReceivedCallback {
  readonly url: string;
  readonly body: string;
  readonly at: number;
}

/** A merchant's server with the given answers. */
export function shop(
  time: VirtualTime,
  answers: (received: ReceivedCallback, nth: number) => Response | Promise<Response> = () => new Response("", { status: 200 }),
) {
  const received: ReceivedCallback[] = [];
  return {
    received,
    fetch: (async (input: string | URL | Request, init?: RequestInit) => {
      const callback = { url: String(input), body: String(init?.body), at: time.now() };
      received.push(callback);
      return answers(callback, received.length);
    }) as typeof fetch,
    results: () => received.filter((callback) => callback.url === URLS.result_url),
  };
}

export function simulator(
  options: Partial<SimulatorOptions> = {},
  time = virtualTime(),
): { readonly gateway: Simulator; readonly time: VirtualTime } {
  const { now, wait } = time;
  return { time, gateway: createSimulator({ merchantId: MERCHANT, secretKeys: [SECRET], now, wait, fetch: shop(time).fetch, ...options }) };
}

export const charge = async (gateway: Simulator, options: CreateOptions = {}): Promise<Record<string, unknown>> =>
  (await (await gateway.fetch(http(create(options)))).json()) as Record<string, unknown>;

export const send = async (gateway: Simulator, request: Call): Promise<Record<string, unknown>> =>
  (await (await gateway.fetch(http(request))).json()) as Record<string, unknown>;
