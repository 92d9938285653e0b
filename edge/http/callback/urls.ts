/** The addresses that the gateway gets for one attempt. */
import type { Attempt } from "../../machine/record.ts";
import type { Settings } from "../../settings.ts";
import { makeTicket, ticketName } from "../ticket.ts";

/**
 * The callback URLs of an attempt: both by default, because the official create page requires them, or fewer by GATEWAY_CALLBACKS.
 *
 * @param pathOf the path of a callback (routes.ts)
 */
export async function makeCallbackUrls(
  { publicUrl, callbacks, callbackKeys }: Pick<Settings, "publicUrl" | "callbacks" | "callbackKeys">,
  orderId: string,
  pathOf: (purpose: "check" | "result", ticket: string) => string,
): Promise<Pick<Attempt, "ticket" | "urls">> {
  const ticket = ticketName(orderId);
  const urlOf = async (purpose: "check" | "result"): Promise<string> =>
    `${publicUrl}${pathOf(purpose, await makeTicket(purpose, ticket, callbackKeys))}`;
  const [check_url, result_url] = await Promise.all([urlOf("check"), urlOf("result")]);
  const both = { check_url, result_url };
  return { ticket, urls: { both, result: { result_url }, none: null }[callbacks] };
}
