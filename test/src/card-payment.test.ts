import { describe, expect, test } from "vitest";
import type { CardPaymentInput, SavedCardPaymentInput, TokenizedPaymentInput } from "../../src/card-payment.ts";
import { createCardPayment, createSavedCardPayment, createTokenizedPayment } from "../../src/card-payment.ts";
import { ACTIONS } from "../../src/payment.ts";
import { createSigner } from "../../src/signature.ts";
import vectors from "./jws-vectors.json" with { type: "json" };

const ID = "0190fddd-bea7-7f17-b777-10344d5cc816";

const official = vectors.find(({ name }) => name.startsWith("g2g/create"));

const PAYMENT = {
  amount: 123.42,
  currency: "KZT",
  description: "description",
  order_id: "order_id",
  user_id: "user_id",
  auto_clearing: true,
  user_ip: "123.123.123.123",
  urls: {
    check_url: "https://webhook.site/2af177da-0d72-4651-a31e-a0ea56ccc8a4",
    result_url: "https://webhook.site/2af177da-0d72-4651-a31e-a0ea56ccc8a4",
  },
} as const;

const CARD = { month: 1, year: 24, cvc: "012", pan: "1234567890123456", name: "CARD HOLDER" };

/** The code and message of a function's error. */
function refusalOf(build: () => unknown): unknown {
  try {
    build();
  } catch (error) {
    return error;
  }
  return "no error was thrown";
}

const fromOf = (call: { readonly body: string }): string => /"from":(.*),"device"/.exec(call.body)?.[1] ?? "";

describe("createCardPayment", () => {
  test("writes the body of the official vector byte for byte, so that our signature equals the official one", async () => {
    const call = createCardPayment({ ...PAYMENT, card: CARD, save: true, recurrent: { lifetime: 3 } }, ID);
    expect(call).toEqual({ action: ACTIONS.create, requestId: ID, body: official?.payload_text });
    const signer = await createSigner({ merchantId: "123456", secretKey: official?.secret ?? "" });
    expect(await signer.sign(call.action.endpoint, new TextEncoder().encode(call.body))).toBe(official?.detached_jws);
  });

  test("leaves out save and recurrent when they are not given, and sends save false when it is given", () => {
    const card = '"type":"card","card":{"name":"CARD HOLDER","pan":"1234567890123456","cvc":"012","year":24,"month":1}';
    expect(fromOf(createCardPayment({ ...PAYMENT, card: CARD }, ID))).toBe(`{${card}}`);
    expect(fromOf(createCardPayment({ ...PAYMENT, card: CARD, save: false }, ID))).toBe(`{${card},"save":false}`);
    expect(fromOf(createCardPayment({ ...PAYMENT, card: CARD, recurrent: { lifetime: 156 } }, ID))).toBe(
      `{${card},"recurrent":{"lifetime":156}}`,
    );
  });

  test.each([0, 157, 1.5, -1, "3", null])("refuses a profile of %j months", (lifetime) => {
    const input = { ...PAYMENT, card: CARD, recurrent: { lifetime } } as CardPaymentInput;
    expect(refusalOf(() => createCardPayment(input, ID))).toMatchObject({
      code: "input_invalid",
      message: "recurrent.lifetime must be a whole number from 1 to 156",
    });
  });

  test.each([
    ["card.pan", { pan: "4111 1111 1111 1111" }],
    ["card.pan", { pan: "41111111111" }],
    ["card.pan", { pan: 4_111_111_111_111_111 }],
    ["card.cvc", { cvc: "12" }],
    ["card.cvc", { cvc: 12 }],
    ["card.year", { year: 2024 }],
    ["card.year", { year: "24" }],
    ["card.year", { year: -1 }],
    ["card.month", { month: 0 }],
    ["card.month", { month: 13 }],
    ["card.month", { month: 1.5 }],
    ["card.name", { name: "" }],
    ["card.name", { name: "A\nB" }],
    ["card.pin", { pin: "1234" }],
  ])("refuses a wrong %s and does not repeat it: %j", (member, change) => {
    const input = { ...PAYMENT, card: { ...CARD, ...change } } as CardPaymentInput;
    const error = refusalOf(() => createCardPayment(input, ID));
    expect(error).toMatchObject({ name: "FreedomPayError", code: "input_invalid" });
    expect(String(error)).toContain(`: ${member} `);
    expect(String(error)).not.toMatch(/\d{4}/);
  });

  test.each([
    ["amount", { amount: 0 }],
    ["urls.check_url", { urls: { check_url: "x" } }],
    ["save", { save: "yes" }],
    ["profile_id", { profile_id: "77" }],
  ])("checks the common members of a create: %s", (member, change) => {
    const input = { ...PAYMENT, card: CARD, ...change } as CardPaymentInput;
    expect(String(refusalOf(() => createCardPayment(input, ID)))).toContain(`: ${member} `);
  });
});

