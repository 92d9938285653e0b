/** A charge: the member `charge` of a token, and most of the body of a merchant's own call. */
import * as v from "valibot";
import { containsCardNumber } from "./lib/card-number.ts";
import { FreedomPayError } from "./errors.ts";
import { readInput } from "./lib/input.ts";
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
  /** The stored card: 1-64 of `[A-Za-z0-9._-]`. */
  profile_id: member.profileId,
  /** True or null: one step (default). False: a hold, to be cleared or reversed. */
  auto_clearing: v.nullish(member.flag, true),
  /** The card as the page may show it, or null. */
  card: v.nullish(card),
};

/** A charge as a merchant's server writes it. */
export interface ChargeInput extends Input<typeof chargeMembers> {}

/** A validated charge with its defaults. */
export interface Charge extends Omit<Output<typeof chargeMembers>, "card"> {
  /** The card as the page may show it. */
  readonly card?: CardHint | undefined;
}

const charge = v.strictObject(chargeMembers);

/**
 * Validates a charge. Unknown members are refused, `__proto__` included.
 *
 * @param value The result of JSON.parse, or a {@link ChargeInput}.
 * @returns A new object with its members in the order of {@link ChargeInput}. It has `card` only if the input has one. Null counts as left
 * out for `auto_clearing` and `card`.
 * @throws {@link FreedomPayError} `card_number_found` or `input_invalid`, which names the member and never its value.
 */
export function parseCharge(value: unknown): Charge {
  refuseCardNumbers(value);
  const { card: hint, ...rest } = readInput(charge, value);
  return hint === undefined || hint === null ? rest : { ...rest, card: hint };
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
