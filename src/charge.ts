/** What a charge is made of: the member `charge` of a token, and most of the body of a merchant's own call. */
import * as v from "valibot";
import { holdsCardNumber } from "./lib/card-number.ts";
import { FreedomPayError } from "./errors.ts";
import { readInput } from "./lib/input.ts";
import type { Input, Output } from "./lib/entries.ts";
import * as member from "./lib/members.ts";
import { matching } from "./lib/members.ts";

/** What is safe to show of a stored card. */
export const cardMembers = {
  /** The brand, such as `visa`: 1-20 letters, digits, spaces, `_` and `-`. */
  brand: matching(/^[A-Za-z0-9][A-Za-z0-9 _-]{0,19}$/, "must be 1 to 20 of A-Z a-z 0-9 _ - and spaces"),
  /** The last four digits. */
  last4: matching(/^[0-9]{4}$/, "must be four digits"),
};

/** What is safe to show of a stored card. */
export interface CardHint extends Output<typeof cardMembers> {}

const card: v.GenericSchema<CardHint> = v.strictObject(cardMembers);

/** The members of a charge, with their rules. */
export const chargeMembers = {
  /** 1-40 of `[A-Za-z0-9_-]` without `--`, which is kept for later attempts of the same order. */
  order_id: member.orderId,
  /** Major units: a number above 0, at most 2 decimals, at most 99,999,999. */
  amount: member.amount,
  currency: member.currency,
  /** What is paid for: 1-1024 characters without control characters and without a card number. */
  description: member.description,
  /** The owner of the profile at the merchant's: 1-50 of `[A-Za-z0-9_-]`, not a card number. */
  user_id: member.userId,
  /** The stored card: 1-64 of `[A-Za-z0-9._-]`. */
  profile_id: member.profileId,
  /** True, the default: one step. False: a hold, to be cleared or reversed. Null is the default, too. */
  auto_clearing: v.nullish(member.flag, true),
  /** What the page may show of the card. Null: nothing. */
  card: v.nullish(card),
};

/** One charge, as a merchant's server writes it. */
export interface ChargeInput extends Input<typeof chargeMembers> {}

/** One charge, checked, with its defaults. */
export interface Charge extends Omit<Output<typeof chargeMembers>, "card"> {
  /** What the page may show of the card. */
  readonly card?: CardHint | undefined;
}

const charge = v.strictObject(chargeMembers);

/**
 * Checks a charge, strictly: members that are not known are refused, `__proto__` too.
 *
 * @param value What JSON.parse made of it, or a {@link ChargeInput}.
 * @returns A new object, its members in the order of {@link ChargeInput}; `card` only when it was given. `auto_clearing` and `card` count as
 * left out when they are null.
 * @throws {@link FreedomPayError} `card_number_found` or `input_invalid`, naming the member and never its value.
 */
export function parseCharge(value: unknown): Charge {
  refuseCardNumbers(value);
  const { card: hint, ...rest } = readInput(charge, value);
  return hint === undefined || hint === null ? rest : { ...rest, card: hint };
}

/** Looked for before anything else, so that a card number is called by its name even where it has no place at all. */
function refuseCardNumbers(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  const members: Readonly<Record<string, unknown>> = { ...value };
  for (const name of ["description", "user_id", "card"]) {
    if (textsOf(members[name]).some(holdsCardNumber)) {
      throw new FreedomPayError("card_number_found", `${name} holds a card number`);
    }
  }
}

/** The member itself, or the members of an object, as text. */
function textsOf(value: unknown): readonly string[] {
  const values: readonly unknown[] = typeof value === "object" && value !== null ? Object.values(value) : [value];
  return values.filter((one) => typeof one === "string" || typeof one === "number").map(String);
}
