import { readInput } from "../src/input.ts";
import { userIp } from "../src/members.ts";

/** Whether a text is an IP address: IPv4 or IPv6, by the rule that a payment's `user_ip` keeps. */
export function isIpAddress(text: string): boolean {
  try {
    readInput(userIp, text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The address of who calls: what a trusted proxy wrote into the header of `CLIENT_IP_HEADER`, else the peer's, where the
 * platform tells it. An IPv4 address in IPv6 clothes is given as IPv4.
 *
 * @param header the name of the header, or null
 * @returns null when it is not known; also when the header holds something else than one address, for then the proxy does
 *   not overwrite it and the peer is the proxy
 */
export function clientAddress(request: Request, header: string | null): string | null {
  const written = header === null ? null : request.headers.get(header);
  const address = (written ?? peer(request)).trim().replace(/^::ffff:(?=\d+\.)/i, "");
  return isIpAddress(address) ? address : null;
}

/** workerd tells the peer as `192.0.2.1:34310` or `[2001:db8::1]:34310`. */
function peer(request: Request): string {
  const clientIp: unknown = request.cf?.["clientIp"];
  if (typeof clientIp !== "string") return "";
  const [, v6, v4] = /^(?:\[(.+)\]|([\d.]+)):\d+$/.exec(clientIp) ?? [];
  return v6 ?? v4 ?? clientIp;
}
