// npm run simulate -- [--seeds 10000] [--from 1] · --seed N [--apis async|merchant|mixed] [--pages yes|no]: the history of one · --mutants [--seeds N]: how many
// seeds find each bug · --cover [--seeds N]: the seeds for covering-seeds.ts
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import type { PlayedSeed } from "./campaign.ts";
import { addCampaign, between, newCampaign, historyTextOf, runSeeds } from "./campaign.ts";
import { missingFrom } from "./coverage.ts";
import { COVERING_SEEDS } from "./covering-seeds.ts";
import { EDGE } from "./edge.ts";
import type { Apis } from "./generate-apis.ts";
import { addIsolation, newIsolation } from "./isolation.ts";
import { loadMutant } from "./mutations/mutant.ts";
import { MUTATION_SEEDS } from "./mutations/mutation-seeds.ts";
import { MUTATIONS } from "./mutations/mutations.ts";
import { search } from "./mutations/search.ts";
import type { Known } from "./outage.ts";
import { decidedAfter, medianAndMax, OUTAGES } from "./outage.ts";
import { SECOND } from "./scenario.ts";
import type { SeedReport } from "./seed-worker.ts";
import type { Counts, Stats } from "./stats.ts";
import { addStats, newStats } from "./stats.ts";

/** The number of failing seeds whose history is printed. */
const PRINTED_HISTORIES = 3;

/** The number of outages measured for each kind. */
const MEASURED = 200;

const { values } = parseArgs({
  options: {
    seeds: { type: "string" },
    seed: { type: "string" },
    from: { type: "string" },
    apis: { type: "string" },
    pages: { type: "string" },
    mutants: { type: "boolean" },
    cover: { type: "boolean" },
  },
});

/** The APIs that a seed is played with; undefined: its own. */
function apisIn(text: string | undefined): Apis | undefined {
  if (text === undefined || text === "async" || text === "merchant" || text === "mixed") return text;
  throw new RangeError(`${text} is not async, merchant or mixed`);
}

/** Whether pages are played; undefined: as the seed says. */
function pagesIn(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (text === "yes" || text === "no") return text === "yes";
  throw new RangeError(`${text} is not yes or no`);
}

function whole(text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  if (!/^\d{1,9}$/.test(text)) throw new RangeError(`${text} is not a number of seeds`);
  return Number(text);
}

/** Runs the seeds on all cores. */
async function runAll(from: number, count: number): Promise<SeedReport> {
  const campaign = newCampaign();
  const isolation = newIsolation();
  const threads = Math.max(1, Math.min(availableParallelism(), count));
  const share = Math.ceil(count / threads);
  await Promise.all(
    Array.from({ length: threads }, (_, thread) => {
      const first = from + thread * share;
      const worker = new Worker(new URL("./seed-worker.ts", import.meta.url), {
        workerData: { from: first, to: Math.min(first + share, from + count) - 1 },
      });
      worker.on("message", (part: SeedReport) => {
        addCampaign(campaign, part.campaign);
        addIsolation(isolation, part.isolation);
        if (process.stderr.isTTY) process.stderr.write(`\r${campaign.seeds} of ${count} seeds, ${campaign.failures.length} violations `);
      });
      return new Promise<void>((resolve, reject) => {
        worker.once("error", reject);
        worker.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`A thread ended with ${code}`))));
      });
    }),
  );
  if (process.stderr.isTTY) process.stderr.write("\n");
  return { campaign, isolation };
}

function print(title: string, counts: Counts): void {
  console.log(`\n${title}`);
  for (const [name, count] of Object.entries(counts).sort(([one], [other]) => one.localeCompare(other)))
    console.log(`  ${String(count).padStart(9)}  ${name}`);
}

async function measureOutages(apis: Apis): Promise<void> {
  console.log(`\nFrom "the gateway answers again" to "decided", by ${apis === "async" ? "v5" : "the Merchant API"}`);
  for (const { name, lasts } of OUTAGES) {
    for (const known of ["seen", "never seen"] satisfies Known[]) {
      const times: number[] = [];
      for (const seed of between(1, MEASURED)) times.push((await decidedAfter(seed, lasts, known, EDGE, apis)) ?? Number.POSITIVE_INFINITY);
      const { p50, max } = medianAndMax(times);
      console.log(
        `  after ${name}, ${known.padEnd(10)}  p50 ${(p50 / SECOND).toFixed(1)} s  max ${(max / SECOND).toFixed(1)} s  (${MEASURED} seeds)`,
      );
    }
  }
}

