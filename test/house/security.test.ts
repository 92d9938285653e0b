import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const text = readFileSync(`${root}/SECURITY.md`, "utf8");

/** Every link of a text, as `[what it says](where it leads)`. */
function links(markdown: string): readonly (readonly [says: string, to: string])[] {
  return [...markdown.matchAll(/\[([^\]]+)\]\(([^)\s]+)\)/g)].map(([, says = "", to = ""]) => [says, to] as const);
}

const named = links(text).filter(([, to]) => to.startsWith("test/"));
const [, threats = ""] = /## Threats[^\n]*\n([\s\S]*?)\n## /.exec(text) ?? [];
const rows = threats.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| threat"));

test("SECURITY.md names tests", () => {
  expect(named.length).toBeGreaterThan(25);
  expect(rows.length).toBeGreaterThan(15);
});

describe("a test that SECURITY.md names is there", () => {
  test.each(named)("%s (%s)", (says, file) => {
    expect(existsSync(`${root}/${file}`), file).toBe(true);
    expect(readFileSync(`${root}/${file}`, "utf8"), file).toContain(says);
  });
});

test("every threat was tried, or it is said plainly that it was not", () => {
  const untried = rows.filter((row) => {
    const last = row.split("|").at(-2) ?? "";
    return links(last).length === 0 && !last.includes("not tried");
  });
  expect(untried).toEqual([]);
});

test("a file that SECURITY.md leads to is there", () => {
  const missing = links(text).filter(([, to]) => !to.startsWith("http") && !existsSync(`${root}/${to.replace(/#.*$/, "")}`));
  expect(missing).toEqual([]);
});
