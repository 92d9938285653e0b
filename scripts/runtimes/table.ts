/** The table of the runtimes. */
import type { SuiteReport } from "./report.ts";

/** What is known of one runtime. */
export interface RuntimeRow {
  readonly runtime: string;
  readonly version: string;
  /** The end of the suite; null when the runtime cannot be had, or did not end it. */
  readonly report: SuiteReport | null;
  /** Why there is no report. */
  readonly reason?: string;
}

/** Whether all cases of the suite passed in the runtime. A report of other cases than the other runtimes' is no proof. */
export function hasPassed({ report }: RuntimeRow, cases: number): boolean {
  return report !== null && report.failed.length === 0 && report.passed === cases && cases > 0;
}

/** The most cases that a runtime ran. */
export function casesIn(rows: readonly RuntimeRow[]): number {
  return Math.max(0, ...rows.map(({ report }) => (report === null ? 0 : report.passed + report.failed.length)));
}

/** The rows as Markdown. */
export function tableOf(rows: readonly RuntimeRow[]): string {
  const cases = casesIn(rows);
  const lines = rows.map((row) => {
    const { runtime, version, report } = row;
    const counts = report === null ? "– | –" : `${report.passed} | ${report.failed.length}`;
    const end = report === null ? `not run: ${row.reason?.split("\n")[0] ?? ""}` : hasPassed(row, cases) ? "yes" : "**no**";
    return `| ${runtime} | ${version} | ${counts} | ${end} |`;
  });
  return ["| runtime | version | cases passed | failed | all passed |", "|---|---|---:|---:|---|", ...lines].join("\n");
}
