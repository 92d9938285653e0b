/** Searches for a seed that finds a bug. */
import type { Edge } from "../edge.ts";
import type { Play } from "../generate.ts";
import { generate } from "../generate.ts";
import type { Violation } from "../checker.ts";
import { runScenario } from "../world.ts";

/** A bug that was found. */
export interface Found {
  readonly seed: number;
  readonly violation: Violation;
  /** The number of seeds that were tried. */
  readonly seeds: number;
}

/** The first seed whose history breaks an invariant, or null. @param play how every seed is played */
export async function search(edge: Edge, seeds: Iterable<number>, play: Play = {}): Promise<Found | null> {
  let tried = 0;
  for (const seed of seeds) {
    tried += 1;
    const { violation } = await runScenario(generate(seed, play), edge);
    if (violation !== null) return { seed, violation, seeds: tried };
  }
  return null;
}
