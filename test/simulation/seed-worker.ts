/** Runs a share of the seeds in a thread. */
import { parentPort, workerData } from "node:worker_threads";
import { between, runSeeds } from "./campaign.ts";
import { EDGE } from "./edge.ts";

/** The number of seeds between two reports. */
const SHARE = 50;

const { from, to } = workerData as { readonly from: number; readonly to: number };
for (let first = from; first <= to; first += SHARE) {
  parentPort?.postMessage(await runSeeds(between(first, Math.min(to, first + SHARE - 1)), EDGE));
}
