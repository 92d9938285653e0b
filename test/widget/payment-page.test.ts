import { describe, expect, test } from "vitest";
import type { ChargeView } from "../../src/edge-api.ts";
import { pageAddressOf } from "../../widget/payment-page.ts";
import { chargeOf } from "./charges.ts";

const of = (url: unknown): string =>
  pageAddressOf(chargeOf({ payment_page: { url: url as string, expires_at: "2026-11-22T10:29:00Z", last_failure: null } }));

describe("the address of a page", () => {
  test.each([
    ["https://customer.freedompay.kz/pay.html?customer=1", "https://customer.freedompay.kz/pay.html?customer=1"],
    ["HTTPS://Customer.FreedomPay.kz", "https://customer.freedompay.kz/"],
    ["http://127.0.0.1:9000/pay.html", "http://127.0.0.1:9000/pay.html"],
    ["http://localhost/pay.html", "http://localhost/pay.html"],
    ["http://[::1]/pay.html", "http://[::1]/pay.html"],
  ])("%s is one, as the browser reads it", (url, address) => {
    expect(of(url)).toBe(address);
  });

  test.each([
    "javascript:alert(1)",
    "java\nscript:alert(1)",
    " javascript:alert(1)//https://customer.freedompay.kz",
    "data:text/html,<script>alert(1)</script>",
    "blob:https://customer.freedompay.kz/1",
    "file:///etc/hosts",
    "about:blank",
    "http://customer.freedompay.kz/pay.html",
    "http://127.0.0.1.attacker.example/",
    "http://localhost.attacker.example/",
    "//customer.freedompay.kz/pay.html",
    "/pay.html",
    "",
    null,
    undefined,
    1,
    {},
    ["javascript:alert(1)"],
  ])("%j is none", (url) => {
    expect(of(url)).toBe("");
  });

  test("is empty without a charge, without a page, and from an edge that knows of none", () => {
    expect([null, chargeOf(), {} as ChargeView].map(pageAddressOf)).toEqual(["", "", ""]);
  });
});
