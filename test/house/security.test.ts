import { describe, expect, test } from "vitest";
import { deadLinks, linksOf, readText } from "./links.ts";

const PAGE = "SECURITY.md";

const text = readText(PAGE);
const links = linksOf(text, PAGE);
const named = testsIn(text);

/** The tests that a text names: `*its name* (`file`)`, because the tests are not in the packed package. */
function testsIn(markdown: string): readonly { readonly says: string; readonly to: string }[] {
  return [...markdown.matchAll(/\*([^*]+)\* \(`(test\/[^`]+)`\)/g)].map(([, says = "", to = ""]) => ({ says, to }));
}

const [, threats = ""] = /## Threats[^\n]*\n([\s\S]*?)\n## /.exec(text) ?? [];
const rows = threats.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| threat"));

test("SECURITY.md names tests", () => {
  expect(named.length).toBeGreaterThan(25);
  expect(rows.length).toBeGreaterThan(15);
});

describe("a test that SECURITY.md names exists", () => {
  test.each(named)("$says ($to)", ({ says, to }) => {
    expect(deadLinks([{ says, to }])).toEqual([]);
    expect(readText(to), to).toContain(says);
  });
});

test("every threat has a test, or the words 'not tried'", () => {
  const untried = rows.filter((row) => {
    const last = row.split("|").at(-2) ?? "";
    return testsIn(last).length === 0 && !last.includes("not tried");
  });
  expect(untried).toEqual([]);
});

test("no link leads to a test, because tests are not packed", () => {
  expect(links.filter(({ to }) => to.startsWith("test/"))).toEqual([]);
});

test("a file that SECURITY.md links to exists", () => {
  expect(deadLinks(links)).toEqual([]);
});
