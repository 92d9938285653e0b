/**
 * Creates with card data, only for servers that are certified under PCI DSS. This file has its own entry point; neither the
 * edge nor the element imports it. Do not log or store the bodies that it makes.
 */
import * as v from "valibot";
import { readInput } from "./lib/input.ts";
import type { PaymentInput, UnsignedCall } from "./payment.ts";
import { createCall, paymentMembers } from "./payment.ts";
import type { CreatedPayment } from "./payment-answer.ts";

/** A card as the shopper enters it. */
export interface Card {
  /** The name on the card, 1-100 characters. */
  readonly name: string;
  /** The number: 12-19 digits without spaces. */
  readonly pan: string;
  /** 3 or 4 digits, as text because it may begin with 0. */
  readonly cvc: string;
  /** The last two digits of the year: 0-99. */
  readonly year: number;
  /** 1-12. */
  readonly month: number;
}

/** Input of {@link createCardPayment}. */
export interface CardPaymentInput extends PaymentInput {
  readonly card: Card;
  /** Whether the gateway saves the card. If it is left out here, the body does not have it. */
  readonly save?: boolean | undefined;
  /** Starts a recurrent profile with a lifetime in months, 1-156. */
  readonly recurrent?: { readonly lifetime: number } | undefined;
}

/** Input of {@link createSavedCardPayment}. */
export interface SavedCardPaymentInput extends PaymentInput {
  /** The token of a saved card; one official page calls it `uuid`. 1-255 visible ASCII characters. */
  readonly token: string;
}

/** The kind of token: Apple Pay, Google Pay, Visa's or Mastercard's token service. */
export type TokenType = "applepay" | "googlepay" | "vts" | "mscof";

/** Input of {@link createTokenizedPayment}. */
export interface TokenizedPaymentInput extends PaymentInput {
  readonly token: {
    readonly type: TokenType;
    /** The electronic commerce indicator from the wallet: 1 or 2 digits. */
    readonly eci_indicator: string;
    /** The cryptogram from the wallet: 1-1024 visible ASCII characters. */
    readonly online_payment_cryptogram: string;
  };
  /** The number that replaces the card number (12-19 digits), and its expiry date. */
  readonly card: Pick<Card, "pan" | "month" | "year">;
}

function text(rule: RegExp, message: string): v.GenericSchema<string> {
  return v.pipe(v.string(message), v.regex(rule, message));
}

