/** What a run of a scenario gives back. Types only. */
import type { Violation } from "./checker.ts";
import type { Stats } from "./stats.ts";

/** The result of one run. */
export interface RunResult {
  readonly violation: Violation | null;
  readonly steps: number;
  readonly stats: Stats;
  /** Two runs of one scenario have the same. */
  readonly fingerprint: number;
  readonly history: readonly string[];
  /** True times at which the order first had each status. */
  readonly shownAt: ReadonlyMap<string, number>;
}

/** What a run records beside its verdict. */
export interface RunOptions {
  readonly recordsHistory?: boolean;
}
