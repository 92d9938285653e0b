/** Captures the edge's log lines during a test. Import it; every test begins without lines. */
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
