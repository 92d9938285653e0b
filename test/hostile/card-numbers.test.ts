import { expect, test } from "vitest";
import { containsCardNumber } from "../../src/lib/card-number.ts";
import { cardNumbers } from "./inputs.ts";
import { textOf } from "./recipe.ts";

test.each(cardNumbers)("$name: $gets", ({ input, gets }) => {
  expect(containsCardNumber(textOf(input)) ? "card_number_found" : null).toBe(gets);
});
