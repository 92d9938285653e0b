import { describe, expect, test } from "vitest";
import { readChargeToken } from "../../widget/charge-token-view.ts";
import { tokenOf } from "./tokens.ts";

const WHOLE = {
  iss: "shop.example",
  aud: "freedom-pay-charge",
  iat: 1_800_000_000,
  exp: 1_800_001_800,
  charge: {
    order_id: "1234",
    amount: 1234.5,
    currency: "KZT",
    description: "Сәлем, «дүкен» ☕",
    user_id: "12345",
    profile_id: "0190fddd-bea7-7f17-b777-10344d5cc816",
    auto_clearing: true,
    card: { brand: "visa", last4: "4242" },
  },
};

describe("the view of a charge token", () => {
  test("shows the order, the amount, the description and the card, in any script", () => {
    expect(readChargeToken(tokenOf(WHOLE))).toEqual({
      order_id: "1234",
      amount: 1234.5,
      currency: "KZT",
      description: "Сәлем, «дүкен» ☕",
      card: { brand: "visa", last4: "4242" },
      isForPage: false,
      savesCard: false,
      iat: 1_800_000_000,
    });
  });

  test("decodes the whole alphabet of base64url", () => {
    const token = tokenOf({ charge: { order_id: "1", description: "~~~???>>>" } });
    expect(token).toMatch(/^[^.]+\.[^.]*-[^.]*_|^[^.]+\.[^.]*_[^.]*-/);
    expect(readChargeToken(token)?.description).toBe("~~~???>>>");
  });

  test("has null for every member that is missing or of another type", () => {
    expect(
      readChargeToken(tokenOf({ iat: "now", charge: { order_id: "1", amount: "10", currency: 398, card: { brand: "visa" } } })),
    ).toEqual({
      order_id: "1",
      amount: null,
      currency: null,
      description: null,
      card: null,
      isForPage: false,
      savesCard: false,
      iat: null,
    });
  });

  test.each([
    ["a page", { return_url: "https://shop.example/" }, [true, false]],
    ["a page that saves the card", { return_url: "https://shop.example/", save_card_months: 12 }, [true, true]],
    ["a page that says it does not", { return_url: "https://shop.example/", save_card_months: null }, [true, false]],
    ["no page", null, [false, false]],
  ])("shows whether it is for a page, and whether that saves the card: %s", (_, payment_page, expected) => {
    const view = readChargeToken(tokenOf({ charge: { order_id: "1", payment_page } }));
    expect([view?.isForPage, view?.savesCard]).toEqual(expected);
  });

  test.each([
    ["an empty string", ""],
    ["one part", "abc"],
    ["no base64", "a.%%%.c"],
    ["no JSON", `a.${btoa("{")}.c`],
    ["a payload that is null", `a.${btoa("null")}.c`],
    ["a payload without a charge", tokenOf({ iat: 1 })],
    ["a charge that is a string", tokenOf({ charge: "1234" })],
    ["a charge without an order", tokenOf({ charge: { amount: 10 } })],
    ["an order that is a number", tokenOf({ charge: { order_id: 1234 } })],
    ["an empty order", tokenOf({ charge: { order_id: "" } })],
  ])("is null for %s", (_, token) => {
    expect(readChargeToken(token)).toBeNull();
  });
});
