// npm test -- [files and flags of vitest]: finds or installs the browsers, and runs every test, or those that are named.
import { existsSync } from "node:fs";
import { findChromium, HEADLESS_SHELL } from "./chromium.ts";
import { findFirefox } from "./firefox.ts";
import { run, toolCommand } from "./run.ts";
import { mayNeedBrowser, otherCommand } from "./test-files.ts";

/** Where Debian's servers cannot be reached, the tests begin soon. */
const APT_LIMITS = ["-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=10", "-o", "Acquire::https::Timeout=10"];

let isUpdated = false;

/** Installs a Debian package if this is Debian and the user is root. */
async function installFromDebian(name: string): Promise<void> {
  if (process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) return;
  console.log(`Installing Debian's ${name}.`);
  if (!isUpdated) await run(["apt-get", ...APT_LIMITS, "update", "-qq"]);
  isUpdated = true;
  await run(["apt-get", ...APT_LIMITS, "install", "-y", "-qq", "--no-install-recommends", name], { DEBIAN_FRONTEND: "noninteractive" });
}

/** Finds or installs a Chromium, because the tests need one. In the CI the fastest one. */
async function chromiumPath(): Promise<string | null> {
  if (process.env["CI"] && !process.env["CHROMIUM_PATH"] && findChromium()?.endsWith(HEADLESS_SHELL) !== true)
    await installFromDebian(HEADLESS_SHELL);
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

const args = process.argv.slice(2);
const other = otherCommand(args);

/** Runs vitest, with the browsers where they may be needed. @returns the exit code */
async function runTests(): Promise<number> {
  if (!mayNeedBrowser(args)) return run(toolCommand("vitest", "run", ...args));
  const chromium = await chromiumPath();
  if (chromium !== null) return run(toolCommand("vitest", "run", ...args), { CHROMIUM_PATH: chromium, FIREFOX_PATH: await firefoxPath() });
  console.error("The tests need a Chromium. Install it (Debian: apt-get install chromium), or set CHROMIUM_PATH to its file.");
  return 1;
}

if (other !== null) console.error(`npm test does not run it. Run: ${other}`);
process.exitCode = other === null ? await runTests() : 1;
