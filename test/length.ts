import { inject } from "vitest";
import type { TestLength } from "../scripts/test-length.ts";

/** Whether there is time for everything. */
export const LONG: boolean = inject("length") === ("long" satisfies TestLength);

const SEED = 20_261_122;

/**
 * How many cases a property is tried with: the same ones in every run, so that a red one can be repeated. By `npm run test:long`
 * twenty times as many, and others each time; fast-check then says by which seed.
 */
export function cases(numRuns: number): { readonly numRuns: number; readonly seed?: number } {
  return LONG ? { numRuns: numRuns * 20 } : { numRuns, seed: SEED };
}
