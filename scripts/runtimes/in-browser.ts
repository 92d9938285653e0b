/** Runs the suite in a page of Chromium or Firefox. */
import type { Browser } from "playwright";
import { chromium, firefox } from "playwright";
import { CHROMIUM_FLAGS, findChromium } from "../chromium.ts";
import { findFirefox } from "../firefox.ts";
import { STORY_LIMIT } from "../timeouts.ts";
import type { SuiteReport } from "./report.ts";
import { parseReport } from "./report.ts";

/** The browsers, and how each is started. Null: there is none on this machine. */
export const BROWSERS: readonly { readonly name: string; readonly launch: (() => Promise<Browser>) | null }[] = [
  {
    name: "Chromium",
    launch: launcher(findChromium(), (executablePath) => chromium.launch({ executablePath, args: [...CHROMIUM_FLAGS] })),
  },
  { name: "Firefox", launch: launcher(findFirefox(), (executablePath) => firefox.launch({ executablePath, channel: "moz-firefox" })) },
];

function launcher(path: string | null, launch: (path: string) => Promise<Browser>): (() => Promise<Browser>) | null {
  return path === null ? null : () => launch(path);
}

/** Runs the suite in a new page of the gateway's origin. @param gatewayUrl of the gateway, which also serves `/suite.js` */
export async function runInBrowser(browser: Browser, gatewayUrl: string): Promise<SuiteReport> {
  const page = await browser.newPage();
  page.setDefaultTimeout(STORY_LIMIT);
  await page.goto(gatewayUrl);
  return parseReport(await page.evaluate<string>('import("/suite.js").then(({ run }) => run(location.origin))'));
}