function wholeNumber(min: number, max: number): v.GenericSchema<number> {
  const message = `must be a whole number from ${min} to ${max}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(min, message), v.maxValue(max, message));
}

// No Luhn check, because the gateway validates card numbers, and its own samples fail Luhn.
const pan = text(/^\d{12,19}$/, "must be 12 to 19 digits");
const month = wholeNumber(1, 12);
const year = wholeNumber(0, 99);
const visible = "must be visible ASCII characters";

const card = v.strictObject({
  name: text(/^[^\p{Cc}\p{Cs}]{1,100}$/u, "must be 1 to 100 characters without control characters"),
  pan,
  cvc: text(/^\d{3,4}$/, "must be 3 or 4 digits"),
  year,
  month,
});

const cardPayment = v.strictObject({
  ...paymentMembers,
  card,
  save: v.optional(v.boolean("must be true or false")),
  recurrent: v.optional(v.strictObject({ lifetime: wholeNumber(1, 156) })),
});

const savedCardPayment = v.strictObject({ ...paymentMembers, token: text(/^[\x21-\x7e]{1,255}$/, visible) });

const TOKEN_TYPES: readonly TokenType[] = ["applepay", "googlepay", "vts", "mscof"];

const tokenizedPayment = v.strictObject({
  ...paymentMembers,
  token: v.strictObject({
    type: v.picklist(TOKEN_TYPES, `must be one of ${TOKEN_TYPES.join(", ")}`),
    eci_indicator: text(/^\d{1,2}$/, "must be 1 or 2 digits"),
    online_payment_cryptogram: text(/^[\x21-\x7e]{1,1024}$/, visible),
  }),
  card: v.strictObject({ pan, month, year }),
});

/**
 * Pays with a card. Saves it if `save` is true, and starts a profile if `recurrent` is given (Async API, create payment).
 *
 * @param requestId The X-Request-Id of the call: a UUID.
 * @throws `FreedomPayError` `input_invalid`, which names the member and never its value.
 *
 * @example
 * ```ts
 * import { requestId } from "freedom-pay-charge";
 * import { createCardPayment } from "freedom-pay-charge/card-payment";
 *
 * const payment = {
 *   amount: 100,
 *   currency: "KZT",
 *   description: "First order",
 *   order_id: "1",
 *   user_id: "12345",
 *   auto_clearing: true,
 *   user_ip: "203.0.113.7",
 * } as const;
 * const card = { name: "CARD HOLDER", pan: "4111111111111111", cvc: "012", year: 30, month: 1 };
 * const call = createCardPayment({ ...payment, card, recurrent: { lifetime: 24 } }, requestId());
 * ```
 */
export function createCardPayment(input: CardPaymentInput, requestId: string): UnsignedCall<CreatedPayment> {
  const { card, save, recurrent, ...payment } = readInput(cardPayment, input);
  const { name, pan, cvc, year, month } = card;
  return createCall(payment, { type: "card", card: { name, pan, cvc, year, month }, save, recurrent }, requestId);
}

/**
 * Pays with a saved card (Async API, create payment, type `saved`).
 *
 * @param requestId The X-Request-Id of the call: a UUID.
 * @throws `FreedomPayError` `input_invalid`, which names the member.
 *
 * @example
 * ```ts
 * import { requestId } from "freedom-pay-charge";
 * import { createSavedCardPayment } from "freedom-pay-charge/card-payment";
 *
 * const payment = {
 *   amount: 100,
 *   currency: "KZT",
 *   description: "First order",
 *   order_id: "1",
 *   user_id: "12345",
 *   auto_clearing: true,
 *   user_ip: "203.0.113.7",
 * } as const;
 * const call = createSavedCardPayment({ ...payment, token: "token-of-a-saved-card" }, requestId());
 * ```
 */
export function createSavedCardPayment(input: SavedCardPaymentInput, requestId: string): UnsignedCall<CreatedPayment> {
  const { token, ...payment } = readInput(savedCardPayment, input);
  return createCall(payment, { type: "saved", card: { token } }, requestId);
}

/**
 * Pays with the token of a wallet or of a card scheme (Async API, create payment, type `tokenized`).
 *
 * @param requestId The X-Request-Id of the call: a UUID.
 * @throws `FreedomPayError` `input_invalid`, which names the member and never its value.
 *
 * @example
 * ```ts
 * import { requestId } from "freedom-pay-charge";
 * import { createTokenizedPayment } from "freedom-pay-charge/card-payment";
 *
 * const payment = {
 *   amount: 100,
 *   currency: "KZT",
 *   description: "First order",
 *   order_id: "1",
 *   user_id: "12345",
 *   auto_clearing: true,
 *   user_ip: "203.0.113.7",
 * } as const;
 * const token = { type: "applepay", eci_indicator: "7", online_payment_cryptogram: "cryptogram-of-the-wallet" } as const;
 * const call = createTokenizedPayment({ ...payment, token, card: { pan: "4111111111111111", year: 30, month: 1 } }, requestId());
 * ```
 */
export function createTokenizedPayment(input: TokenizedPaymentInput, requestId: string): UnsignedCall<CreatedPayment> {
  const { token, card, ...payment } = readInput(tokenizedPayment, input);
  const { type, eci_indicator, online_payment_cryptogram } = token;
  const { pan, month, year } = card;
  const from = { type: "tokenized", token: { type, eci_indicator, online_payment_cryptogram }, card: { pan, month, year } };
  return createCall(payment, from, requestId);
}
