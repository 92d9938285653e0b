import { inject } from "vitest";
import type { TestLength } from "../scripts/test-length.ts";

/** Whether the tests run at full length. */
export const LONG: boolean = inject("length") === ("long" satisfies TestLength);

const SEED = 20_261_122;

/**
 * The number of cases of a property. The seed is fixed, so that a failure can be repeated. `npm run test:long` tries twenty times as
 * many cases with a random seed, which fast-check prints.
 */
export function cases(numRuns: number): { readonly numRuns: number; readonly seed?: number } {
  return LONG ? { numRuns: numRuns * 20 } : { numRuns, seed: SEED };
}
