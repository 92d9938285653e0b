import { expect, test } from "vitest";
import { holdsCardNumber } from "../../src/lib/card-number.ts";
import { cardNumbers } from "./inputs.ts";
import { textOf } from "./recipe.ts";

test.each(cardNumbers)("$name: $gets", ({ input, gets }) => {
  expect(holdsCardNumber(textOf(input)) ? "card_number_found" : null).toBe(gets);
});
