/** Where the API key may be sent: to an edge over https, or to this machine. */
import { isLoopback } from "../src/lib/loopback.ts";

/**
 * The address of an edge from the command line, without a slash at its end.
 *
 * @returns the URL as it will be called, or what is wrong with it as `{ fault }`, which repeats nothing of it
 */
export function readEdgeUrl(text: string): string | { readonly fault: string } {
  if (!URL.canParse(text)) return { fault: "The URL is not one of http or https" };
  const { protocol, hostname, username, password, href } = new URL(text);
  if (protocol !== "https:" && protocol !== "http:") return { fault: "The URL is not one of http or https" };
  if (username !== "" || password !== "") return { fault: "The URL holds a user name or a password: leave out what stands before the @" };
  if (/[?#]/.test(href)) return { fault: "The URL holds a query or a fragment: give the address alone" };
  if (protocol === "http:" && !isLoopback(hostname)) {
    return { fault: "The URL is not https, so the API key could be read on the way: http is for localhost, 127.0.0.1 and [::1] alone" };
  }
  return href.replace(/\/+$/, "");
}
