// npm run a11y: runs axe on every state of the element in every language and both themes, in the demo's gallery, and
// writes the result into docs/element.md.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import type { Browser } from "playwright";
import { chromium } from "playwright";
import { CHROMIUM_FLAGS, findChromium } from "./chromium.ts";
import { startDemo } from "./demo-process.ts";
import { between } from "./element-docs.ts";
import { ROOT } from "./run.ts";

const FILE = join(ROOT, "docs/element.md");
const LANGUAGES = ["kk", "ru", "en"] as const;
const THEMES = ["light", "dark"] as const;
const WIDTHS = [1200, 320] as const;
/** WCAG 2.2, levels A and AA, as axe names them, and what axe itself recommends. */
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

interface Found {
  readonly states: number;
  /** Rules that had something to look at. */
  readonly rules: number;
  /** What they looked at: a rule and a node. */
  readonly checks: number;
  /** What axe leaves to a person. */
  readonly open: readonly string[];
  readonly violations: readonly string[];
}

async function ask(browser: Browser, address: string, width: number): Promise<Found> {
  const page = await (await browser.newContext({ viewport: { width, height: 900 }, reducedMotion: "reduce" })).newPage();
  await page.goto(address);
  await page.waitForFunction(() =>
    [...document.querySelectorAll<HTMLElement>("[data-exhibit]")].every(
      (exhibit) => exhibit.querySelector("freedom-pay-charge")?.getAttribute("status") === exhibit.dataset["exhibit"]?.split(/[: ]/)[0],
    ),
  );
  await page.evaluate(axe.source);
  const found = await page.evaluate(async (tags) => {
    const { axe: inPage } = globalThis as unknown as { axe: typeof axe };
    const { passes, violations, incomplete } = await inPage.run({ include: "freedom-pay-charge" }, { runOnly: tags });
    const places = (results: typeof passes): string[] =>
      results.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
    return {
      states: document.querySelectorAll("[data-exhibit]").length,
      rules: passes.length + violations.length + incomplete.length,
      checks: [...places(passes), ...places(violations), ...places(incomplete)].length,
      open: places(incomplete),
      violations: places(violations),
    };
  }, TAGS);
  await page.context().close();
  return found;
}

const executablePath = findChromium();
const demo = await startDemo();
const rows: string[] = [];
let checks = 0;
try {
  const browser = await chromium.launch({ args: [...CHROMIUM_FLAGS], ...(executablePath === null ? {} : { executablePath }) });
  try {
    for (const language of LANGUAGES)
      for (const theme of THEMES)
        for (const width of WIDTHS) {
          const found = await ask(browser, `${demo.address}/gallery?lang=${language}&show=${language}&theme=${theme}`, width);
          checks += found.checks;
          rows.push(
            `| ${language} | ${theme} | ${width} px | ${found.states} | ${found.rules} | ${found.checks} | ${found.violations.length} | ${found.open.length} |`,
          );
          for (const place of [...found.violations, ...found.open]) console.error(`${language} ${theme} ${width} px: ${place}`);
          if (found.violations.length > 0) process.exitCode = 1;
        }
  } finally {
    await browser.close();
  }
} finally {
  await demo.end();
}
const table = [
  "| language | theme | width | states | rules | checks | violations | left to a person |",
  "|---|---|---|---|---|---|---|---|",
  ...rows,
].join("\n");
console.log(`${table}\n\n${checks} checks by axe-core ${axe.version}`);
writeFileSync(
  FILE,
  between(
    readFileSync(FILE, "utf8"),
    "axe",
    `${table}\n\n${checks.toLocaleString("en")} checks by axe-core ${axe.version}, rules of ${TAGS.join(", ")}.`,
  ),
);
