/** Sends the browser back to the shop, with the gateway's members (docs/merchant-api.md, "Calls"). They prove nothing. */

import { signFields } from "./callback-request.ts";
import { escapeHtml } from "./page-layout.ts";
import type { SimulatedPage } from "./page.ts";
import { WORDS } from "./page-words.ts";

/** A return to the shop. GET has its members in the address. */
export type Return =
  | { readonly method: "GET"; readonly url: string }
  | { readonly method: "POST"; readonly url: string; readonly members: Readonly<Record<string, string>> };

/**
 * The return to an address of the shop; null if it named none.
 *
 * @param to - which of its two addresses.
 * @param secretKey - signs the members, with the fields of the address's own query.
 */
export function returnFrom(page: SimulatedPage, to: "success" | "failure", secretKey: string): Return | null {
  const address = page.parsed[to];
  if (address === null) {
    return null;
  }
  const paymentId = page.tries.at(-1)?.paymentId ?? page.id;
  const members = {
    pg_order_id: page.parsed.create.orderId,
    pg_payment_id: paymentId,
    pg_salt: `return${paymentId}${page.tries.length}`,
  };
  const url = new URL(address.url);
  const fields = { ...(address.method === "GET" ? Object.fromEntries(url.searchParams) : {}), ...members };
  const signed = { ...members, pg_sig: signFields(url.href, fields, secretKey) };
  if (address.method === "POST") {
    return { method: "POST", url: url.href, members: signed };
  }
  for (const [name, value] of Object.entries(signed)) {
    url.searchParams.set(name, value);
  }
  return { method: "GET", url: url.href };
}

/** A link or a button that returns to the shop. A page without script cannot send a form by itself. */
export function returnControl({ parsed }: SimulatedPage, back: Return): string {
  const label = WORDS[parsed.language].labels.back;
  if (back.method === "GET") {
    return `<p><a class="button" href="${escapeHtml(back.url)}">${label}</a></p>`;
  }
  const inputs = Object.entries(back.members).map(([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`);
  return `<form method="post" action="${escapeHtml(back.url)}">${inputs.join("")}<p><button>${label}</button></p></form>`;
}
