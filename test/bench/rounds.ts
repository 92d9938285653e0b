/** Measures variants in turn: A B C, A B C, … so that what else happens on the machine meets all of them. */
import { expect } from "vitest";
import type { LoadJob } from "./load-generator.ts";
import type { Load, Server } from "./processes.ts";
import { cpuOf, memoryOf } from "./processes.ts";
import type { Figures } from "./statistics.ts";

/** A server and the load that is put on it. */
export interface Variant {
  readonly name: string;
  readonly server: Server;
  readonly job: Pick<LoadJob, "request" | "prefix" | "orders">;
}

/** The figures of each round. */
export interface Measured {
  readonly name: string;
  /** Requests a second. */
  readonly rate: Figures;
  /** Milliseconds. */
  readonly p50: Figures;
  readonly p99: Figures;
  /** Milliseconds of CPU of the server's process for one request, with the work that it does after its answers. */
  readonly cpu: Figures;
  /** MB of resident memory after the load. */
  readonly memory: Figures;
  /** All requests, those of the discarded round included. */
  readonly requests: number;
}

/** `BENCH_QUICK=1` only shows that everything runs. Its figures are not written down. */
export const IS_QUICK: boolean = process.env["BENCH_QUICK"] !== undefined;

/** Rounds that count. One more before them is discarded. */
export const ROUNDS: number = IS_QUICK ? 1 : 6;

const SECONDS = IS_QUICK ? 0.4 : 3;

/** Requests of the discarded round: enough to open nearly all 256 shards. */
const WARM_UP = IS_QUICK ? 100 : 1500;

/** Connections of every load. */
export const CONNECTIONS = 32;

/** Runs all rounds. Every request must be answered with 200 or 201. */
export async function measure(variants: readonly Variant[], load: Load): Promise<readonly Measured[]> {
  const samples = variants.map(() => [] as Sample[]);
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const [index, variant] of variants.entries()) samples[index]?.push(await sampleOf(variant, load, samples[index] ?? []));
  return variants.map(({ name }, index) => {
    const all = samples[index] ?? [];
    const counted = all.slice(1);
    const figures = (of: (sample: Sample) => number): Figures => counted.map(of);
    return {
      name,
      rate: figures(({ rate }) => rate),
      p50: figures(({ p50 }) => p50),
      p99: figures(({ p99 }) => p99),
      cpu: figures(({ cpu }) => cpu),
      memory: figures(({ memory }) => memory),
      requests: all.reduce((sum, { requests }) => sum + requests, 0),
    };
  });
}

interface Sample {
  readonly requests: number;
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpu: number;
  readonly memory: number;
}

async function sampleOf({ name, server, job }: Variant, load: Load, earlier: readonly Sample[]): Promise<Sample> {
  const { pid, port } = server;
  // New orders continue where the last round ended.
  const from = job.orders === null ? 1 + earlier.reduce((sum, { requests }) => sum + requests, 0) : 1;
  const length = earlier.length === 0 ? { seconds: null, requests: WARM_UP } : { seconds: SECONDS, requests: null };
  const before = await cpuOf(pid);
  const { statuses, refused, ...result } = await load({ ...job, port, from, connections: CONNECTIONS, ...length });
  const unexpected = Object.keys(statuses).filter((status) => status !== "200" && status !== "201");
  expect(unexpected, `${name}: ${refused}`).toEqual([]);
  const memory = await memoryOf(pid);
  const after = await cpuWhenIdle(pid);
  return { ...result, cpu: (after - before) / result.requests, memory };
}

/** A process is idle when it used no more than this in an interval, in milliseconds. */
const IDLE = 20;
const INTERVAL = 1500;

/** How many intervals are waited for at most. */
const MAX_INTERVALS = 10;

/** The CPU of a process once it has done what it does after its answers, such as updates of the daily index a second later. */
async function cpuWhenIdle(pid: number): Promise<number> {
  let cpu = await cpuOf(pid);
  for (let interval = 0; interval < MAX_INTERVALS; interval += 1) {
    await new Promise((resolve) => setTimeout(resolve, INTERVAL));
    const now = await cpuOf(pid);
    if (now - cpu <= IDLE) return now;
    cpu = now;
  }
  return cpu;
}
