import { describe, expect, test } from "vitest";
import { parseCharge } from "../../src/charge.ts";

const CHARGE = {
  order_id: "1234",
  amount: 10,
  currency: "KZT",
  description: "Coffee, two cups",
  user_id: "12345",
  profile_id: "0190fddd-bea7-7f17-b777-10344d5cc816",
};

/** The error of parseCharge. */
function refusalOf(value: unknown): unknown {
  try {
    parseCharge(value);
  } catch (error) {
    return error;
  }
  return "no error was thrown";
}

describe("parseCharge accepts", () => {
  test("a complete charge, and returns it member by member", () => {
    const charge = { ...CHARGE, auto_clearing: false, card: { brand: "visa", last4: "4242" } };
    expect(parseCharge(charge)).toEqual(charge);
    expect(Object.keys(parseCharge(Object.fromEntries(Object.entries(charge).reverse())))).toEqual(Object.keys(charge));
  });

  test("a charge without auto_clearing, which becomes true, and without a card, which stays left out", () => {
    expect(parseCharge(CHARGE)).toEqual({ ...CHARGE, auto_clearing: true });
    expect(Object.hasOwn(parseCharge(CHARGE), "card")).toBe(false);
    expect(Object.hasOwn(parseCharge({ ...CHARGE, card: undefined }), "card")).toBe(false);
  });

  test.each(["auto_clearing", "card"])("%s that is null as left out", (member) => {
    expect(parseCharge({ ...CHARGE, [member]: null })).toEqual({ ...CHARGE, auto_clearing: true });
    expect(Object.hasOwn(parseCharge({ ...CHARGE, [member]: null }), "card")).toBe(false);
  });

  test.each([
    [{ order_id: "a" }],
    [{ order_id: `${"A".repeat(38)}_-` }],
    [{ order_id: "-1-2-" }],
    [{ amount: 0.01 }],
    [{ amount: 99_999_999 }],
    [{ amount: 123.42 }],
    [{ currency: "EUR" }],
    [{ description: "x" }],
    [{ description: "Тапсырыс №7 — кофе ☕" }],
    [{ description: "😀".repeat(1024) }],
    [{ user_id: "_".repeat(50) }],
    [{ profile_id: "1".repeat(64) }],
    [{ profile_id: "a.b_c-d" }],
    [{ card: { brand: "unionpay", last4: "0000" } }],
    [{ card: { brand: "American Express", last4: "0000" } }],
  ])("%j", (change) => {
    expect(parseCharge({ ...CHARGE, ...change })).toMatchObject(change);
  });
});

