import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { holdsCardNumber } from "../../src/card-number.ts";

const RUNS = { numRuns: 300 };

/** The check digit that makes the digits before it pass (ISO/IEC 7812-1, annex B), counted another way than in src. */
function checkDigit(digits: string): string {
  const doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
  const sum = [...digits]
    .reverse()
    .reduce((total, digit, place) => total + (place % 2 === 0 ? (doubled[Number(digit)] ?? 0) : Number(digit)), 0);
  return String((10 - (sum % 10)) % 10);
}

const cardNumber = fc
  .tuple(fc.integer({ min: 2, max: 6 }), fc.stringMatching(/^\d{13,17}$/))
  .map(([first, rest]) => `${first}${rest}`)
  .map((digits) => digits + checkDigit(digits));

/** A card number cut into groups by single separators. */
const groupedCardNumber = fc
  .tuple(cardNumber, fc.array(fc.constantFrom(" ", "-", "", "\u00a0", "–"), { minLength: 19, maxLength: 19 }))
  .map(([digits, separators]) => [...digits].map((digit, place) => (place === 0 ? digit : `${separators[place] ?? ""}${digit}`)).join(""));

describe("holdsCardNumber", () => {
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
    ["6304000000000000000"],
    ["order 77 4111 1111 1111 1111"],
    ["4111 1111 1111 1111 12/28"],
    ["12 34 4111 1111 1111 1111 123"],
    ["4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"],
  ])("finds one in %j", (text) => {
    expect(holdsCardNumber(text)).toBe(true);
  });

  test.each([
    ["", "nothing"],
    ["Order no. 1234", "too few digits"],
    ["4111111111111112", "does not pass Luhn"],
    ["1234567890123452", "passes Luhn and begins with 1"],
    ["7111111111111114", "begins with 7"],
    ["0000000000000000", "begins with 0"],
    ["41111111111114", "passes Luhn and has 14 digits"],
    ["41111111111111111115", "passes Luhn and has 20 digits"],
    ["94111111111111111", "a part of a digit group is no number"],
    ["41111111111111119", "a part of a digit group is no number"],
    ["4111  1111  1111  1111", "parted by two spaces"],
    ["4111 - 1111 - 1111 - 1111", "parted by three characters"],
    ["4111.1111.1111.1111", "parted by dots"],
    ["4111\n1111\n1111\n1111", "parted by line ends"],
    ["4111a1111b1111c1111", "parted by letters"],
    ["+7 701 123 45 67", "a telephone number"],
    ["2026-11-22 10:15", "a date"],
  ])("finds none in %j: %s", (text) => {
    expect(holdsCardNumber(text)).toBe(false);
  });

  test("looks at every run of groups, not only the longest", () => {
    const longRun = "22 4111 1111 1111 1111 10 11 12 13 14";
    expect(holdsCardNumber(longRun)).toBe(true);
    expect(holdsCardNumber(longRun.replace("4111", "4112"))).toBe(false);
  });

  test("finds every card number, however it is grouped and whatever surrounds it", () => {
    fc.assert(
      fc.property(
        groupedCardNumber,
        fc.constantFrom("", "x", "pay: ", "0 ", "№"),
        fc.constantFrom("", "x", " please", " 0"),
        (number, before, after) => {
          expect(holdsCardNumber(before + number + after)).toBe(true);
        },
      ),
      RUNS,
    );
  });

  test("finds none once a digit is changed", () => {
    fc.assert(
      fc.property(cardNumber, fc.integer({ min: 1, max: 13 }), fc.integer({ min: 1, max: 9 }), (number, place, change) => {
        const digit = (Number(number[place]) + change) % 10;
        expect(holdsCardNumber(number.slice(0, place) + digit + number.slice(place + 1))).toBe(false);
      }),
      RUNS,
    );
  });

  test("answers at once for a long text of digit groups", () => {
    const text = "1 ".repeat(100_000);
    const began = performance.now();
    expect(holdsCardNumber(text)).toBe(false);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
