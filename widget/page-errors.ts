import type { ErrorReason, PressError } from "./events.ts";
import { LOCALES, localeOf } from "./locale.ts";
import { LOOPBACK } from "./payment-page.ts";

/** A mistake of the page because of which nothing can be paid. */
export type ConfigurationError = Extract<
  ErrorReason,
  "insecure_page" | "no_token" | "token_unreadable" | "no_endpoint" | "endpoint_invalid"
>;

/** What is wrong and the fix, for the developer. */
export const TEXTS: Readonly<Record<ConfigurationError | PressError, string>> = {
  insecure_page: "serve the page over https.",
  no_token: "set token to what issueChargeToken() gave.",
  token_unreadable: "token is unreadable. Set token to what issueChargeToken() gave.",
  no_endpoint: "set endpoint to the https address of your edge.",
  endpoint_invalid: "endpoint is unusable. Set endpoint to the https address of your edge.",
  press_required: "nothing is paid without a press of the last two minutes.",
  terms_changed: "nothing is paid under a newer token.",
  disabled: "nothing is paid while disabled.",
};

const THEMES: readonly string[] = ["auto", "light", "dark"];

const reported = new Set<string>();

/** Tells the developer, in English. A press that was not carried out is told every time, because every press matters to a shopper. */
export function report(text: string): void {
  console.error(`<freedom-pay-charge>: ${text}`);
}

/** Tells the developer once a page. */
export function reportOnce(text: string): void {
  if (!reported.has(text)) report(text);
  reported.add(text);
}

/** Tells the developer that `locale` or `theme` is none that the element knows. It goes on without. */
export function reportUnknownSettings(locale: string | null, theme: string | null): void {
  if (locale && !localeOf(locale)) reportOnce(`locale is none of ${LOCALES}.`);
  if (theme && !THEMES.includes(theme)) reportOnce(`theme is none of ${THEMES}.`);
}

/**
 * Whether a page can call an endpoint. What it cannot call would look like a dead network: no URL, a scheme that is not http, a user name
 * or password in it, http from an https page. A query or a fragment would swallow the path.
 *
 * @param page - the page's own address
 */
function isCallable(endpoint: string, page: string): boolean {
  try {
    const { href, origin, pathname, protocol, hostname } = new URL(endpoint, page);
    // "pay.shop.example" is an address to a person and a path to a browser, and browsers take almost anything for a host.
    if (!/^\s*(https?:\/)?\//i.test(endpoint) || href !== origin + pathname || /[^\w.:[\]-]/.test(hostname)) return false;
    return protocol === "https:" || !page.startsWith("https:") || LOOPBACK.test(hostname);
  } catch {
    return false;
  }
}

/**
 * The first mistake of the page because of which nothing can be paid; null when there is none, or no token yet.
 *
 * @param isReadable - whether an order could be read from the token
 */
export function configurationErrorOf(token: string | null, isReadable: boolean, endpoint: string | null): ConfigurationError | null {
  if (globalThis.isSecureContext === false) return "insecure_page";
  if (!token) return null;
  // A bearer is of these characters (RFC 6750): a line break or a letter of another alphabet never leaves the browser.
  if (!isReadable || /[^\w.~+/=-]/.test(token)) return "token_unreadable";
  if (!endpoint) return "no_endpoint";
  return isCallable(endpoint, document.baseURI) ? null : "endpoint_invalid";
}
