import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const script = fileURLToPath(new URL("../../.ci/count.cjs", import.meta.url));
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "count-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

function count(report: unknown, code: number): string {
  const path = join(folder, "report.json");
  if (report !== undefined) writeFileSync(path, typeof report === "string" ? report : JSON.stringify(report));
  return execFileSync(process.execPath, [script, path, String(code)], { encoding: "utf8" });
}

const GREEN = { numPassedTests: 12, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };

test("a green run is counted from the report", () => {
  expect(count(GREEN, 0)).toBe("12 passed, 0 failed, 0 skipped\n");
});

test("failed and skipped tests are counted", () => {
  expect(count({ ...GREEN, numFailedTests: 2, numPendingTests: 3, numTodoTests: 1 }, 1)).toBe("12 passed, 2 failed, 4 skipped\n");
});

test("a file that does not load counts as one failed test", () => {
  const testResults = [{ status: "failed", assertionResults: [] }];
  expect(count({ ...GREEN, testResults }, 1)).toBe("12 passed, 1 failed, 0 skipped\n");
});

test("a runner that fails outside of any test is not green", () => {
  expect(count(GREEN, 1)).toBe("12 passed, 1 failed, 0 skipped\n");
});

test.each([
  ["no report", undefined],
  ["half a report", '{"numPassedTests": 12, "numFai'],
  ["a report of another tool", { tests: 12 }],
])("%s counts as one failed test", (_what, report) => {
  expect(count(report, 1)).toBe("0 passed, 1 failed, 0 skipped\n");
});
