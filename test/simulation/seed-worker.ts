/** Runs a share of the seeds in a thread. */
import { parentPort, workerData } from "node:worker_threads";
import type { Campaign } from "./campaign.ts";
import { between, runSeeds } from "./campaign.ts";
import { EDGE } from "./edge.ts";
import type { Isolation } from "./isolation.ts";
import { compareSeeds } from "./isolation.ts";

/** The number of seeds between two reports. */
const SHARE = 50;

/** Every so many seeds the order is also compared with itself beside neighbors. */
const COMPARED = 20;

/** The results of some seeds. */
export interface SeedReport {
  readonly campaign: Campaign;
  readonly isolation: Isolation;
}

const { from, to } = workerData as { readonly from: number; readonly to: number };
for (let first = from; first <= to; first += SHARE) {
  const seeds = [...between(first, Math.min(to, first + SHARE - 1))];
  const report: SeedReport = {
    campaign: await runSeeds(seeds, EDGE),
    isolation: await compareSeeds(seeds.filter((seed) => seed % COMPARED === 0)),
  };
  parentPort?.postMessage(report);
}
