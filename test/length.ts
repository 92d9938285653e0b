import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** `long` by `npm run test:long`, which tries more cases and what proves the same once more. */
    readonly length: "short" | "long";
  }
}

/** Whether there is time for everything. */
export const LONG: boolean = inject("length") === "long";

const SEED = 20_261_122;

/**
 * How many cases a property is tried with: the same ones in every run, so that a red one can be repeated. By `npm run test:long`
 * twenty times as many, and others each time; fast-check then says by which seed.
 */
export function cases(numRuns: number): { readonly numRuns: number; readonly seed?: number } {
  return LONG ? { numRuns: numRuns * 20 } : { numRuns, seed: SEED };
}
