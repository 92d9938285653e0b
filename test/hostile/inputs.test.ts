import { expect, test } from "vitest";
import { ALL } from "./inputs.ts";

test("there are at least 300 hostile inputs, without duplicates", () => {
  const lines = Object.values(ALL).flat();
  expect(lines.length).toBeGreaterThanOrEqual(300);
  const seen = lines.map(({ name: _, ...line }) => JSON.stringify(line));
  expect(seen.filter((line, index) => seen.indexOf(line) !== index)).toEqual([]);
});

test.each(Object.entries(ALL))("every line of %s has a unique name", (_, lines) => {
  const names = lines.map(({ name }) => name);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
