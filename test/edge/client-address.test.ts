import { describe, expect, test } from "vitest";
import { clientAddress, isIpAddress } from "../../edge/client-address.ts";

/** A request as Workers see it: with the peer's address in `cf`. */
function requestFrom(peer: unknown, headers: Readonly<Record<string, string>> = {}): Request {
  return Object.assign(new Request("https://edge.example/", { headers }), { cf: { clientIp: peer } });
}

describe("an address", () => {
  test.each(["84.252.158.239", "0.0.0.0", "255.255.255.255", "2001:db8::1", "::1", "::ffff:192.0.2.1"])("%s", (text) => {
    expect(isIpAddress(text)).toBe(true);
  });
  test.each([
    "",
    "256.1.1.1",
    "1.2.3",
    "1.2.3.4.5",
    "01.2.3.4",
    "1.2.3.4:80",
    "[::1]",
    "2001:db8::1::2",
    "12345::1",
    "localhost",
    "1.2.3.4, 5.6.7.8",
    "84.252.158.239\n",
    "fe80::1%eth0",
  ])("not %j", (text) => {
    expect(isIpAddress(text)).toBe(false);
  });
});

describe("the caller's address", () => {
  test.each([
    ["the header's", requestFrom("192.0.2.1", { "X-Real-IP": "84.252.158.239" }), "X-Real-IP", "84.252.158.239"],
    ["the peer's, when the header is not there", requestFrom("192.0.2.1"), "X-Real-IP", "192.0.2.1"],
    ["the peer's, when no header is set", requestFrom("192.0.2.1", { "X-Real-IP": "84.252.158.239" }), null, "192.0.2.1"],
    ["the peer's, without its port", requestFrom("192.0.2.1:34310"), null, "192.0.2.1"],
    ["IPv6", requestFrom("2001:db8::1"), null, "2001:db8::1"],
    ["IPv6, without its port", requestFrom("[2001:db8::1]:34310"), null, "2001:db8::1"],
    ["IPv4 in IPv6 clothes, without its port", requestFrom("[::ffff:192.0.2.1]:34310"), null, "192.0.2.1"],
    ["not known where the peer is a socket", requestFrom("unix:/edge.sock"), null, null],
    ["IPv4 in IPv6 clothes", requestFrom("::ffff:192.0.2.1"), null, "192.0.2.1"],
    ["not known where the platform does not tell", requestFrom(undefined), null, null],
    ["not known outside Workers", new Request("https://edge.example/"), "X-Real-IP", null],
    ["not the first of a list", requestFrom("192.0.2.1", { "X-Real-IP": "84.252.158.239, 192.0.2.2" }), "X-Real-IP", null],
    ["not what is no address", requestFrom("192.0.2.1", { "X-Real-IP": "unknown" }), "X-Real-IP", null],
  ])("%s", (_, request, header, address) => {
    expect(clientAddress(request, header)).toBe(address);
  });
});
