import { expect, test } from "vitest";
import { TEST_LENGTH } from "../../scripts/test-length.ts";
import type { Campaign, PlayedSeed } from "./campaign.ts";
import { between, historyTextOf, runSeeds } from "./campaign.ts";
import { missingFrom } from "./coverage.ts";
import { COVERING_SEEDS } from "./covering-seeds.ts";
import { EDGE } from "./edge.ts";
import { MUTATION_SEEDS } from "./mutations/mutation-seeds.ts";
import { addStats, newStats } from "./stats.ts";

/** Those that find the deliberate bugs, and 3,000 more. */
const AT_LENGTH: readonly PlayedSeed[] = [...MUTATION_SEEDS, ...Array.from(between(301, 3_300), (seed) => ({ seed }))];

/** Seeds that make everything occur; at length more. `npm run mutation` plays some of them against each mutant. */
const SEEDS: readonly PlayedSeed[] = {
  few: COVERING_SEEDS.filter((_, index) => index % 3 === 0),
  short: COVERING_SEEDS,
  long: [...COVERING_SEEDS, ...AT_LENGTH],
}[TEST_LENGTH];

const played = new Map<PlayedSeed, Promise<Campaign>>();

/** The history of a seed, played once. */
function historyOf(seed: PlayedSeed): Promise<Campaign> {
  const campaign = played.get(seed) ?? runSeeds([seed], EDGE);
  played.set(seed, campaign);
  return campaign;
}

test.each(SEEDS.map((seed) => [JSON.stringify(seed), seed] as const))("the history %s breaks no invariant", async (_, seed) => {
  const [failure] = (await historyOf(seed)).failures;
  // On a failure this shows the history.
  expect(failure === undefined ? "" : await historyTextOf(failure.seed, EDGE, failure)).toBe("");
});

test.skipIf(TEST_LENGTH === "few")("in these histories every fault, event and status of the lists occurs", async () => {
  const stats = newStats();
  for (const seed of SEEDS) addStats(stats, (await historyOf(seed)).stats);
  expect(missingFrom(stats), "seeds for these are found by npm run simulate -- --cover").toEqual([]);
});
