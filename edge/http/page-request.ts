/** How a payment page is asked for: where the shopper returns, and what the return proves (P7). */
import type { Charge } from "../../src/charge-token.ts";
import type { PageRequest } from "../machine/page-record.ts";
import type { Settings } from "../settings.ts";
import type { Caller } from "./access.ts";
import { Refused } from "./problem.ts";
import { makeTicket, randomNonce, ticketName } from "./ticket.ts";

/**
 * The page of a charge; null for a stored card.
 *
 * @param pathOf the path of a return (routes.ts)
 * @throws Refused token_invalid for a shopper, body_invalid for the merchant's server: the shopper would return to a page of another origin
 */
export async function pageRequest(
  { publicUrl, callbackKeys, allowedOrigins }: Pick<Settings, "publicUrl" | "callbackKeys" | "allowedOrigins">,
  { order_id, payment_page }: Pick<Charge, "order_id" | "payment_page">,
  caller: Caller["who"],
  pathOf: (ticket: string, by: "paid" | "failed") => string,
): Promise<PageRequest | null> {
  if (payment_page === undefined) return null;
  const { return_url, language = null, save_card_months } = payment_page;
  if (!allowedOrigins.includes(new URL(return_url).origin)) {
    const detail = "payment_page.return_url is not on one of ALLOWED_ORIGINS";
    throw new Refused(caller === "merchant" ? "body_invalid" : "token_invalid", { detail });
  }
  const returnTicket = ticketName(order_id);
  // Each address has a ticket of its own: a browser that came back as failed cannot make the address of paid, which gives the code.
  const urlOf = async (by: "paid" | "failed"): Promise<string> =>
    `${publicUrl}${pathOf(await makeTicket(`return-${by}`, returnTicket, callbackKeys), by)}`;
  const [success_url, failure_url] = await Promise.all([urlOf("paid"), urlOf("failed")]);
  return {
    returnUrl: return_url,
    language,
    returnTicket,
    returnCode: save_card_months === undefined ? null : randomNonce(),
    urls: { success_url, failure_url },
  };
}
