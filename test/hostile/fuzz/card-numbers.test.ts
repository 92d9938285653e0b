import fc from "fast-check";
import { expect, test } from "vitest";
import { containsCardNumber } from "../../../src/lib/card-number.ts";
import { SCHEMES, withCheckDigit } from "../../src/card-schemes.ts";
import { cases, TIMEOUT } from "./cases.ts";

const cardNumber = fc.constantFrom(...SCHEMES).chain(({ begins, lengths }) =>
  fc
    .tuple(
      fc.constantFrom(...begins).chain(([min, max]) => fc.integer({ min, max })),
      fc.constantFrom(...lengths),
      fc.stringMatching(/^\d{18}$/),
    )
    .map(([first, length, others]) => withCheckDigit(`${first}${others}`.slice(0, length - 1))),
);

/** A number in groups of any sizes, separated by any single space or dash. */
const grouped = fc
  .tuple(cardNumber, fc.array(fc.option(fc.constantFrom(" ", "-", "\u00a0", "\u2009", "–"), { freq: 3 }), { minLength: 19, maxLength: 19 }))
  .map(([digits, partings]) => [...digits].map((digit, place) => (place === 0 ? digit : `${partings[place] ?? ""}${digit}`)).join(""));

/** Text around it that does not join it to other digits. */
const around = fc.string({ unit: fc.constantFrom("a", "Б", ".", ",", ":", "\u200f", "№", "💳"), maxLength: 10 });

test("a card number is found in any grouping, at any place", { timeout: TIMEOUT }, () => {
  fc.assert(
    fc.property(around, grouped, around, (before, number, after) => {
      expect(containsCardNumber(before + number + after)).toBe(true);
      // A digit that differs by one makes the number invalid, because Luhn finds every single change.
      const last = Number(number.slice(-1));
      expect(containsCardNumber(`${before}${number.slice(0, -1)}${(last + 1) % 10}${after}`) && !/[^\d]\d/.test(number)).toBe(false);
    }),
    cases("card numbers"),
  );
});