describe("parseCharge refuses, and names the member:", () => {
  test.each([
    ["order_id", ""],
    ["order_id", "12--34"],
    ["order_id", "1234--2"],
    ["order_id", "a".repeat(41)],
    ["order_id", "12 34"],
    ["order_id", "12.34"],
    ["order_id", "заказ"],
    ["order_id", "1234\n"],
    ["order_id", 1234],
    ["order_id", null],
    ["amount", 0],
    ["amount", -10],
    ["amount", 0.001],
    ["amount", 99_999_999.01],
    ["amount", "10"],
    ["amount", null],
    ["amount", Number.NaN],
    ["amount", [10]],
    ["currency", "kzt"],
    ["currency", "GBP"],
    ["currency", null],
    ["description", ""],
    ["description", "a".repeat(1025)],
    ["description", "a\nb"],
    ["description", "a\u0000b"],
    ["description", "a\u0085b"],
    ["description", "a\ud800b"],
    ["description", 5],
    ["user_id", ""],
    ["user_id", "a".repeat(51)],
    ["user_id", "a b"],
    ["user_id", "a.b"],
    ["profile_id", ""],
    ["profile_id", "a".repeat(65)],
    ["profile_id", "a/b"],
    ["profile_id", 7],
    ["auto_clearing", "true"],
    ["auto_clearing", 1],
    ["auto_clearing", 0],
    ["auto_clearing", ""],
    ["card", false],
    ["card", "visa 4242"],
    ["card.brand", { brand: "Visa!", last4: "4242" }],
    ["card.brand", { brand: "", last4: "4242" }],
    ["card.brand", { last4: "4242" }],
    ["card.last4", { brand: "visa", last4: "424" }],
    ["card.last4", { brand: "visa", last4: 4242 }],
    ["card.last4", { brand: "visa" }],
    ["card.brand", { brand: null, last4: "4242" }],
    ["card.last4", { brand: "visa", last4: null }],
    ["card.name", { brand: "visa", last4: "4242", name: "A B" }],
  ])("%s: %j", (member, value) => {
    const [name = ""] = member.split(".");
    const error = refusalOf({ ...CHARGE, [name]: value });
    expect(error).toMatchObject({ name: "FreedomPayError", code: "input_invalid" });
    expect(String(error)).toContain(`: ${member} `);
  });

  test.each([
    [{ order_id: "12--34" }, "order_id must be 1 to 40 of A-Z a-z 0-9 _ - without --"],
    [{ card: { brand: "Visa!", last4: "4242" } }, "card.brand must be 1 to 20 of A-Z a-z 0-9 _ - and spaces"],
    [{ card: { brand: "visa", last4: "424" } }, "card.last4 must be four digits"],
  ])("with its rule: %j", (change, message) => {
    expect(refusalOf({ ...CHARGE, ...change })).toMatchObject({ message });
  });

  test.each(Object.keys(CHARGE))("a charge without %s", (member) => {
    const error = refusalOf({ ...CHARGE, [member]: undefined });
    expect(error).toMatchObject({ code: "input_invalid" });
    const { [member as keyof typeof CHARGE]: _, ...rest } = CHARGE;
    const message = member === "profile_id" ? "there must be either profile_id or payment_page" : `${member} is missing`;
    expect(refusalOf(rest)).toMatchObject({ code: "input_invalid", message });
  });

  test.each(["amount ", ""])("the unknown member %j, without repeating a text that is not a name", (member) => {
    const message = "there is an unknown member";
    expect(refusalOf({ ...CHARGE, [member]: "x" })).toMatchObject({ code: "input_invalid", message });
  });

  test.each(["user_ip", "Amount", "constructor", "toString", "hasOwnProperty"])("the unknown member %j", (member) => {
    expect(refusalOf({ ...CHARGE, [member]: "x" })).toMatchObject({
      code: "input_invalid",
      message: `${member} is not a known member`,
    });
  });

  test("__proto__ at any place", () => {
    const inside = JSON.parse(JSON.stringify(CHARGE).replace("{", '{"__proto__":{"auto_clearing":false},')) as unknown;
    expect(refusalOf(inside)).toMatchObject({ code: "input_invalid", message: "__proto__ is not a known member" });
    const card = JSON.parse('{"brand":"visa","last4":"4242","__proto__":{}}') as unknown;
    expect(refusalOf({ ...CHARGE, card })).toMatchObject({ code: "input_invalid" });
  });

  test.each([null, undefined, "1234", 5, true])("%o for a charge", (value) => {
    expect(refusalOf(value)).toMatchObject({ code: "input_invalid", message: "the input must be an object" });
  });

  test.each([[[]], [[CHARGE]]])("the array %j", (value) => {
    expect(refusalOf(value)).toMatchObject({ code: "input_invalid" });
  });
});

