import { describe, expect, test } from "vitest";
import { redirectToShop } from "../../../edge/http/return-answer.ts";

describe("the address to which a shopper returns", () => {
  test.each([
    ["https://shop.example/orders/1", "https://shop.example/orders/1?freedom_pay_return=CODE"],
    ["https://shop.example/?", "https://shop.example/?freedom_pay_return=CODE"],
    ["https://shop.example/orders/1#done", "https://shop.example/orders/1?freedom_pay_return=CODE#done"],
    ["https://shop.example/?q=a+b%20c&&x=%D0%B0&y", "https://shop.example/?q=a+b%20c&&x=%D0%B0&y&freedom_pay_return=CODE"],
    ["https://shop.example/?freedom_pay_return=OLD", "https://shop.example/?freedom_pay_return=CODE"],
    ["https://shop.example/?a=1&freedom_pay_return=OLD&b=2", "https://shop.example/?a=1&b=2&freedom_pay_return=CODE"],
    ["https://shop.example/?freedom%5Fpay_return=OLD&freedom_pay_return", "https://shop.example/?freedom_pay_return=CODE"],
    ["https://shop.example/?my_freedom_pay_return=1", "https://shop.example/?my_freedom_pay_return=1&freedom_pay_return=CODE"],
    ["https://shop.example/#?freedom_pay_return=OLD", "https://shop.example/?freedom_pay_return=CODE#?freedom_pay_return=OLD"],
  ])("%s: the code is appended to the query, and one that is there is replaced", (returnUrl, expected) => {
    expect(redirectToShop(returnUrl, "CODE").headers.get("Location")).toBe(expected);
  });

  test.each([
    ["https://shop.example/orders/1?a=1&&b#done", "https://shop.example/orders/1?a=1&&b#done"],
    ["https://shop.example/?freedom_pay_return=OLD#done", "https://shop.example/#done"],
    ["https://shop.example/?a=1&freedom_pay_return=OLD", "https://shop.example/?a=1"],
  ])("%s without a code: nothing is appended, and no code of another page goes on", (returnUrl, expected) => {
    expect(redirectToShop(returnUrl, null).headers.get("Location")).toBe(expected);
  });
});
