import { existsSync } from "node:fs";
import { chromium } from "playwright";
import { findProgram } from "./system-program.ts";

/** Flags of the test browser: no sandbox, because containers run as root, and no background networking. */
export const CHROMIUM_FLAGS: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Chromium without windows. The tests take a third less of the processor with it than with the whole browser. */
export const HEADLESS_SHELL = "chromium-headless-shell";

const SYSTEM_NAMES = [HEADLESS_SHELL, "chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const SYSTEM_PATHS = ["/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium"];

/**
 * Finds a Chromium: CHROMIUM_PATH, else the system's, else Playwright's own download.
 *
 * @returns an absolute path, or null when there is none
 */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | null {
  const configured = env["CHROMIUM_PATH"];
  if (configured) return configured;
  return findProgram(SYSTEM_NAMES, SYSTEM_PATHS, env) ?? (existsSync(chromium.executablePath()) ? chromium.executablePath() : null);
}
