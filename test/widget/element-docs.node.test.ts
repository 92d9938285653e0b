import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { GALLERY } from "../../demo/page/gallery-edge.ts";
import { between, elementTables, REFERENCE } from "../../scripts/element-docs.ts";
import { PROBLEMS } from "../../src/lib/problems.ts";

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");

test("the tables of docs/element-reference.md are current: node scripts/element-docs.ts", () => {
  const page = read(REFERENCE);
  expect(between(page, "element", elementTables())).toBe(page);
});

test("they name everything that a page sets, listens to and styles", () => {
  const tables = elementTables();
  for (const name of ["`token`", "`charge()`", "`freedom-pay-submit`", "`label`", "`cancel`", "`--freedom-pay-accent`", "`confirming`"])
    expect(tables).toContain(`| ${name} | `);
});

test("they say what an event contains, what a method returns, and which event belongs to a status", () => {
  const tables = elementTables();
  for (const name of ["order_id", "status", "payment_id", "category", "reason", "url"])
    expect(tables).toMatch(new RegExp(`^\\| \`${name}\` \\| .*\\w`, "m"));
  expect(tables).toMatch(/^\| `charge\(\)` \|.*Never rejects \|$/m);
  expect(tables).toMatch(/^\| `expired` \|.*\| `freedom-pay-error` \|$/m);
  expect(tables).toMatch(/^\| `succeeded` \|.*\| `freedom-pay-success` \|$/m);
});

test("docs/element.md names every category, and no reason that does not exist", () => {
  const manifest = JSON.parse(read("custom-elements.json")) as {
    modules: { declarations: { name: string; members: { name: string; type: { text: string } }[] }[] }[];
  };
  const detail = manifest.modules.flatMap(({ declarations }) => declarations).find(({ name }) => name === "ChargeDetail");
  const texts = (member: string): string[] => {
    const type = detail?.members.find(({ name }) => name === member)?.type.text ?? "";
    return [...type.matchAll(/"(\w+)"/g)].map(([, text = ""]) => text);
  };
  const page = read("docs/element.md");
  const listed = (heading: string): string[] => {
    const rows = page.split(`\n| \`${heading}\` |`)[1]?.split("\n\n")[0]?.split("\n").slice(2) ?? [];
    return rows.flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map(([, name = ""]) => name));
  };
  expect(listed("category").toSorted()).toEqual(texts("category").toSorted());
  const reasons = listed("reason");
  expect(texts("reason")).toEqual(expect.arrayContaining(reasons));
  expect(reasons).toEqual(expect.arrayContaining(texts("reason").filter((reason) => !Object.hasOwn(PROBLEMS, reason))));
});

test("the results of axe are written down for every state, language and theme: npm run a11y", () => {
  const table = read("docs/element.md").split("<!-- axe: begin -->")[1]?.split("<!-- axe: end -->")[0] ?? "";
  const rows = [...table.matchAll(/^\| (kk|ru|en) \| (light|dark) \| (\d+) px \| (\d+) \| \d+ \| \d+ \| (\d+) \| (\d+) \|$/gm)];
  expect(rows).toHaveLength(3 * 2 * 2);
  for (const [, , , , states, violations, open] of rows) expect([Number(states), violations, open]).toEqual([GALLERY.size, "0", "0"]);
});

test("a text without the markers is refused, and not overwritten", () => {
  expect(() => between("no marks", "element", "")).toThrow("There is no place for element");
  expect(between("a <!-- x: begin --> old <!-- x: end --> b", "x", "new")).toBe("a <!-- x: begin -->\n\nnew\n\n<!-- x: end --> b");
});
