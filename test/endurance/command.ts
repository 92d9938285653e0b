// npm run endurance -- [PART …] [--seconds 60] [--minutes 10] [--rate N] [--warm-up 1500] [--kill] [--plant doubled|lost] [--dry]: see CONTRIBUTING.md.
import { parseArgs } from "node:util";
import { circumstances } from "../bench/machine.ts";
import { Cleanup } from "../bench/processes.ts";
import { short } from "../bench/statistics.ts";
import { fullDisk } from "./full-disk.ts";
import { load, overload } from "./load.ts";
import { notifications } from "./notifications.ts";
import { installPacked } from "./packed-edge.ts";
import type { Part, PartOptions, Verdict } from "./part.ts";
import type { PartName } from "./results.ts";
import { newOrdersOfBench, PARTS, sectionOf, writeResult } from "./results.ts";
import { CALLERS, reachedRate } from "./reached-rate.ts";
import { slowGateway } from "./slow-gateway.ts";
import { soak } from "./soak.ts";

const RUNS: Readonly<Record<PartName, Part>> = {
  load,
  overload,
  soak,
  notifications,
  "slow-gateway": slowGateway,
  "full-disk": fullDisk,
};

/** The share of a rate of new orders that is put on the edge. */
const SHARE = 0.7;

/** The parts whose rate is that of the bench. The others have the rate that is reached here. */
const AT_RATE_OF_BENCH: readonly PartName[] = ["load", "overload"];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "60" },
    minutes: { type: "string", default: "10" },
    rate: { type: "string" },
    "warm-up": { type: "string", default: "1500" },
    kill: { type: "boolean", default: false },
    plant: { type: "string" },
    dry: { type: "boolean", default: false },
  },
});

/** A number of a flag. */
function numberOf(name: string, text: string, most: number): number {
  const number = Number(text);
  if (!(number > 0 && number <= most)) throw new RangeError(`--${name} must be a number up to ${most}`);
  return number;
}

function partsOf(names: readonly string[]): readonly PartName[] {
  const all = Object.keys(PARTS) as PartName[];
  const unknown = names.filter((name) => !(name in PARTS));
  if (unknown.length > 0) throw new RangeError(`No such part: ${unknown.join(", ")}. There are ${all.join(", ")}`);
  return names.length === 0 ? all : all.filter((name) => names.includes(name));
}

function plantOf(text: string | undefined): PartOptions["plant"] {
  if (text === undefined || text === "doubled" || text === "lost") return text ?? null;
  throw new RangeError("--plant is doubled or lost");
}

/** Runs a part. An error of it is a fault. */
async function verdictOf(part: PartName, options: PartOptions): Promise<Verdict> {
  try {
    return await RUNS[part](options);
  } catch (error) {
    return { text: "", faults: [`The part did not end: ${error instanceof Error ? error.message : String(error)}`] };
  }
}

async function runAll(): Promise<boolean> {
  const cleanup = new Cleanup();
  try {
    const parts = partsOf(positionals);
    const plant = plantOf(values.plant);
    const given = values.rate === undefined ? null : numberOf("rate", values.rate, 1000);
    const [seconds, minutes] = [numberOf("seconds", values.seconds, 600), numberOf("minutes", values.minutes, 600)];
    const warmUp = numberOf("warm-up", values["warm-up"], 100_000);
    console.log(circumstances());
    const installed = await installPacked(cleanup);
    const needsReached = given === null && parts.some((part) => !AT_RATE_OF_BENCH.includes(part));
    const reached = needsReached ? await reachedRate({ installed, warmUp }) : null;
    if (reached !== null) console.log(`${short(reached)} new orders a second, by ${CALLERS} callers`);
    const options = {
      installed,
      loadRate: given ?? SHARE * newOrdersOfBench(),
      rate: given ?? SHARE * (reached ?? 0),
      seconds,
      minutes,
      warmUp,
      kill: values.kill,
      plant,
      say: (line: string) => console.log(`  ${line}`),
    };
    let isGood = true;
    for (const part of parts) {
      console.log(`\n${part} …`);
      const verdict = await verdictOf(part, options);
      const section = sectionOf(verdict);
      console.log(`\n## ${PARTS[part]}\n\n${section}`);
      // What was broken on purpose is no result.
      if (!values.dry && plant === null && !values.kill) writeResult(part, section);
      if (verdict.faults.length > 0) isGood = false;
    }
    return isGood;
  } finally {
    await cleanup.run();
  }
}

process.exitCode = await runAll().then(
  (isGood) => (isGood ? 0 : 1),
  (error: unknown) => {
    console.error(error instanceof RangeError ? error.message : error);
    return 1;
  },
);
