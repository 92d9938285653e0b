import { globSync } from "node:fs";
import { parseSync } from "vite";
import { describe, expect, test } from "vitest";
import { deadLinks, hasLiteral, linksOf, readText, root, testsNamed } from "./links.ts";
import { readSource } from "./source.ts";

const PAGE = "docs/money-rules.md";

const page = readText(PAGE);
const links = linksOf(page, PAGE);
const rules = [...page.matchAll(/^## ([MP]\d+) /gm)].map(([, rule = ""]) => rule);

/** A case of a rule: its number and its text. */
const cases = [...page.matchAll(/^- \*\*([MP]\d+\.\d+)\*\* ([\s\S]*?)(?=^(?:- |\n))/gm)].map(([, number = "", text = ""]) => ({
  number,
  text,
}));

const numbers: ReadonlySet<string> = new Set([...rules, ...cases.map(({ number }) => number)]);

const sources = globSync("{src,edge,widget,command,demo,scripts,test}/**/*.ts", { cwd: root }).filter(
  (path) => !path.includes("node_modules"),
);
const documents = globSync(["*.md", "{docs,src,edge,widget,test}/**/*.md"], { cwd: root }).filter((path) => !path.includes("node_modules"));

/** Every number of a rule or case in a text, invalid ones such as `M4b` or `M4.2.1` included. */
function numbersIn(text: string): readonly string[] {
  return text.match(/\b[MP]\d\w*(?:\.\d\w*)*/g) ?? [];
}

/** The rules and cases that a source file cites in its comments, and a test also in its texts. */
function citedBy(path: string, text: string): readonly string[] {
  if (numbersIn(text).length === 0) return [];
  const comments = parseSync(path, text, { lang: "ts", sourceType: "module" }).comments.map(({ value }) => value);
  const texts = path.startsWith("test/") ? readSource(path, text).texts : [];
  return [...comments, ...texts].flatMap(numbersIn);
}

function unknown(cited: readonly string[]): readonly string[] {
  return cited.filter((number) => !numbers.has(number));
}

test("the rules are M1 to M10, and P1 to P12 of the Merchant API", () => {
  expect(rules).toEqual([
    "M1",
    "M2",
    "M3",
    "M4",
    "M5",
    "M6",
    "M7",
    "M8",
    "M9",
    "M10",
    "P1",
    "P2",
    "P3",
    "P4",
    "P5",
    "P6",
    "P7",
    "P8",
    "P9",
    "P10",
    "P11",
    "P12",
  ]);
});

test("every case is under its rule, and the numbers from 1 have no gap", () => {
  const sections = page.split(/^## /m).filter((section) => /^[MP]\d/.test(section));
  const found = sections.map((section) => [...section.matchAll(/^- \*\*([^*]+)\*\*/gm)].map(([, number]) => number));
  const expected = found.map((one, rule) => one.map((_, index) => `${rules[rule]}.${index + 1}`));
  expect(found).toEqual(expected);
  expect(found.flat()).toEqual(cases.map(({ number }) => number));
  for (const [rule, one] of found.entries()) expect(one.length).toBeGreaterThan(rules[rule]?.startsWith("M") ? 4 : 0);
});

test("every case names a test", () => {
  expect(cases.filter(({ text }) => testsNamed(linksOf(text, PAGE)).length === 0).map(({ number }) => number)).toEqual([]);
});

describe("a test that docs/money-rules.md names exists under that name", () => {
  test.each(testsNamed(links))("$says ($to)", (link) => {
    expect(deadLinks([link])).toEqual([]);
    expect(hasLiteral(link)).toBe(true);
  });
});

describe("the table of the rules P has one main test for each, which its rule names too", () => {
  const rows = page.split("\n").filter((line) => /^\| P\d+ \|/.test(line));

  test("in the order of the rules", () => {
    expect(rows.map((row) => row.split(" ")[1])).toEqual(rules.filter((rule) => rule.startsWith("P")));
  });

  test.each(rows)("%s", (row) => {
    const rule = row.split(" ")[1] ?? "";
    const section = page.split(/^## /m).find((one) => one.startsWith(`${rule} `)) ?? "";
    const named = testsNamed(linksOf(row, PAGE));
    expect(named).toHaveLength(1);
    expect(testsNamed(linksOf(section, PAGE))).toEqual(expect.arrayContaining([...named]));
  });
});

test("a file that docs/money-rules.md links to exists", () => {
  expect(deadLinks(links)).toEqual([]);
});

describe("a rule or case that is cited exists", () => {
  test("in every source file", () => {
    const wrong = sources
      .filter((path) => path !== "test/house/money-rules.test.ts")
      .map((path) => [path, unknown(citedBy(path, readText(path)))] as const);
    expect(wrong.filter(([, cited]) => cited.length > 0)).toEqual([]);
  });

  test("in every document", () => {
    const wrong = documents.map((path) => [path, unknown(numbersIn(readText(path)))] as const);
    expect(wrong.filter(([, cited]) => cited.length > 0)).toEqual([]);
  });

  test.each([
    ["edge/charge.ts", "/** Rule M4.99 */"],
    ["edge/charge.ts", "const x = 1; // M11"],
    ["widget/message.ts", "/* M0 */"],
    ["src/outcome.ts", "// M4b"],
    ["src/outcome.ts", "// M4.1.2"],
    ["test/edge/x.test.ts", 'test("is so (M5.99)", () => {});'],
    ["test/simulation/x.ts", "fail(`M12 is broken ${1}`);"],
  ])("one that does not exist is found: %s, %s", (path, text) => {
    expect(unknown(citedBy(path, text))).toHaveLength(1);
  });

  test.each([
    ["edge/charge.ts", "// M4, M4.1 and M4.2. Also (M10.1), M3.10 to M3.14"],
    ["widget/shadow-tree.ts", 'const CIRCLE = "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0m"; const path = "M4.99 2";'],
    ["edge/charge.ts", "const M99 = 1;"],
    ["test/edge/x.test.ts", 'test("is so (M5.1)", () => {});'],
  ])("what exists, or is no citation, is left alone: %s, %s", (path, text) => {
    expect(unknown(citedBy(path, text))).toEqual([]);
  });
});
