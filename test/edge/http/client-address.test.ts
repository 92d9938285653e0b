import { describe, expect, test } from "vitest";
import { clientAddress, isIpAddress, networkOf, whyUnknown } from "../../../edge/http/client-address.ts";

/** A request as Workers get it, with the peer's address in `cf`. */
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
    [
      "the header's, whatever case its name is set in",
      requestFrom("192.0.2.1", { "X-Real-IP": "84.252.158.239" }),
      "x-real-ip",
      "84.252.158.239",
    ],
    ["the peer's, when no header is set", requestFrom("192.0.2.1", { "X-Real-IP": "84.252.158.239" }), null, "192.0.2.1"],
    ["the peer's, without its port", requestFrom("192.0.2.1:34310"), null, "192.0.2.1"],
    ["IPv6", requestFrom("2001:db8::1"), null, "2001:db8::1"],
    ["IPv6, without its port", requestFrom("[2001:db8::1]:34310"), null, "2001:db8::1"],
    ["IPv4 mapped to IPv6, without its port", requestFrom("[::ffff:192.0.2.1]:34310"), null, "192.0.2.1"],
    ["IPv4 in IPv6 clothes", requestFrom("::ffff:192.0.2.1"), null, "192.0.2.1"],
    ["unknown where the peer is a socket", requestFrom("unix:/edge.sock"), null, null],
    ["unknown where the platform does not give it", requestFrom(undefined), null, null],
    ["unknown outside Workers", new Request("https://edge.example/"), null, null],
    ["not the peer's, when the header is missing: the peer is the proxy", requestFrom("192.0.2.1"), "X-Real-IP", null],
    ["not the peer's, when the header is empty", requestFrom("192.0.2.1", { "X-Real-IP": "" }), "X-Real-IP", null],
    ["not another header's", requestFrom("192.0.2.1", { "X-Forwarded-For": "84.252.158.239" }), "X-Real-IP", null],
  ])("%s", (_, request, header, address) => {
    expect(clientAddress(request, header)).toBe(address);
  });

  test.each([
    ["84.252.158.239", "84.252.158.239"],
    [" 84.252.158.239\t", "84.252.158.239"],
    ["84.252.158.239:5678", "84.252.158.239"],
    ["84.252.158.239:0", "84.252.158.239"],
    ["84.252.158.239:65535", "84.252.158.239"],
    ["2001:db8::1", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["[2001:db8::1]:443", "2001:db8::1"],
    ["[::1]:65535", "::1"],
    ["2001:db8::1:443", "2001:db8::1:443"],
    ["2001:0DB8:0000:0000:0000:0000:0000:0001", "2001:db8::1"],
    ["::ffff:84.252.158.239", "84.252.158.239"],
    ["::FFFF:54fc:9eef", "84.252.158.239"],
    ["0:0:0:0:0:ffff:84.252.158.239", "84.252.158.239"],
    ["[::ffff:84.252.158.239]:443", "84.252.158.239"],
    ["[::ffff:54fc:9eef]", "84.252.158.239"],
  ])("written as %j", (written, address) => {
    expect(clientAddress(requestFrom("192.0.2.1", { "X-Real-IP": written }), "X-Real-IP")).toBe(address);
    expect(clientAddress(requestFrom(written), null)).toBe(address);
    expect(isIpAddress(address)).toBe(true);
  });

  test.each([
    "",
    "unknown",
    "_hidden",
    "84.252.158.239, 192.0.2.2",
    "84.252.158.239 192.0.2.2",
    "84.252.158",
    "84.252.158.256",
    "84.252.158.256:80",
    "084.252.158.239",
    "84.252.158.239:",
    "84.252.158.239:65536",
    "84.252.158.239:123456",
    "84.252.158.239:http",
    "84.252.158.239:-1",
    "84.252.158.239:80:80",
    "84.252.158.239/32",
    "[84.252.158.239]",
    "[84.252.158.239]:80",
    "2001:db8::1]",
    "[2001:db8::1",
    "[2001:db8::1]443",
    "[2001:db8::1]:",
    "[2001:db8::1]:65536",
    "[[2001:db8::1]]",
    "[]:443",
    "[]",
    ":",
    ":443",
    "2001:db8::1::2",
    "2001:db8:0:0:0:0:0:0:1",
    "[12345::1]:80",
    "fe80::1%eth0",
    "[fe80::1%eth0]:443",
    "::ffff:84.252.158.256",
    "::1/128",
    "for=84.252.158.239",
    '"84.252.158.239"',
    "localhost",
    "84.252.158.239.",
    "0x54.0xfc.0x9e.0xef",
    ":".repeat(65),
  ])("not %j", (written) => {
    expect(clientAddress(requestFrom("192.0.2.1", { "X-Real-IP": written }), "X-Real-IP")).toBeNull();
    expect(clientAddress(requestFrom(written), null)).toBeNull();
  });

  test("has a reason if it is unknown, which does not name the header", () => {
    expect(whyUnknown(requestFrom("192.0.2.1"), "X-Real-IP")).toBe("The header that CLIENT_IP_HEADER names is missing");
    const list = requestFrom("192.0.2.1", { "X-Real-IP": "192.0.2.2, 192.0.2.3" });
    expect(whyUnknown(list, "X-Real-IP")).toBe("The header that CLIENT_IP_HEADER names does not hold one address");
    expect(whyUnknown(requestFrom(undefined), null)).toMatch(/^CLIENT_IP_HEADER is empty/);
  });
});

describe("the limiter counts", () => {
  const counted = (written: string): string => networkOf(clientAddress(requestFrom(written), null) ?? "none");

  test.each([
    "84.252.158.239",
    "84.252.158.239:5678",
    "::ffff:84.252.158.239",
    "::ffff:54fc:9eef",
    "[::ffff:54fc:9eef]:443",
    "0000:0000:0000:0000:0000:FFFF:84.252.158.239",
  ])("IPv4 by the address: %s", (written) => {
    expect(counted(written)).toBe("84.252.158.239");
  });

  test.each([
    "2001:db8:1:2::",
    "2001:db8:1:2::1",
    "2001:DB8:1:2::FFFF",
    "2001:0db8:0001:0002:0003:0004:0005:0006",
    "2001:db8:1:2:ffff:ffff:ffff:ffff",
    "[2001:db8:1:2:a::]:443",
    "[2001:db8:1:2::ffff:192.0.2.1]",
  ])("IPv6 by the first 64 bits, which belong to one subscriber: %s", (written) => {
    expect(counted(written)).toBe("2001:db8:1:2::/64");
  });

  test.each([
    ["2001:db8:1:3::1", "2001:db8:1:3::/64"],
    ["2001:db8::1:2:0:0:1", "2001:db8:0:1::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001::1", "2001:0:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["::", "0:0:0:0::/64"],
    ["1:2:3:4:5:6:7:8", "1:2:3:4::/64"],
    ["0:0:0:1::1", "0:0:0:1::/64"],
    ["1::2:3:4:5", "1:0:0:0::/64"],
  ])("another network separately: %s", (written, network) => {
    expect(counted(written)).toBe(network);
  });
});
