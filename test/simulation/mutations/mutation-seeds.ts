/** The seeds that find the deliberate bugs. */
import type { PlayedSeed } from "../campaign.ts";
import { MUTATIONS } from "./mutations.ts";

/** Each of them once, with the APIs that it is played with. */
export const MUTATION_SEEDS: readonly PlayedSeed[] = [
  ...new Map(MUTATIONS.flatMap(({ apis, seeds }) => seeds.map((seed) => [`${seed} ${apis}`, { seed, apis }]))).values(),
];
