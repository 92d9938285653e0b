import type { ChargeView } from "../src/edge-api.ts";
import type { LastPress } from "./last-press.ts";

/** The host of an address on this machine. */
export const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1])$/;

/** The address of the charge's open page, as the browser reads it: https, or http on loopback. Empty without one, whatever the edge says. */
export function pageAddressOf(charge: ChargeView | null): string {
  try {
    const { href, protocol, hostname } = new URL(charge?.payment_page?.url ?? "");
    return protocol === "https:" || (protocol === "http:" && LOOPBACK.test(hostname)) ? href : "";
  } catch {
    return "";
  }
}

/** Whether the browser may go to a page by itself: the shopper has pressed here, and still looks at it. Elsewhere there is a link. */
export function mayLeave({ isConnected, ownerDocument }: Element, { isRecent }: LastPress): boolean {
  const { defaultView: view, hidden } = ownerDocument;
  return isConnected && !hidden && view === view?.top && isRecent;
}
