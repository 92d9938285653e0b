/** A charge: the member `charge` of a token, and most of the body of a merchant's own call. */
import * as v from "valibot";
import { containsCardNumber } from "./lib/card-number.ts";
import { FreedomPayError } from "./errors.ts";
import { readInput } from "./lib/input.ts";
import { isLoopback } from "./lib/loopback.ts";
import type { Input, Output } from "./lib/entries.ts";
import * as member from "./lib/members.ts";
import { matching } from "./lib/members.ts";

/** The members of a stored card that a page may show. */
export const cardMembers = {
  /** The brand, such as `visa`: 1-20 letters, digits, spaces, `_` and `-`. */
  brand: matching(/^[A-Za-z0-9][A-Za-z0-9 _-]{0,19}$/, "must be 1 to 20 of A-Z a-z 0-9 _ - and spaces"),
  /** The last four digits. */
  last4: matching(/^[0-9]{4}$/, "must be four digits"),
};

/** The members of a stored card that a page may show. */
export interface CardHint extends Output<typeof cardMembers> {}

const card: v.GenericSchema<CardHint> = v.strictObject(cardMembers);

/** The longest address of a return. Characters. */
export const MAX_RETURN_URL = 1024;

const RETURN_URL = "must be an https URL without a user name, of at most 1024 characters";
const MONTHS = "must be a whole number from 1 to 12";

/** The members of a payment page, with their rules. */
export const pageMembers = {
  /** Where the shopper returns: https, or http on loopback; no user name; at most 1024 characters. Its origin must be one that the edge allows. */
  return_url: v.pipe(v.string(RETURN_URL), v.check(isReturnUrl, RETURN_URL)),
  /** Save the card for so many months, 1-12. Null or left out: the card is not saved. */
  save_card_months: v.nullish(v.pipe(v.number(MONTHS), v.safeInteger(MONTHS), v.minValue(1, MONTHS), v.maxValue(12, MONTHS))),
  /** The language of the page. Null or left out: the gateway chooses it. */
  language: v.nullish(v.picklist(["kk", "ru", "en"], "must be kk, ru or en")),
};

/** A payment on Freedom Pay's own page, on which the shopper enters a card. */
export interface PaymentPageInput extends Input<typeof pageMembers> {}

/** A validated payment page. */
export interface PaymentPage {
  readonly return_url: string;
  readonly save_card_months?: number | undefined;
  readonly language?: "kk" | "ru" | "en" | undefined;
}

export const paymentPage: v.GenericSchema<PaymentPageInput> = v.strictObject(pageMembers);

/** The members of a charge, with their rules. */
export const chargeMembers = {
  /** 1-40 of `[A-Za-z0-9_-]` without `--`, which is reserved for later attempts of the same order. */
  order_id: member.orderId,
  /** Major units: a number above 0, at most 2 decimals, at most 99,999,999. */
  amount: member.amount,
  currency: member.currency,
  /** The purchase: 1-1024 characters without control characters and without a card number. */
  description: member.description,
  /** The merchant's id of the profile's owner: 1-50 of `[A-Za-z0-9_-]`, not a card number. */
  user_id: member.userId,
  /** The stored card: 1-64 of `[A-Za-z0-9._-]`. Either this or `payment_page`. */
  profile_id: v.nullish(member.profileId),
  /** A first payment on Freedom Pay's own page. Either this or `profile_id`. */
  payment_page: v.nullish(paymentPage),
  /** True or null: one step (default). False: a hold, to be cleared or reversed. */
  auto_clearing: v.nullish(member.flag, true),
  /** The stored card as the page may show it, or null. Only with `profile_id`. */
  card: v.nullish(card),
};

/** A charge as a merchant's server writes it. */
export interface ChargeInput extends Input<typeof chargeMembers> {}

/** A validated charge with its defaults. It has exactly one of `profile_id` and `payment_page`. */
export interface Charge extends Omit<Output<typeof chargeMembers>, "profile_id" | "payment_page" | "card"> {
  readonly profile_id?: string | undefined;
  readonly payment_page?: PaymentPage | undefined;
  /** The card as the page may show it. */
  readonly card?: CardHint | undefined;
}

const charge = v.strictObject(chargeMembers);

/**
 * Validates a charge. Unknown members are refused, `__proto__` included.
 *
 * @param value The result of JSON.parse, or a {@link ChargeInput}.
 * @returns A new object with its members in the order of {@link ChargeInput}. Null counts as left out for optional members, and those
 * without a value are left out.
 * @throws {@link FreedomPayError} `card_number_found` or `input_invalid`, which names the member and never its value.
 *
 * @example
 * ```ts
 * import { parseCharge } from "freedom-pay-charge";
 *
 * const order = { order_id: "1234", amount: 4990, currency: "KZT", description: "Aport apples, 5 kg", user_id: "12345" };
 * const charge = parseCharge({ ...order, profile_id: "card-1" });
 * console.log(charge.auto_clearing); // true: the default
 * ```
 */
export function parseCharge(value: unknown): Charge {
  refuseCardNumbers(value);
  const { profile_id, payment_page, auto_clearing, card: hint, ...rest } = readInput(charge, value);
  if (isGiven(profile_id) === isGiven(payment_page)) {
    throw new FreedomPayError("input_invalid", "there must be either profile_id or payment_page");
  }
  if (isGiven(hint) && isGiven(payment_page)) throw new FreedomPayError("input_invalid", "card must not be beside payment_page");
  return {
    ...rest,
    ...(isGiven(profile_id) ? { profile_id } : {}),
    ...(isGiven(payment_page) ? { payment_page: pageOf(payment_page) } : {}),
    auto_clearing,
    ...(isGiven(hint) ? { card: hint } : {}),
  };
}

function pageOf({ return_url, save_card_months, language }: PaymentPageInput): PaymentPage {
  return {
    return_url,
    ...(isGiven(save_card_months) ? { save_card_months } : {}),
    ...(isGiven(language) ? { language } : {}),
  };
}

/** Many libraries write null for a member without a value. */
function isGiven<Value>(value: Value | null | undefined): value is Value {
  return value !== undefined && value !== null;
}

/** Whether a browser can be sent back there: not to a script, and with no name that hides the host. */
export function isReturnUrl(value: string): boolean {
  if (value.length > MAX_RETURN_URL) return false;
  // A parser drops tabs and line feeds, so such a text is not the address that it seems to be.
  if (!/^https?:\/\/[^\s\p{Cc}\p{Cs}]+$/u.test(value) || !URL.canParse(value)) return false;
  const { protocol, hostname, username, password } = new URL(value);
  return username === "" && password === "" && (protocol === "https:" || isLoopback(hostname));
}

/** Checked first, so that a card number has its own error even where no member may have it. */
function refuseCardNumbers(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  const members: Readonly<Record<string, unknown>> = { ...value };
  for (const name of ["description", "user_id", "card"]) {
    if (stringsOf(members[name]).some(containsCardNumber)) {
      throw new FreedomPayError("card_number_found", `${name} contains a card number`);
    }
  }
}

/** The member itself, or the members of an object, as text. */
function stringsOf(value: unknown): readonly string[] {
  const values: readonly unknown[] = typeof value === "object" && value !== null ? Object.values(value) : [value];
  return values.filter((one) => typeof one === "string" || typeof one === "number").map(String);
}
