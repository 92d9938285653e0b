import fc from "fast-check";
import { expect, test } from "vitest";
import { holdsCardNumber } from "../../../src/card-number.ts";
import { cases, TIMEOUT } from "./cases.ts";

/** The last digit of a number that passes the check, by a table rather than by doubling. */
const DOUBLED = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];

function withCheckDigit(digits: readonly number[]): string {
  const sum = digits.toReversed().reduce((all, digit, place) => all + (place % 2 === 0 ? (DOUBLED[digit] ?? 0) : digit), 0);
  return [...digits, (10 - (sum % 10)) % 10].join("");
}

const cardNumber = fc
  .tuple(fc.integer({ min: 2, max: 6 }), fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 13, maxLength: 17 }))
  .map(([first, others]) => withCheckDigit([first, ...others]));

/** A number in groups of any sizes, parted by any single space or dash. */
const grouped = fc
  .tuple(cardNumber, fc.array(fc.option(fc.constantFrom(" ", "-", "\u00a0", "\u2009", "–"), { freq: 3 }), { minLength: 19, maxLength: 19 }))
  .map(([digits, partings]) => [...digits].map((digit, place) => (place === 0 ? digit : `${partings[place] ?? ""}${digit}`)).join(""));

/** What may stand around it: nothing that joins it to other digits. */
const around = fc.string({ unit: fc.constantFrom("a", "Б", ".", ",", ":", "\u200f", "№", "💳"), maxLength: 10 });

test("a card number is found in whatever grouping, wherever it stands", { timeout: TIMEOUT }, () => {
  fc.assert(
    fc.property(around, grouped, around, (before, number, after) => {
      expect(holdsCardNumber(before + number + after)).toBe(true);
      // One digit more or less by one is another number, and no card's: the check finds every single change.
      const last = Number(number.slice(-1));
      expect(holdsCardNumber(`${before}${number.slice(0, -1)}${(last + 1) % 10}${after}`) && !/[^\d]\d/.test(number)).toBe(false);
    }),
    cases("card numbers"),
  );
});
