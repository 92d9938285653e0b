/** What a runtime says about the suite. */

/** The end of the suite in one runtime, as `runCases` of test/everywhere/suite/case.ts writes it. */
export interface SuiteReport {
  readonly passed: number;
  readonly failed: readonly { readonly name: string; readonly message: string }[];
}

/** Marks the line with the report, because a runtime may print other lines. */
export const REPORT_MARK = "suite report: ";

/**
 * The report in what a runtime printed.
 *
 * @throws Error with the output, when there is no report in it
 */
export function reportIn(output: string): SuiteReport {
  // An error of the runtime may repeat the mark from the source.
  const line = output.split("\n").find((one) => one.startsWith(`${REPORT_MARK}{`));
  if (line === undefined) throw new Error(`The suite did not end: ${output.trim().slice(0, 4000)}`);
  return parseReport(line.slice(REPORT_MARK.length));
}

/** Reads the JSON of a report. */
export function parseReport(json: string): SuiteReport {
  return JSON.parse(json) as SuiteReport;
}
