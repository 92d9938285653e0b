/** What the run and its worker tell each other. */

/** Where a mutant ended. `timed out`: it never came to an end, or only by force. */
export type Fate = "killed" | "timed out" | "survived" | "not covered";

/** What one test file touches, as seen without any mutant. */
export interface Coverage {
  /** Relative to the project's folder. */
  readonly file: string;
  /** Mutants that are passed while the modules are loaded: tables, constants. */
  readonly atImport: readonly number[];
  readonly cases: readonly {
    readonly name: string;
    readonly mutants: readonly number[];
    readonly steps: number;
    readonly milliseconds: number;
  }[];
}

/** The worker's task. */
export interface Plan {
  /** The project's folder, ending with a slash. */
  readonly root: string;
  readonly tests: readonly string[];
  /** Ids of the mutants that are still to be tried, with the file each is in. */
  readonly mutants: readonly (readonly [id: number, file: string])[];
  /** How many mutants there are in all. */
  readonly count: number;
  /** Null: find it out first. */
  readonly coverage: readonly Coverage[] | null;
  /** The file that the worker writes its {@link Line}s to. */
  readonly journal: string;
}

/** One line of the worker's journal, as JSON. */
export type Line =
  | { readonly worker: number }
  | { readonly coverage: readonly Coverage[] }
  | { readonly broken: string }
  | { readonly begun: number }
  | { readonly ended: number; readonly fate: Fate; readonly by: string | null };

declare module "vitest" {
  interface ProvidedContext {
    plan: Plan;
  }
}
