// npm test -- [flags of vitest]: finds or installs the browsers, and runs every test.
import { existsSync } from "node:fs";
import { findChromium } from "./chromium.ts";
import { findFirefox } from "./firefox.ts";
import { run, toolCommand } from "./run.ts";

let isUpdated = false;

/** Installs a Debian package if this is Debian and the user is root. */
async function installFromDebian(name: string): Promise<void> {
  if (process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) return;
  console.log(`Installing Debian's ${name}.`);
  if (!isUpdated) await run(["apt-get", "update", "-qq"]);
  isUpdated = true;
  await run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", name], { DEBIAN_FRONTEND: "noninteractive" });
}

/** Finds or installs a Chromium, because the tests need one. */
async function chromiumPath(): Promise<string | null> {
  const found = findChromium();
  if (found !== null) return found;
  console.log("No Chromium found. Installing Playwright's.");
  await run(toolCommand("playwright", "install", "chromium"));
  if (findChromium() === null) await installFromDebian("chromium");
  return findChromium();
}

/** Finds a Firefox. Installs one only in the CI. */
async function firefoxPath(): Promise<string> {
  if (findFirefox() === null && process.env["FIREFOX_PATH"] === undefined && process.env["CI"]) await installFromDebian("firefox-esr");
  const found = findFirefox();
  if (found === null) console.log("No Firefox found: its tests are skipped. Install it, or set FIREFOX_PATH to its file, to run them.");
  return found ?? "";
}

const chromium = await chromiumPath();
if (chromium === null) {
  console.error("The tests need a Chromium. Install it (Debian: apt-get install chromium), or set CHROMIUM_PATH to its file.");
  process.exitCode = 1;
} else {
  const browsers = { CHROMIUM_PATH: chromium, FIREFOX_PATH: await firefoxPath() };
  process.exitCode = await run(toolCommand("vitest", "run", ...process.argv.slice(2)), browsers);
}
