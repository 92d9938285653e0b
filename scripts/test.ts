// npm test -- [flags of vitest]: finds a browser, or gets one, and runs every test.
import { existsSync } from "node:fs";
import { findChromium } from "./chromium.ts";
import { run, toolCommand } from "./run.ts";

async function chromiumPath(): Promise<string | null> {
  const found = findChromium();
  if (found !== null) return found;
  console.log("No Chromium here: getting Playwright's.");
  await run(toolCommand("playwright", "install", "chromium"));
  const downloaded = findChromium();
  if (downloaded !== null) return downloaded;
  if (process.getuid?.() === 0 && existsSync("/etc/debian_version")) {
    console.log("That did not work: getting Debian's.");
    await run(["apt-get", "update", "-qq"]);
    await run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], { DEBIAN_FRONTEND: "noninteractive" });
  }
  return findChromium();
}

const chromium = await chromiumPath();
if (chromium === null) {
  console.error("The tests need a Chromium: install one (Debian: apt-get install chromium) or set CHROMIUM_PATH to its file.");
  process.exitCode = 1;
} else {
  process.exitCode = await run(toolCommand("vitest", "run", ...process.argv.slice(2)), { CHROMIUM_PATH: chromium });
}
