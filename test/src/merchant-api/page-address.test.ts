import { describe, expect, test } from "vitest";
import { pageAddress } from "../../../src/merchant-api/page-address.ts";

const GATEWAY = "https://api.freedompay.kz";
const LOCAL = "http://127.0.0.1:8080";

describe("a browser is sent to", () => {
  test.each([
    ["https://customer.freedompay.kz/pay.html?id=1&x=%D0%B0#f", "customer.freedompay.kz", true],
    ["https://api.freedompay.kz/pay.html?customer=abc", "api.freedompay.kz", true],
    ["https://secure.freedompay.kg/", "secure.freedompay.kg", true],
    ["https://customer.freedompay.uz/", "customer.freedompay.uz", true],
    ["https://customer.freedompay.money/", "customer.freedompay.money", true],
    ["https://pay.freedompay.kz/", "pay.freedompay.kz", false],
    ["https://customer.x.freedompay.kz/", "customer.x.freedompay.kz", false],
    ["https://freedompay.kz/", "freedompay.kz", false],
    ["https://customer.freedompay.kz:443/", "customer.freedompay.kz", true],
  ])("%s, whose host is usual: %j %j", (address, host, isUsualHost) => {
    expect(pageAddress(address, GATEWAY)).toEqual({ url: new URL(address).href, host, isUsualHost });
  });

  test("the address as it was parsed", () => {
    expect(pageAddress("https:\\\\CUSTOMER.freedompay.kz/a b\t", GATEWAY)?.url).toBe("https://customer.freedompay.kz/a%20b");
  });

  test("2,048 characters, and no more, also where parsing makes it longer", () => {
    const base = "https://customer.freedompay.kz/";
    expect(pageAddress(base + "x".repeat(2048 - base.length), GATEWAY)).not.toBeNull();
    expect(pageAddress(base + "x".repeat(2049 - base.length), GATEWAY)).toBeNull();
    expect(pageAddress(base + " x".repeat(1000), GATEWAY)).toBeNull();
  });

  test.each(["http://127.0.0.1:9000/page/1", "http://localhost:9000/", "http://[::1]:9000/"])("%s by a gateway on loopback", (address) => {
    expect(pageAddress(address, LOCAL)).toMatchObject({ url: address, isUsualHost: true });
    expect(pageAddress(address, GATEWAY)).toBeNull();
  });
});

describe("no browser is sent to", () => {
  test.each([
    ["http", "http://customer.freedompay.kz/"],
    ["another scheme", "javascript://customer.freedompay.kz/%0aalert(1)"],
    ["data", "data:text/html,<p>"],
    ["another port", "https://customer.freedompay.kz:8443/"],
    ["a user name", "https://customer@customer.freedompay.kz/"],
    ["a password", "https://:x@customer.freedompay.kz/"],
    ["a host before an @", "https://customer.freedompay.kz@evil.example/"],
    ["another host", "https://evil.example/customer.freedompay.kz"],
    ["a host that ends alike", "https://evilfreedompay.kz/"],
    ["a host that begins alike", "https://customer.freedompay.kz.evil.example/"],
    ["a dot behind the host", "https://customer.freedompay.kz./"],
    ["another domain of the country", "https://customer.freedompay.com.kz/"],
    ["a letter of another alphabet", "https://customer.frееdompay.kz/"],
    ["a backslash", "https://evil.example\\.freedompay.kz/"],
    ["a path alone", "/pay"],
    ["a host alone", "customer.freedompay.kz"],
    ["two slashes", "//customer.freedompay.kz/"],
    ["nothing", ""],
    ["an address on loopback", "https://127.0.0.1/"],
  ])("%s: %s", (_, address) => {
    expect(pageAddress(address, GATEWAY)).toBeNull();
  });

  test.each([
    "https://127.0.0.1/",
    "http://evil.example/",
    "https://customer.freedompay.kz/",
    "http://u@127.0.0.1/",
    "http://localhost.evil.example/",
  ])("%s by a gateway on loopback", (address) => {
    expect(pageAddress(address, LOCAL)).toBeNull();
  });

  test("loopback by a gateway that is none", () => {
    expect(pageAddress("http://127.0.0.1/", "http://evil.example")).toBeNull();
  });
});
