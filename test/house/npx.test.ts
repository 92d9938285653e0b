/** Until the package is published, anybody can take its name: npx and npm must not download it. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

// a-merchants-day.md is a transcript.
const PAGES = globSync(["*.md", "docs/*.md", "edge/*.md", "src/**/*.md"], { cwd: ROOT }).filter(
  (page) => page !== "docs/a-merchants-day.md",
);

/** Why a reader of the page would download a package by its bare name. Null if they would not. */
function danger(page: string): string | null {
  if (/npm (?:install|i|add) (?:-[-\w]+ )*freedom-pay-charge(?![-\w.]*\.tgz)/.test(page)) return "it installs the package by its bare name";
  const [before, ...after] = page.split("npx freedom-pay-charge");
  return after.length > 0 && !/npm install|is installed/.test(before ?? "") ? "npx comes before the installation" : null;
}

test.each([
  ["npm install freedom-pay-charge workerd", "it installs the package by its bare name"],
  ["npm install --save-exact freedom-pay-charge", "it installs the package by its bare name"],
  ["EDGE_API_KEY=… npx freedom-pay-charge doctor URL\nnpm install", "npx comes before the installation"],
  ["npm install ./freedom-pay-charge-0.1.0.tgz\nnpx freedom-pay-charge serve", null],
])("%s", (page, why) => {
  expect(danger(page)).toBe(why);
});

test.each(PAGES)("%s", (page) => {
  expect(danger(readFileSync(join(ROOT, page), "utf8"))).toBeNull();
});
