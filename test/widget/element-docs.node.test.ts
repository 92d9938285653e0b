import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { GALLERY } from "../../demo/page/gallery-edge.ts";
import { between, elementTables } from "../../scripts/element-docs.ts";

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");

test("the README's tables of the element are current: node scripts/element-docs.ts", () => {
  const readme = read("README.md");
  expect(between(readme, "element", elementTables())).toBe(readme);
});

test("they name what a page sets, hears and styles", () => {
  const tables = elementTables();
  for (const name of ["`token`", "`charge()`", "`freedom-pay-submit`", "`label`", "`cancel`", "`--freedom-pay-accent`", "`confirming`"])
    expect(tables).toContain(`| ${name} | `);
});

test("what axe found is written down for every state, language and theme: node scripts/element-barriers.ts", () => {
  const table = read("docs/element.md").split("<!-- axe: begin -->")[1]?.split("<!-- axe: end -->")[0] ?? "";
  const rows = [...table.matchAll(/^\| (kk|ru|en) \| (light|dark) \| (\d+) px \| (\d+) \| \d+ \| \d+ \| (\d+) \| (\d+) \|$/gm)];
  expect(rows).toHaveLength(3 * 2 * 2);
  for (const [, , , , states, violations, open] of rows) expect([Number(states), violations, open]).toEqual([GALLERY.size, "0", "0"]);
});

test("a text without the marks is refused, and not overwritten", () => {
  expect(() => between("no marks", "element", "")).toThrow("There is no place for element");
  expect(between("a <!-- x: begin --> old <!-- x: end --> b", "x", "new")).toBe("a <!-- x: begin -->\n\nnew\n\n<!-- x: end --> b");
});
