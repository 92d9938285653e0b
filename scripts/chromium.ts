import { existsSync } from "node:fs";
import { chromium } from "playwright";
import { findProgram } from "./system-program.ts";

/** What a test's browser is started with: no sandbox (containers run as root), and nothing that calls home. */
export const CHROMIUM_FLAGS: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const SYSTEM_NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const SYSTEM_PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/**
 * Where a Chromium is: what CHROMIUM_PATH names, else the system's, else Playwright's own download.
 *
 * @returns an absolute path, or null when there is none
 */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | null {
  const named = env["CHROMIUM_PATH"];
  if (named) return named;
  return findProgram(SYSTEM_NAMES, SYSTEM_PLACES, env) ?? (existsSync(chromium.executablePath()) ? chromium.executablePath() : null);
}