describe("createSavedCardPayment", () => {
  test("names the card by its token", () => {
    expect(fromOf(createSavedCardPayment({ ...PAYMENT, token: "a1b2" }, ID))).toBe('{"type":"saved","card":{"token":"a1b2"}}');
  });

  test.each(["", "a b", 5, undefined, "x".repeat(256)])("refuses the token %j", (token) => {
    const input = { ...PAYMENT, token } as SavedCardPaymentInput;
    expect(refusalOf(() => createSavedCardPayment(input, ID))).toMatchObject({ code: "input_invalid" });
  });
});

describe("createTokenizedPayment", () => {
  const INPUT: TokenizedPaymentInput = {
    ...PAYMENT,
    card: { year: 29, month: 12, pan: "1234567890123456" },
    token: { online_payment_cryptogram: "AAAA+/8=", eci_indicator: "05", type: "applepay" },
  };

  test.each(["applepay", "googlepay", "vts", "mscof"] as const)("writes a token of %s and its card", (type) => {
    expect(fromOf(createTokenizedPayment({ ...INPUT, token: { ...INPUT.token, type } }, ID))).toBe(
      `{"type":"tokenized","token":{"type":"${type}","eci_indicator":"05","online_payment_cryptogram":"AAAA+/8="},` +
        '"card":{"pan":"1234567890123456","month":12,"year":29}}',
    );
  });

  test.each([
    ["token.type", { token: { ...INPUT.token, type: "samsungpay" } }],
    ["token.eci_indicator", { token: { ...INPUT.token, eci_indicator: "five" } }],
    ["token.online_payment_cryptogram", { token: { ...INPUT.token, online_payment_cryptogram: "" } }],
    ["card.pan", { card: { ...INPUT.card, pan: "x" } }],
    ["card.cvc", { card: { ...INPUT.card, cvc: "012" } }],
  ])("refuses a wrong %s", (member, change) => {
    const input = { ...INPUT, ...change } as TokenizedPaymentInput;
    const error = refusalOf(() => createTokenizedPayment(input, ID));
    expect(error).toMatchObject({ code: "input_invalid" });
    expect(String(error)).toContain(`: ${member} `);
  });
});

test("The error of a wrong X-Request-Id contains no card data", () => {
  const error = refusalOf(() => createCardPayment({ ...PAYMENT, card: CARD }, "77"));
  expect(error).toMatchObject({ code: "input_invalid", message: "the request id must be a UUID" });
});

describe("The error text of an invalid member", () => {
  const say = (change: object): string => String(refusalOf(() => createCardPayment({ ...PAYMENT, card: CARD, ...change }, ID)));

  test.each([
    [{ card: { ...CARD, pan: "1" } }, "card.pan must be 12 to 19 digits"],
    [{ card: { ...CARD, cvc: "1" } }, "card.cvc must be 3 or 4 digits"],
    [{ card: { ...CARD, name: "" } }, "card.name must be 1 to 100 characters without control characters"],
    [{ card: { ...CARD, year: 100 } }, "card.year must be a whole number from 0 to 99"],
    [{ card: { ...CARD, month: 0 } }, "card.month must be a whole number from 1 to 12"],
    [{ save: 1 }, "save must be true or false"],
  ])("%j", (change, message) => {
    expect(say(change)).toBe(`FreedomPayError: ${message}`);
  });

  test.each([0, 99])("takes the year %i", (year) => {
    expect(fromOf(createCardPayment({ ...PAYMENT, card: { ...CARD, year } }, ID))).toContain(`"year":${year}`);
  });

  test("tokens", () => {
    const token = { type: "applepay", eci_indicator: "05", online_payment_cryptogram: "AAAA" } as const;
    const card = { year: 29, month: 12, pan: "1234567890123456" };
    const ofToken = (change: object): string =>
      String(refusalOf(() => createTokenizedPayment({ ...PAYMENT, card, token: { ...token, ...change } }, ID)));
    expect(ofToken({ type: "x" })).toContain("token.type must be one of applepay, googlepay, vts, mscof");
    expect(ofToken({ eci_indicator: "x" })).toContain("token.eci_indicator must be 1 or 2 digits");
    expect(ofToken({ online_payment_cryptogram: "" })).toContain("token.online_payment_cryptogram must be visible ASCII characters");
    const saved = { ...PAYMENT, token: "" };
    expect(String(refusalOf(() => createSavedCardPayment(saved, ID)))).toContain("token must be visible ASCII characters");
  });
});
