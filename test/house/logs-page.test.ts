import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(`${root}/docs/logs.md`, "utf8");
const code = readFileSync(`${root}/edge/log.ts`, "utf8");

const fields = [...code.matchAll(/^ {2}"(\w+)",$/gm)].map(([, field = ""]) => field);

test("docs/logs.md tells of every field that a line may hold", () => {
  expect(fields.length).toBeGreaterThan(15);
  const told = page.split("\n").filter((line) => line.startsWith("| `"));
  expect(fields.filter((field) => !told.some((line) => (line.split(" | ")[0] ?? "").includes(`\`${field}\``)))).toEqual([]);
});

test("the lines that docs/logs.md shows hold no other fields", () => {
  const shown = page.split("\n").filter((line) => line.startsWith('{"event"'));
  expect(shown.length).toBeGreaterThan(1);
  for (const line of shown) expect(fields).toEqual(expect.arrayContaining(Object.keys(JSON.parse(line))));
});
