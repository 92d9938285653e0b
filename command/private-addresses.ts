/** Which settings name an address that is not on the internet. Only with one of them may the edge call such addresses. */
import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";

/** The addresses that workerd's network `public` leaves out. */
const PRIVATE = new BlockList();
for (const [network, bits] of [
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const)
  PRIVATE.addSubnet(network, bits, "ipv4");
for (const [network, bits] of [
  ["::1", 128],
  ["fc00::", 7],
  ["fe80::", 10],
] as const)
  PRIVATE.addSubnet(network, bits, "ipv6");

/** Finds the addresses of a host. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

const resolveHost: Resolve = (hostname) => lookup(hostname, { all: true });

/** The settings that name an address the edge calls. */
const CALLED = ["FREEDOM_PAY_URL", "NOTIFY_URL"] as const;

/**
 * The settings that need private addresses: http, which the edge allows for nothing else, or a host with a private address. A host that is
 * not found needs none.
 */
export async function settingsWithPrivateAddress(
  settings: Readonly<Record<string, string>>,
  resolve: Resolve = resolveHost,
): Promise<readonly string[]> {
  const needed = await Promise.all(CALLED.map((name) => needsPrivate(settings[name]?.trim() ?? "", resolve)));
  return CALLED.filter((_, index) => needed[index]);
}

async function needsPrivate(url: string, resolve: Resolve): Promise<boolean> {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  if (protocol === "http:") return true;
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const family = isIP(host);
  const addresses = family === 0 ? await resolve(host).catch(() => []) : [{ address: host, family }];
  return addresses.some(({ address, family }) => PRIVATE.check(address, family === 6 ? "ipv6" : "ipv4"));
}
