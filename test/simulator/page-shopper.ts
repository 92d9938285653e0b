/** A shop that opens payment pages, and a browser without script that visits them. */

import * as calls from "../../src/merchant-api/calls.ts";
import { readXml } from "../../src/merchant-api/xml.ts";
import { signFields } from "../../src/merchant-api/signature.ts";
import type { Simulator } from "../../src/simulator/index.ts";
import { freshId, MERCHANT, SECRET } from "./gateway-calls.ts";
import { call } from "./merchant-shop.ts";

export const RETURNS = {
  success_url: "https://shop.example/v1/returns/ticket/paid?order=1",
  failure_url: "https://shop.example/v1/returns/ticket/failed",
};

export const PAGE: calls.InitPaymentInput = {
  order_id: "1234",
  amount: 100,
  currency: "KZT",
  description: 'a book & "more" <b>',
  auto_clearing: true,
  user_id: "customer-1",
  lifetime: 1800,
  language: "en",
  ...RETURNS,
};

export interface Opened {
  readonly paymentId: string;
  readonly url: string;
}

/** Opens a page as the core does. */
export async function openPage(gateway: Simulator, more: Partial<calls.InitPaymentInput> = {}): Promise<Opened> {
  const outcome = await call(gateway, calls.initPayment({ ...PAGE, ...more }, freshId()));
  if (outcome.kind !== "answered") throw new Error(`It is ${JSON.stringify(outcome)}`);
  return { paymentId: outcome.answer.paymentId ?? "", url: outcome.answer.redirectUrl };
}

/** The fields of an answer to init_payment with any fields, whatever the core would say of them. */
export async function initWith(
  gateway: Simulator,
  more: Readonly<Record<string, string>>,
  script = "init_payment.php",
): Promise<Readonly<Record<string, string>>> {
  const form = new URLSearchParams({
    pg_merchant_id: MERCHANT,
    pg_order_id: "1234",
    pg_amount: "100",
    pg_description: "a book",
    pg_salt: "salt",
    ...more,
  });
  const fields = [...form].map(([name, value]) => ({ name, value }));
  form.append("pg_sig", signFields(script, fields, SECRET));
  const response = await gateway.fetch(new Request(`http://127.0.0.1:8080/${script}`, { method: "POST", body: form }));
  const read = readXml(new Uint8Array(await response.arrayBuffer()), 65_536);
  return Object.fromEntries((read?.fields ?? []).map(({ name, value }) => [name, String(value)]));
}

export interface Shown {
  readonly status: number;
  readonly html: string;
  readonly location: string | null;
  readonly headers: Headers;
}

async function shownBy(response: Response): Promise<Shown> {
  const { status, headers } = response;
  return { status, headers, html: await response.text(), location: headers.get("location") };
}

/** Opens an address. */
export const visit = async (gateway: Simulator, url: string, headers: Readonly<Record<string, string>> = {}): Promise<Shown> =>
  shownBy(await gateway.fetch(new Request(url, { headers })));

/** The hidden text of the form on a page. */
export const tokenIn = (html: string): string => /name="form" value="([0-9a-f]+)"/.exec(html)?.[1] ?? "";

/** Posts a body to a page. */
export const post = async (gateway: Simulator, url: string, body: URLSearchParams | string): Promise<Shown> => {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return shownBy(await gateway.fetch(new Request(url, { method: "POST", headers, body: String(body) })));
};

/** Sends the form of a page that an earlier visit showed. */
export const press = (gateway: Simulator, url: string, html: string, fields: Readonly<Record<string, string>>): Promise<Shown> =>
  post(gateway, url, new URLSearchParams({ form: tokenIn(html), ...fields }));

/** Opens a page and pays on it: with the keywords, or as the shop's own keywords say. */
export async function pay(gateway: Simulator, url: string, keywords = "", card = "visa"): Promise<Shown> {
  const { html } = await visit(gateway, url);
  return press(gateway, url, html, { step: "pay", card, outcome: "", keywords });
}

/** The members that a return has in its address. */
export const membersOf = (shown: Shown): Readonly<Record<string, string>> =>
  Object.fromEntries(new URL(shown.location ?? "about:blank").searchParams);
