import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FreedomPayError } from "../../src/errors.ts";
import type { ChargeView } from "../../src/edge-api.ts";
import { CURRENCIES, isChargeAmount, isCurrency, MAX_AMOUNT, takenAmount, toMajorUnits, toMinorUnits } from "../../src/money.ts";
import { cases } from "../length.ts";

const RUNS = cases(300);

/** Minor units that the package keeps exact. */
const minorUnits = fc.integer({ min: -1_000_000_000_000_000, max: 1_000_000_000_000_000 });

describe("toMinorUnits", () => {
  test.each([
    [10, 1000],
    [10.5, 1050],
    [123.42, 12342],
    [0.01, 1],
    [0, 0],
    [-0, 0],
    [-10.25, -1025],
    [99_999_999, 9_999_999_900],
    [1.15, 115],
    [4.35, 435],
    [1.005e3, 100_500],
    ["100", 10_000],
    ["100.0", 10_000],
    ["100.00", 10_000],
    ["100.0000", 10_000],
    ["0.10", 10],
    ["-100", -10_000],
    ["-0.5", -50],
    ["-0", 0],
  ])("reads %o as %i minor units", (amount, minor) => {
    expect(toMinorUnits(amount)).toBe(minor);
  });

  test.each([
    Number.NaN,
    Number.POSITIVE_INFINITY,
    JSON.parse("1e400") as number,
    1e21,
    1e-7,
    0.001,
    10.005,
    0.1 + 0.2,
    10_000_000_000_000.01,
    "",
    " 100",
    "100 ",
    "12abc",
    "+5",
    ".5",
    "5.",
    "007",
    "1e2",
    "1,000",
    "1 000",
    "0x10",
    "0.001",
    "100.001",
    "99999999999999999999",
    "NaN",
    "Infinity",
    "١٠",
    null,
    undefined,
    true,
    [],
    [10],
    {},
    10n,
  ])("finds no exact amount in %o", (amount) => {
    expect(toMinorUnits(amount)).toBeNull();
  });

  test("reads a million zeros, with and without a digit after them", () => {
    expect(toMinorUnits(`1.${"0".repeat(1_000_000)}`)).toBe(100);
    expect(toMinorUnits(`1.${"0".repeat(1_000_000)}1`)).toBeNull();
  });

  test("returns zero, never negative zero", () => {
    expect(Object.is(toMinorUnits("-0.00"), 0)).toBe(true);
  });

  test("undoes toMajorUnits for every amount", () => {
    fc.assert(
      fc.property(minorUnits, (minor) => {
        expect(toMinorUnits(toMajorUnits(minor))).toBe(minor);
      }),
      RUNS,
    );
  });

  test("reads an amount the same from JSON as from text with two decimals", () => {
    fc.assert(
      fc.property(minorUnits, (minor) => {
        const digits = String(Math.abs(minor)).padStart(3, "0");
        const text = `${minor < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
        expect(toMinorUnits(text)).toBe(minor);
        expect(toMinorUnits(JSON.parse(text))).toBe(minor);
      }),
      RUNS,
    );
  });

  test("is an integer or null for any value", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const minor = toMinorUnits(value);
        expect(minor === null || Number.isSafeInteger(minor)).toBe(true);
      }),
      RUNS,
    );
  });
});

describe("toMajorUnits", () => {
  test.each([
    [1000, "10"],
    [12_342, "123.42"],
    [1050, "10.5"],
    [1, "0.01"],
    [0, "0"],
    [-0, "0"],
    [-2500, "-25"],
  ])("sends %i minor units as %s", (minor, json) => {
    expect(JSON.stringify(toMajorUnits(minor))).toBe(json);
  });

  test("returns zero, never negative zero", () => {
    expect(Object.is(toMajorUnits(-0), 0)).toBe(true);
  });

  test("writes at most two decimals and no exponent", () => {
    fc.assert(
      fc.property(minorUnits, (minor) => {
        expect(JSON.stringify(toMajorUnits(minor))).toMatch(/^-?\d+(\.\d{1,2})?$/);
      }),
      RUNS,
    );
  });

  test.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 1e15 + 1])("refuses %o", (minor) => {
    expect(() => toMajorUnits(minor)).toThrow(FreedomPayError);
    const message = "minor units must be an integer of at most 10^15";
    expect(() => toMajorUnits(minor)).toThrow(expect.objectContaining({ code: "input_invalid", message }));
  });
});

describe("isChargeAmount", () => {
  test.each([0.01, 10, 123.42, MAX_AMOUNT])("accepts %o", (amount) => {
    expect(isChargeAmount(amount)).toBe(true);
  });

  test.each([
    0,
    -0,
    -1,
    0.001,
    0.009,
    10.999,
    MAX_AMOUNT + 0.01,
    MAX_AMOUNT + 1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    "10",
    10n,
    null,
    undefined,
    [10],
  ])("refuses %o", (amount) => {
    expect(isChargeAmount(amount)).toBe(false);
  });
});

describe("isCurrency", () => {
  test("knows the six currencies in use", () => {
    expect([...CURRENCIES].sort()).toEqual(["EUR", "KGS", "KZT", "RUB", "USD", "UZS"]);
    expect(CURRENCIES.every(isCurrency)).toBe(true);
  });

  test.each(["kzt", "GBP", "", "KZT ", null, 398, ["KZT"]])("refuses %o", (value) => {
    expect(isCurrency(value)).toBe(false);
  });
});

describe("takenAmount", () => {
  test.each([
    ["the whole amount", 4990, 0, 499_000],
    ["the amount of a part clearing", 9000, 0, 900_000],
    ["the rest after a refund", 9000, 2250, 675_000],
    ["0 for a hold or after a complete refund", 10, 10, 0],
    ["0 before anything was taken", 0, 0, 0],
    ["exactly, where floating point is not: 5000.1 - 0.2", 5000.1, 0.2, 499_990],
    ["exactly, where floating point is not: 1.1 - 0.81", 1.1, 0.81, 29],
    ["exactly, at the largest amount", 99_999_999, 0.01, 9_999_999_899],
  ])("is %s", (_, cleared_amount, refunded_amount, minor) => {
    expect(takenAmount({ cleared_amount, refunded_amount })).toBe(minor);
  });

  test.each([
    [{}],
    [{ status: 404, code: "charge_not_found" }],
    [{ cleared_amount: 10 }],
    [{ cleared_amount: null, refunded_amount: null }],
    [{ cleared_amount: 0.1 + 0.2, refunded_amount: 0 }],
    [{ cleared_amount: Number.NaN, refunded_amount: 0 }],
  ])("is NaN, which equals no price, of %j", (charge) => {
    expect(takenAmount(charge as ChargeView)).toBeNaN();
  });
});
