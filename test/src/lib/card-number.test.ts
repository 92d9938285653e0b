import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { containsCardNumber } from "../../../src/lib/card-number.ts";
import { isOfAScheme, SCHEMES, withCheckDigit } from "../card-schemes.ts";
import { cases } from "../../length.ts";

const RUNS = cases(300);

const cardNumber = fc.constantFrom(...SCHEMES).chain(({ begins, lengths }) =>
  fc
    .tuple(
      fc.constantFrom(...begins).chain(([min, max]) => fc.integer({ min, max })),
      fc.constantFrom(...lengths),
      fc.stringMatching(/^\d{18}$/),
    )
    .map(([first, length, others]) => withCheckDigit(`${first}${others}`.slice(0, length - 1))),
);

/** A card number in groups with single separators. */
const groupedCardNumber = fc
  .tuple(cardNumber, fc.array(fc.constantFrom(" ", "-", "", "\u00a0", "–"), { minLength: 19, maxLength: 19 }))
  .map(([digits, separators]) => [...digits].map((digit, place) => (place === 0 ? digit : `${separators[place] ?? ""}${digit}`)).join(""));

describe("containsCardNumber", () => {
  test.each([
    ["4111111111111111"],
    ["4111 1111 1111 1111"],
    ["4111-1111-1111-1111"],
    ["4111 1111-1111 1111"],
    ["4111\u00a01111\u00a01111\u00a01111"],
    ["4111\u20111111\u20111111\u20111111"],
    ["card 4111111111111111 of the shopper"],
    ["pan=4111111111111111;"],
    ["378282246310005"],
    ["3782 822463 10005"],
    ["2223003122003222"],
    ["5555555555554444"],
    ["6011000990139424"],
    ["6390000000000000009"],
    ["2200 0000 0000 0004"],
    ["8600 0000 0000 0007"],
    ["9860 0000 0000 0000"],
    ["9417 0000 0000 0008"],
    ["order 77 4111 1111 1111 1111"],
    ["4111 1111 1111 1111 12/28"],
    ["12 34 4111 1111 1111 1111 123"],
    ["4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"],
  ])("finds a card number in %j", (text) => {
    expect(containsCardNumber(text)).toBe(true);
  });

  test.each([
    ["", "nothing"],
    ["Order no. 1234", "too few digits"],
    ["4111111111111112", "does not pass Luhn"],
    ["490154203237518", "an IMEI: 15 digits, not a card"],
    ["49-015420-323751-8", "an IMEI in its groups"],
    ["356938035643809", "an IMEI that begins like JCB's cards"],
    ["8901410321111851072", "the number of a SIM card"],
    ["5901234123457000000", "19 digits of a barcode"],
    ["370000000000000015", "18 digits that begin as American Express's cards do"],
    ["41111111111111113", "17 digits that begin as Visa's do"],
    ["6304000000000000000", "19 digits that no scheme has"],
    ["1234567890123452", "passes Luhn and begins with 1"],
    ["7111111111111114", "begins with 7"],
    ["0000000000000000", "begins with 0"],
    ["41111111111114", "passes Luhn and has 14 digits"],
    ["41111111111111111115", "passes Luhn and has 20 digits"],
    ["94111111111111111", "a part of a digit group is not a card number"],
    ["41111111111111119", "a part of a digit group is not a card number"],
    ["4111  1111  1111  1111", "separated by two spaces"],
    ["4111 - 1111 - 1111 - 1111", "separated by three characters"],
    ["4111.1111.1111.1111", "separated by dots"],
    ["4111\n1111\n1111\n1111", "separated by line ends"],
    ["4111a1111b1111c1111", "separated by letters"],
    ["+7 701 123 45 67", "a telephone number"],
    ["2026-11-22 10:15", "a date"],
  ])("finds no card number in %j: %s", (text) => {
    expect(containsCardNumber(text)).toBe(false);
  });

  test.each([13, 14, 15, 16, 17, 18, 19, 20])(
    "finds a number of %i digits exactly if a scheme has such numbers, for all first four digits",
    (length) => {
      for (let first = 0; first < 10_000; first += 1) {
        const number = withCheckDigit(
          String(first)
            .padStart(4, "0")
            .padEnd(length - 1, "7"),
        );
        if (containsCardNumber(number) !== isOfAScheme(number)) expect.fail(`${number} is judged wrongly`);
      }
    },
  );

  test("checks every run of groups, not only the longest", () => {
    const longRun = "22 4111 1111 1111 1111 10 11 12 13 14";
    expect(containsCardNumber(longRun)).toBe(true);
    expect(containsCardNumber(longRun.replace("4111", "4112"))).toBe(false);
  });

  test("finds every card number, with any grouping and any text around it", () => {
    fc.assert(
      fc.property(
        groupedCardNumber,
        fc.constantFrom("", "x", "pay: ", "0 ", "№"),
        fc.constantFrom("", "x", " please", " 0"),
        (number, before, after) => {
          expect(containsCardNumber(before + number + after)).toBe(true);
        },
      ),
      RUNS,
    );
  });

  test("finds no card number after a digit is changed", () => {
    fc.assert(
      fc.property(cardNumber, fc.integer({ min: 1, max: 13 }), fc.integer({ min: 1, max: 9 }), (number, place, change) => {
        const digit = (Number(number[place]) + change) % 10;
        expect(containsCardNumber(number.slice(0, place) + digit + number.slice(place + 1))).toBe(false);
      }),
      RUNS,
    );
  });

  test("handles a long text of digit groups", () => {
    const text = "1 ".repeat(100_000);
    expect(containsCardNumber(text)).toBe(false);
  });
});
