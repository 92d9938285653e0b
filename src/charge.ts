/** What a charge is made of: the member `charge` of a token, and most of the body of a merchant's own call. */
import * as v from "valibot";
import { holdsCardNumber } from "./card-number.ts";
import type { CardHint } from "./edge-api.ts";
import { FreedomPayError } from "./errors.ts";
import { readInput } from "./input.ts";
import * as member from "./members.ts";
import type { Currency } from "./money.ts";

/** One charge, as a merchant's server writes it. */
export interface ChargeInput {
  /** 1-40 of `[A-Za-z0-9_-]` without `--`, which is kept for later attempts of the same order. */
  readonly order_id: string;
  /** Major units: a number above 0, at most 2 decimals, at most 99,999,999. */
  readonly amount: number;
  readonly currency: Currency;
  /** 1-1024 characters without control characters and without a card number. */
  readonly description: string;
  /** 1-50 of `[A-Za-z0-9_-]`, not a card number; must own the profile. */
  readonly user_id: string;
  /** The stored profile: 1-64 of `[A-Za-z0-9._-]`. */
  readonly profile_id: string;
  /** True, the default: one step. False: a hold, to be cleared or reversed. Null is the default, too. */
  readonly auto_clearing?: boolean | null | undefined;
  /** What the page may show of the card: a brand of 1-20 letters, digits, spaces, `_` and `-` and the last four digits. Null: nothing. */
  readonly card?: CardHint | null | undefined;
}

/** One charge, checked, with its defaults. */
export interface Charge extends ChargeInput {
  readonly auto_clearing: boolean;
  readonly card?: CardHint | undefined;
}

const BRAND = /^[A-Za-z0-9][A-Za-z0-9 _-]{0,19}$/;
const LAST4 = /^\d{4}$/;

function text(rule: RegExp, message: string): v.GenericSchema<string> {
  return v.pipe(v.string(message), v.regex(rule, message));
}

const charge = v.strictObject({
  order_id: member.orderId,
  amount: member.amount,
  currency: member.currency,
  description: member.description,
  user_id: member.userId,
  profile_id: member.profileId,
  // Many libraries write a member that has no value as null.
  auto_clearing: v.nullish(member.flag, true),
  card: v.nullish(
    v.strictObject({
      brand: text(BRAND, "must be 1 to 20 of A-Z a-z 0-9 _ - and spaces"),
      last4: text(LAST4, "must be four digits"),
    }),
  ),
});

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
  const { card, ...rest } = readInput(charge, value);
  return card === undefined || card === null ? rest : { ...rest, card };
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
