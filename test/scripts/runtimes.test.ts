import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { PINNED_RUNTIMES } from "../../scripts/runtimes/pins.ts";
import { REPORT_MARK, reportIn } from "../../scripts/runtimes/report.ts";
import { casesIn, hasPassed, tableOf } from "../../scripts/runtimes/table.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

const PASSED = { runtime: "Node", version: "1.0.0", report: { passed: 2, failed: [] } };
const FAILED = { runtime: "Bun", version: "1.0.0", report: { passed: 1, failed: [{ name: "a case", message: "Error: no" }] } };
const FEWER = { runtime: "Deno", version: "1.0.0", report: { passed: 1, failed: [] } };
const ABSENT = { runtime: "Firefox", version: "–", report: null, reason: "there is none on this machine\nat line 1" };

describe("the table of the runtimes", () => {
  test("a runtime has passed when all cases passed in it, and not when it failed, ran fewer or is not there", () => {
    const rows = [PASSED, FAILED, FEWER, ABSENT];
    expect(casesIn(rows)).toBe(2);
    expect(rows.map((row) => hasPassed(row, 2))).toEqual([true, false, false, false]);
    expect(hasPassed({ ...PASSED, report: { passed: 0, failed: [] } }, 0)).toBe(false);
    expect(tableOf(rows).split("\n").slice(2)).toEqual([
      "| Node | 1.0.0 | 2 | 0 | yes |",
      "| Bun | 1.0.0 | 1 | 1 | **no** |",
      "| Deno | 1.0.0 | 1 | 0 | **no** |",
      "| Firefox | – | – | – | not run: there is none on this machine |",
    ]);
  });

  test("a report is found among other lines, and a process without one is an error that shows its output", () => {
    const line = `${REPORT_MARK}${JSON.stringify(PASSED.report)}`;
    expect(reportIn(`console.log("${REPORT_MARK}" + x)\na warning\n${line}\n`)).toEqual(PASSED.report);
    expect(() => reportIn(`SyntaxError\n  "${REPORT_MARK}"`)).toThrow("The suite did not end: SyntaxError");
  });
});

describe("docs/runtimes.md", () => {
  const rows = [...read("docs/runtimes.md").matchAll(/^\| ([\w, ]+) \| ([\d.]+) \| (\d+) \| (\d+) \| (.*) \|$/gm)].map(
    ([, ...cells]) => cells,
  );

  test("has a row for every runtime of the list, and all of them passed the same cases", () => {
    const names = rows.map(([runtime, version]) => `${runtime} ${version}`);
    for (const { name, version } of PINNED_RUNTIMES) expect(names).toContain(`${name} ${version}`);
    expect(rows.map(([runtime]) => runtime).slice(PINNED_RUNTIMES.length)).toEqual([
      "workerd, nodejs_compat",
      "workerd, no nodejs_compat",
      "Chromium",
      "Firefox",
    ]);
    expect(new Set(rows.map(([, , ...counts]) => counts.join(" "))).size).toBe(1);
    expect(rows[0]?.slice(3)).toEqual(["0", "yes"]);
  });

  test("begins with the oldest Node of package.json, which the README names too", () => {
    const { engines } = JSON.parse(read("package.json")) as { engines: { node: string } };
    const oldest = engines.node.replace(">=", "");
    expect(rows[0]?.[1]).toBe(`${oldest}.0`);
    expect(read("README.md")).toContain(`runs on Node ${oldest} and newer`);
    expect(read("CHANGELOG.md")).toContain(`Node ${oldest}, 22, 24 and 26, Deno, Bun`);
  });
});
