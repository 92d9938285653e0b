/** The seeds that find the deliberate bugs. */
import type { PlayedSeed } from "../campaign.ts";
import { MUTATIONS } from "./mutations.ts";

/** Each of them once, as it is played. */
export const MUTATION_SEEDS: readonly PlayedSeed[] = [
  ...new Map(
    MUTATIONS.flatMap(({ apis, pages, seeds }) => seeds.map((seed) => [`${seed} ${apis} ${pages}`, { seed, apis, pages }])),
  ).values(),
];
