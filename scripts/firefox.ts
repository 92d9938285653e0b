import { findProgram } from "./system-program.ts";

/** What Debian calls it, then everybody else. */
const SYSTEM_NAMES = ["firefox-esr", "firefox"];
const SYSTEM_PLACES = ["/Applications/Firefox.app/Contents/MacOS/firefox"];

/**
 * Where a Firefox is: what FIREFOX_PATH names, else the system's. Tests run in it as it is shipped, by WebDriver BiDi.
 *
 * @returns an absolute path, or null when there is none, or when FIREFOX_PATH is set and empty: then nothing is to run in it
 */
export function findFirefox(env: NodeJS.ProcessEnv = process.env): string | null {
  const named = env["FIREFOX_PATH"];
  if (named !== undefined) return named || null;
  return findProgram(SYSTEM_NAMES, SYSTEM_PLACES, env);
}