async function simulate(from: number, count: number): Promise<void> {
  const startedAt = performance.now();
  const { campaign, isolation } = await runAll(from, count);
  const { steps, failures, stats, seeds } = campaign;
  const seconds = (performance.now() - startedAt) / 1000;
  const { clicks, creates, ...counts } = stats;
  for (const [title, kind] of [
    ["Faults", counts.faults],
    ["Events, by the status before", counts.events],
    ["Outcomes of calls", counts.outcomes],
    ["Replies to requests", counts.replies],
    ["Statuses and attention", counts.statuses],
  ] as const)
    print(title, kind);
  const missing = missingFrom(stats);
  if (missing.length > 0) console.log(`\nNever occurred: ${missing.join(", ")}`);
  await measureOutages("async");
  await measureOutages("merchant");
  for (const { seed } of failures.slice(0, PRINTED_HISTORIES)) console.log(`\n${await historyTextOf(seed, EDGE)}`);
  console.log(
    `\nseeds ${seeds} (from ${from}) · steps ${steps} · ${seconds.toFixed(1)} s · clicks ${clicks} → creates ${creates} · violations ${failures.length}`,
  );
  const { differences } = isolation;
  const list = differences.map(({ seed, difference }) => ` · ${seed}: ${difference}`).join("");
  console.log(`orders alone and beside neighbors in their shard: seeds ${isolation.seeds} · differences ${differences.length}${list}`);
  if (differences.length > 0) process.exitCode = 1;
  if (failures.length > 0) {
    console.log(`failing seeds: ${failures.map(({ seed, violation }) => `${seed} (${violation.invariant})`).join(", ")}`);
    process.exitCode = 1;
  }
}

async function findMutants(most: number): Promise<void> {
  let survivors = 0;
  for (const mutation of MUTATIONS) {
    const found = await search(await loadMutant(mutation), between(1, most), mutation);
    if (found === null) survivors += 1;
    console.log(
      found === null
        ? `SURVIVES ${most} seeds  ${mutation.name}`
        : `${String(found.seeds).padStart(6)} seeds  ${found.violation.invariant.padEnd(7)} ${mutation.name}`,
    );
  }
  console.log(`\n${MUTATIONS.length} bugs, ${survivors} survive`);
  if (survivors > 0) process.exitCode = 1;
}

/** Prints a few seeds that make everything occur: each brings the most that the ones before it lack. */
async function findCover(most: number): Promise<void> {
  const total = newStats();
  const candidates: [PlayedSeed, Stats][] = [];
  const drawn = Array.from(between(1, most), (seed): PlayedSeed => ({ seed }));
  for (const seed of [...COVERING_SEEDS, ...MUTATION_SEEDS, ...drawn]) candidates.push([seed, (await runSeeds([seed], EDGE)).stats]);
  const lackingWith = (stats: Stats): number => {
    const both = newStats();
    for (const part of [total, stats]) addStats(both, part);
    return missingFrom(both).length;
  };
  for (let lacking = missingFrom(total).length; lacking > 0; lacking = missingFrom(total).length) {
    const scored = candidates.map(([seed, stats]) => ({ seed, stats, lacks: lackingWith(stats) }));
    const best = scored.reduce((one, other) => (other.lacks < one.lacks ? other : one));
    if (best.lacks === lacking) break;
    console.log(JSON.stringify(best.seed));
    addStats(total, best.stats);
  }
  const missing = missingFrom(total);
  if (missing.length === 0) return;
  console.error(`These never occur: ${missing.join(", ")}`);
  process.exitCode = 1;
}

if (values.seed !== undefined)
  console.log(
    await historyTextOf(whole(values.seed, 1), EDGE, { mostLines: 2000, apis: apisIn(values.apis), pages: pagesIn(values.pages) }),
  );
else if (values.cover === true) await findCover(whole(values.seeds, 600));
else if (values.mutants === true) await findMutants(whole(values.seeds, 5000));
else await simulate(whole(values.from, 1), whole(values.seeds, 10_000));
