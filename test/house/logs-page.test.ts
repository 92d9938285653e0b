import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(`${root}/docs/logs.md`, "utf8");
const code = readFileSync(`${root}/edge/log.ts`, "utf8");

const fields = [...code.matchAll(/^ {2}"(\w+)",$/gm)].map(([, field = ""]) => field);

test("docs/logs.md describes every field of a log line", () => {
  expect(fields.length).toBeGreaterThan(15);
  const rows = page.split("\n").filter((line) => line.startsWith("| `"));
  expect(fields.filter((field) => !rows.some((line) => (line.split(" | ")[0] ?? "").includes(`\`${field}\``)))).toEqual([]);
});

test("the lines in docs/logs.md have no other fields", () => {
  const shown = page.split("\n").filter((line) => line.startsWith('{"event"'));
  expect(shown.length).toBeGreaterThan(1);
  for (const line of shown) expect(fields).toEqual(expect.arrayContaining(Object.keys(JSON.parse(line))));
});
