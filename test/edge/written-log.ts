/** What the edge writes to its log during a test, kept instead of written. Import it, and every test begins with none. */
import { afterEach, beforeEach, vi } from "vitest";

/** The lines of this test so far. */
export const logLines: string[] = [];

beforeEach(() => {
  logLines.length = 0;
  const keep = (line: unknown): void => void logLines.push(String(line));
  vi.spyOn(console, "log").mockImplementation(keep);
  vi.spyOn(console, "error").mockImplementation(keep);
});

afterEach(() => {
  vi.restoreAllMocks();
});
