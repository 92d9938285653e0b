import { expect, test } from "vitest";
import { cases, SHARES } from "./cases.ts";

test("at least 2,000 cases are tried in every run", () => {
  const names = Object.keys(SHARES) as (keyof typeof SHARES)[];
  const all = names.map((name) => cases(name).numRuns ?? 0).reduce((sum, one) => sum + one, 0);
  expect(all).toBeGreaterThanOrEqual(2_000);
});
