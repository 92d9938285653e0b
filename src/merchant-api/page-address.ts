/** Checks the address of a payment page before a browser gets it (docs/merchant-api.md, "Pages"). Pure. */
import { isGatewayUrl } from "../gateway.ts";
import { isLoopback } from "../lib/loopback.ts";

/** The domains of the gateway's pages. A page may be on any host under them. */
const DOMAINS: readonly string[] = ["freedompay.kz", "freedompay.kg", "freedompay.uz", "freedompay.money"];

/** The first labels of the hosts on which pages have been seen, or may be expected. */
const USUAL: ReadonlySet<string> = new Set(["customer", "api", "secure"]);

/** The longest address that is used. */
const MAX_LENGTH = 2048;

/** An address that a browser may be sent to. */
export interface PageAddress {
  /** As it was parsed: this text is sent, not the gateway's. */
  readonly url: string;
  readonly host: string;
  /** False for a host of the gateway on which pages are not expected. It is used, and an operator is told once. */
  readonly isUsualHost: boolean;
}

/**
 * The address of a page, or null for one that no browser is sent to: not https, with a port or a user name, longer than 2,048 characters,
 * or on a host that is not the gateway's.
 *
 * @param redirectUrl `pg_redirect_url` of a verified answer.
 * @param gatewayUrl The gateway that answered. Only a loopback gateway may name http and loopback, with a port.
 */
export function pageAddress(redirectUrl: string, gatewayUrl: string): PageAddress | null {
  if (redirectUrl.length > MAX_LENGTH || !URL.canParse(redirectUrl)) return null;
  const url = new URL(redirectUrl);
  if (url.href.length > MAX_LENGTH || url.username !== "" || url.password !== "") return null;
  if (isLoopbackGateway(gatewayUrl)) {
    return url.protocol === "http:" && isLoopback(url.hostname) ? { url: url.href, host: url.host, isUsualHost: true } : null;
  }
  if (url.protocol !== "https:" || url.port !== "") return null;
  const domain = DOMAINS.find((one) => url.hostname === one || url.hostname.endsWith(`.${one}`));
  if (domain === undefined) return null;
  const isUsualHost = USUAL.has(url.hostname.slice(0, -domain.length - 1));
  return { url: url.href, host: url.hostname, isUsualHost };
}

function isLoopbackGateway(gatewayUrl: string): boolean {
  return isGatewayUrl(gatewayUrl) && new URL(gatewayUrl).protocol === "http:";
}
