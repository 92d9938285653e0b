/** The addresses to which the API key may be sent: an edge over https, or this machine. */
import { isLoopback } from "../src/lib/loopback.ts";

/**
 * Reads the URL of an edge from the command line, and removes trailing slashes.
 *
 * @returns the URL to call, or `{ problem }`, which contains no part of the URL
 */
export function readEdgeUrl(text: string): string | { readonly problem: string } {
  if (!URL.canParse(text)) return { problem: "The URL is not an http or https URL" };
  const { protocol, hostname, username, password, href } = new URL(text);
  if (protocol !== "https:" && protocol !== "http:") return { problem: "The URL is not an http or https URL" };
  if (username !== "" || password !== "") return { problem: "The URL contains a user name or a password: remove the part before the @" };
  if (/[?#]/.test(href)) return { problem: "The URL contains a query or a fragment: remove it" };
  if (protocol === "http:" && !isLoopback(hostname)) {
    return { problem: "The URL is not https, so others could read the API key: http is only for localhost, 127.0.0.1 and [::1]" };
  }
  return href.replace(/\/+$/, "");
}
