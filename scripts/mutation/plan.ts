/** The messages between the run and its worker. */

/** The result of a mutant. `timed out`: the test did not end, or the worker was killed. */
export type Fate = "killed" | "timed out" | "survived" | "not covered";

/** The mutants that one test file executes, measured without any active mutant. */
export interface Coverage {
  /** Relative to the project's folder. */
  readonly file: string;
  /** Mutants that are executed while the modules load: tables, constants. */
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
  /** Ids of the remaining mutants, with their files. */
  readonly mutants: readonly (readonly [id: number, file: string])[];
  /** Total number of mutants. */
  readonly count: number;
  /** Null: measure it first. */
  readonly coverage: readonly Coverage[] | null;
  /** The file that the worker writes its {@link Line}s to. */
  readonly output: string;
}

/** One line of the worker's output file, as JSON. */
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
