import { findProgram } from "./system-program.ts";

/** The program's name on Debian, then elsewhere. */
const SYSTEM_NAMES = ["firefox-esr", "firefox"];
const SYSTEM_PATHS = ["/Applications/Firefox.app/Contents/MacOS/firefox"];

/**
 * Finds a Firefox: FIREFOX_PATH, else the system's. Tests control the unmodified browser by WebDriver BiDi.
 *
 * @returns an absolute path. Null when there is none, or when FIREFOX_PATH is set and empty to skip the tests
 */
export function findFirefox(env: NodeJS.ProcessEnv = process.env): string | null {
  const configured = env["FIREFOX_PATH"];
  if (configured !== undefined) return configured || null;
  return findProgram(SYSTEM_NAMES, SYSTEM_PATHS, env);
}
