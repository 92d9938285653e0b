import { readInput } from "../../src/lib/input.ts";
import { userIp } from "../../src/lib/members.ts";

/** Whether a text is an IPv4 or IPv6 address, by the rule for a payment's `user_ip`. */
export function isIpAddress(text: string): boolean {
  try {
    readInput(userIp, text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The caller's address: the value of the header `CLIENT_IP_HEADER`, which a trusted proxy sets, or the peer's address if the setting is
 * empty. Each address has one spelling (RFC 5952). An IPv4 address written as IPv6 is returned as IPv4.
 *
 * @param header the name of the header, or null
 * @returns null if it is not known. If the named header is missing, or does not hold exactly one address, the peer's address is not used
 * instead: the peer is the proxy, and all shoppers would share one address.
 */
export function clientAddress(request: Request, header: string | null): string | null {
  return readAddress(header === null ? peer(request) : (request.headers.get(header) ?? ""));
}

/**
 * Why {@link clientAddress} returned null, as a sentence. It leaves out the header's name, because a stranger who knows it could send that
 * header.
 */
export function whyUnknown(request: Request, header: string | null): string {
  if (header === null) return "CLIENT_IP_HEADER is empty, and the platform does not give the caller's address";
  return `The header that CLIENT_IP_HEADER names ${request.headers.has(header) ? "does not hold one address" : "is missing"}`;
}

/**
 * The unit in which addresses are counted: an IPv4 address; of IPv6 the first 64 bits, because one subscriber has all addresses behind them
 * (RFC 6177).
 *
 * @param address from {@link clientAddress}
 */
export function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("::").map((part) => part.split(":").filter((group) => group !== ""));
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - head.length - tail.length }, () => "0");
  return `${[...head, ...zeros, ...(tail ?? [])].slice(0, 4).join(":")}::/64`;
}

/** `192.0.2.1`, `192.0.2.1:443`. */
const IPV4 = /^(\d+(?:\.\d+){3})(?::(\d{1,5}))?$/;

/** `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:443`. */
const IPV6 = /^(?:([\da-f:.]*:[\da-f:.]*)|\[([\da-f:.]+)\](?::(\d{1,5}))?)$/i;

/** Characters. The longest spelling of an IPv6 address, in brackets and with a port, has 53. */
const MAX_LENGTH = 64;

/** Reads an address in the spellings of proxies and platforms: with or without a port, IPv6 with or without brackets. */
function readAddress(text: string): string | null {
  const written = text.trim();
  if (written.length > MAX_LENGTH) return null;
  const [, v4, portOfV4 = "0"] = IPV4.exec(written) ?? [];
  if (v4 !== undefined) return isPort(portOfV4) && isIpAddress(v4) ? v4 : null;
  const [, bare, bracketed = "", port = "0"] = IPV6.exec(written) ?? [];
  return isPort(port) ? canonicalIpv6(bare ?? bracketed) : null;
}

function isPort(digits: string): boolean {
  return Number(digits) <= 65_535;
}

/**
 * The canonical spelling of an IPv6 address (URL standard, "IPv6 serializer"), or the IPv4 address that it maps (RFC 4291, section
 * 2.5.5.2).
 */
function canonicalIpv6(text: string): string | null {
  if (!URL.canParse(`http://[${text}]/`)) return null;
  const canonical = new URL(`http://[${text}]/`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(canonical) ?? [];
  if (high === undefined || low === undefined) return canonical;
  const bytes = [high, low].map((group) => Number.parseInt(group, 16)).flatMap((group) => [group >> 8, group & 255]);
  return bytes.join(".");
}

/** The platform's value: workerd gives `192.0.2.1:34310` or `[2001:db8::1]:34310`, Cloudflare the address alone. */
function peer(request: Request): string {
  const clientIp: unknown = request.cf?.["clientIp"];
  return typeof clientIp === "string" ? clientIp : "";
}
