import { expect, test } from "vitest";
import { loadMutant } from "./mutant.ts";
import { MUTATIONS } from "./mutations.ts";
import { search } from "./search.ts";

test("there are at least 15 deliberate bugs with unique names", () => {
  expect(MUTATIONS.length).toBeGreaterThanOrEqual(15);
  expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length);
});

test.each(MUTATIONS)("the simulation finds: $name", async (mutation) => {
  const found = await search(await loadMutant(mutation), mutation.seeds, mutation);
  expect(found?.violation.invariant).toEqual(expect.any(String));
});
