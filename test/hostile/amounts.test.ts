import { expect, test } from "vitest";
import { isChargeAmount, toMajorUnits, toMinorUnits } from "../../src/money.ts";
import { amounts } from "./inputs.ts";
import type { Recipe } from "./recipe.ts";
import { textOf } from "./recipe.ts";

/** The value of a line: the value itself, a number that JSON cannot write, other JSON, or a recipe for text. */
function amountOf(input: unknown): unknown {
  if (Array.isArray(input)) return textOf(input as Recipe);
  if (typeof input !== "object" || input === null) return input;
  if ("number" in input) return Number(input.number);
  return "json" in input ? JSON.parse(String(input.json)) : input;
}

test.each(amounts)("an amount of $name is $gets in minor units", ({ input, gets, chargeable }) => {
  const value = amountOf(input);
  const minor = toMinorUnits(value);
  expect(minor).toBe(gets);
  expect(isChargeAmount(value)).toBe(chargeable);
  if (minor !== null) expect(toMinorUnits(toMajorUnits(minor))).toBe(minor);
});
