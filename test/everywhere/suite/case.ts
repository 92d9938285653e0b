/** A case of the suite, and how all of them are run. A runner only calls: the suite needs no test framework. */

/** The modules that the cases test. */
export type Subject = typeof import("../subject.ts");

/** One case. It throws, or rejects, if it fails. */
export interface Case {
  /** A plain sentence. */
  readonly name: string;
  readonly run: () => void | Promise<void>;
}

/** A case that failed. */
export interface FailedCase {
  readonly name: string;
  readonly message: string;
}

/** The end of a run. It can be written as JSON. */
export interface Report {
  readonly passed: number;
  readonly failed: readonly FailedCase[];
}

/** Runs the cases one after the other, because some replace a global for their time. */
export async function runCases(cases: readonly Case[]): Promise<Report> {
  const failed: FailedCase[] = [];
  // Node ends while the only timer is that of AbortSignal.timeout. Outside of a test an open connection keeps it running.
  const keepAlive = setInterval(() => undefined, 1000);
  for (const { name, run } of cases) {
    try {
      await run();
    } catch (error) {
      failed.push({ name, message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
    }
  }
  clearInterval(keepAlive);
  return { passed: cases.length - failed.length, failed };
}

/** A case for each row of a table. */
export function forEach<Args extends unknown[]>(
  rows: readonly (readonly [name: string, ...args: Args])[],
  sentence: (name: string) => string,
  run: (name: string, ...args: Args) => void | Promise<void>,
): readonly Case[] {
  return rows.map(([name, ...args]) => ({ name: sentence(name), run: () => run(name, ...args) }));
}