describe("a payment page", () => {
  const { profile_id: _, ...terms } = CHARGE;
  const PAGE = { return_url: "https://shop.example/orders/1234" };

  test("is beside the terms, with what was given of it", () => {
    const whole = { return_url: "https://shop.example/orders/1234?a=b#paid", save_card_months: 12, language: "kk" };
    expect(parseCharge({ ...terms, payment_page: whole })).toMatchObject({ payment_page: whole });
    const empty = parseCharge({
      ...terms,
      profile_id: null,
      payment_page: { ...PAGE, save_card_months: null, language: null },
      card: null,
    });
    expect(empty).toEqual({ ...terms, payment_page: PAGE, auto_clearing: true });
  });

  test.each([
    ["both", { ...CHARGE, payment_page: PAGE }],
    ["neither", terms],
    ["neither, with nulls", { ...terms, profile_id: null, payment_page: null }],
  ])("%s of profile_id and payment_page are refused", (_name, value) => {
    const message = "there must be either profile_id or payment_page";
    expect(refusalOf(value)).toMatchObject({ code: "input_invalid", message });
  });

  test("a stored card's hint beside it is refused", () => {
    const message = "card must not be beside payment_page";
    expect(refusalOf({ ...terms, payment_page: PAGE, card: { brand: "visa", last4: "4242" } })).toMatchObject({
      code: "input_invalid",
      message,
    });
  });

  test.each([
    "https://shop.example",
    "http://localhost:8080/orders/1",
    "http://127.0.0.1/",
    `https://shop.example/${"a".repeat(1003)}`,
    "https://магазин.example/заказ",
  ])("returns to %j", (return_url) => {
    expect(parseCharge({ ...terms, payment_page: { return_url } }).payment_page).toEqual({ return_url });
  });

  test.each([
    undefined,
    null,
    "",
    7,
    "/orders/1",
    "//shop.example/",
    "http://shop.example/",
    "http://localhost.shop.example/",
    "https://user@shop.example/",
    "https://user:secret@shop.example/",
    "https://:secret@shop.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    "HTTPS://shop.example/",
    "https:\\\\shop.example/",
    "https://shop.example/a b",
    "https://shop.example/\n",
    "https://shop\t.example/",
    " https://shop.example/",
    "https://shop.example/\ud800",
    "https://",
    "ftp://shop.example/",
    `https://shop.example/${"a".repeat(1004)}`,
  ])("does not return to %j", (return_url) => {
    expect(refusalOf({ ...terms, payment_page: { return_url } })).toMatchObject({
      code: "input_invalid",
      message: expect.stringMatching(/^payment_page\.return_url (is missing|must be an https URL)/) as string,
    });
  });

  test.each([0, 13, -1, 1.5, "12", true, Number.NaN])("save_card_months is not %j", (save_card_months) => {
    const message = "payment_page.save_card_months must be a whole number from 1 to 12";
    expect(refusalOf({ ...terms, payment_page: { ...PAGE, save_card_months } })).toMatchObject({ code: "input_invalid", message });
  });

  test.each([
    ["language", "kz"],
    ["language", ""],
    ["other", 1],
  ])("its %s is not %j", (member, value) => {
    const error = refusalOf({ ...terms, payment_page: { ...PAGE, [member]: value } });
    expect(error).toMatchObject({ code: "input_invalid", message: expect.stringContaining(`payment_page.${member} `) as string });
  });

  test.each([[], "page", 1, true])("it is not %j", (payment_page) => {
    expect(refusalOf({ ...terms, payment_page })).toMatchObject({ code: "input_invalid" });
  });
});

describe("parseCharge finds a card number", () => {
  test.each([
    ["description", { description: "paid with 4111 1111 1111 1111" }],
    ["user_id", { user_id: "4111-1111-1111-1111" }],
    ["user_id", { user_id: 4_111_111_111_111_111 }],
    ["card", { card: { brand: "4111111111111111", last4: "1111" } }],
    ["card", { card: { brand: "visa", last4: "1111", pan: "4111111111111111" } }],
    ["card", { card: { brand: "visa", pan: 4_111_111_111_111_111 } }],
    ["card", { card: ["4111111111111111"] }],
    ["card", { card: "4111111111111111" }],
  ])("in %s, and does not repeat it", (member, change) => {
    const error = refusalOf({ ...CHARGE, ...change });
    expect(error).toMatchObject({ code: "card_number_found", message: `${member} contains a card number` });
    expect(String(error)).not.toMatch(/4111/);
  });

  test("not in a value that cannot become text, which is refused like any invalid value", () => {
    const brand = JSON.parse('{"toString":1,"valueOf":2}') as unknown;
    expect(refusalOf({ ...CHARGE, card: { brand, last4: "4242" } })).toMatchObject({ code: "input_invalid" });
  });

  test("not in an order_id or a profile_id, because shops choose these numbers", () => {
    expect(parseCharge({ ...CHARGE, order_id: "4111111111111111", profile_id: "4111111111111111" })).toMatchObject({
      order_id: "4111111111111111",
    });
  });
});

test("An error never contains the refused value", () => {
  for (const member of Object.keys(CHARGE)) {
    expect(String(refusalOf({ ...CHARGE, [member]: "\u0007 private value" }))).not.toContain("private value");
  }
});
