/** The address of a payment page, and the text that its form must have. Both are made from the merchant's key, so that nobody can guess them. */

import type { Members } from "./merchant-answers.ts";
import { md5 } from "./md5.ts";
import type { MerchantCall } from "./merchant-call.ts";
import type { SimulatedPage } from "./page.ts";
import type { PlannedPage } from "./plan.ts";
import type { ModelState } from "./state.ts";

/** The path of every page. */
export const PAGE_PATH = "/pay.html";

/** The key that names a page in its address. */
const customerOf = (id: string, secretKey: string): string => `${id}.${md5(`page|${id}|${secretKey}`)}`;

/** The hidden text of a page's form: a form of another page has another one. */
export const formToken = ({ id }: SimulatedPage, secretKey: string): string => md5(`form|${id}|${secretKey}`);

/** The address of a page, without the origin. */
export const pagePath = (id: string, secretKey: string): string =>
  `${PAGE_PATH}?${new URLSearchParams({ customer: customerOf(id, secretKey) }).toString()}`;

/** The page with this key in its address, and the merchant's key that made it. */
export function pageAt(
  state: ModelState,
  customer: string,
  secretKeys: readonly string[],
): { readonly page: SimulatedPage; readonly secretKey: string } | null {
  const page = state.pages.get(customer.slice(0, Math.max(0, customer.indexOf("."))));
  const secretKey = secretKeys.find((key) => page !== undefined && customer === customerOf(page.id, key));
  return page === undefined || secretKey === undefined ? null : { page, secretKey };
}

/**
 * The answer to init_payment.
 *
 * @param address - what replaces the address.
 */
export function pageMembers({ id }: SimulatedPage, call: MerchantCall, address: PlannedPage["address"]): Members {
  const origin = address === "foreign" ? "https://pages.example" : call.origin;
  return {
    pg_status: "ok",
    pg_payment_id: id,
    ...(address === "none" ? {} : { pg_redirect_url: `${origin}${pagePath(id, call.secretKey)}`, pg_redirect_url_type: "need data" }),
  };
}
