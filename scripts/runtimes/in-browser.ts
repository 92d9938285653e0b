/** Runs the suite in a page of Chromium or Firefox, from a server on loopback. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
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

/** Runs the suite in a new page. @param code the suite as one file */
export async function runInBrowser(browser: Browser, code: string): Promise<SuiteReport> {
  const server = createServer(({ url }, response) => {
    const isSuite = url === "/suite.js";
    response.writeHead(200, { "content-type": isSuite ? "text/javascript; charset=utf-8" : "text/html; charset=utf-8" });
    response.end(isSuite ? code : "<!doctype html><title>Suite</title>");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(STORY_LIMIT);
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return parseReport(await page.evaluate<string>('import("/suite.js").then(({ run }) => run())'));
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
