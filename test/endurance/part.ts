/** One part of `npm run endurance`: an edge with empty state, a load, and a verdict. */
import { Cleanup } from "../bench/processes.ts";
import type { PlantedFault } from "./outside.ts";
import type { EdgeOptions, Installed, PackedEdge } from "./packed-edge.ts";
import { startPackedEdge } from "./packed-edge.ts";
import { Shop } from "./shop.ts";
import type { Outside } from "./start-outside.ts";
import { startOutside } from "./start-outside.ts";

/** How long and how fast, and what is broken on purpose. */
export interface PartOptions {
  readonly installed: Installed;
  /** New orders a second of `load`: 0.7 of those of `test/bench/RESULTS.md`. */
  readonly loadRate: number;
  /** Calls a second of the other parts: 0.7 of the new orders that were reached just before. */
  readonly rate: number;
  /** Seconds of each load but the soak's. */
  readonly seconds: number;
  /** Minutes of the soak. */
  readonly minutes: number;
  /** Orders before the load of new orders and before the samples of the soak begin: 1,500 open nearly all 256 shards. */
  readonly warmUp: number;
  /** Kills workerd in the middle of `load` and `overload`. */
  readonly kill: boolean;
  /** A fault in the ledger, which the part has to find. */
  readonly plant: PlantedFault | null;
  /** Prints progress. */
  say(line: string): void;
}

/** What a part has found. */
export interface Verdict {
  /** Paragraphs and tables of Markdown. */
  readonly text: string;
  /** Empty if all is well. */
  readonly faults: readonly string[];
  /** Why it could not run here. */
  readonly skipped?: string;
}

/** A part. */
export type Part = (options: PartOptions) => Promise<Verdict>;

/** The processes of a part. */
export interface Running {
  readonly edge: PackedEdge;
  readonly outside: Outside;
  readonly shop: Shop;
}

/** Starts the processes for a part, and ends them. */
export async function withEdge<Result>(
  { installed }: Pick<PartOptions, "installed">,
  edgeOptions: (outside: Outside) => Omit<EdgeOptions, "gateway">,
  act: (running: Running) => Promise<Result>,
): Promise<Result> {
  const cleanup = new Cleanup();
  try {
    const outside = await startOutside(cleanup);
    const edge = await startPackedEdge(cleanup, installed, { gateway: outside.gateway, ...edgeOptions(outside) });
    const shop = new Shop(edge.port);
    cleanup.add(async () => shop.close());
    return await act({ edge, outside, shop });
  } finally {
    await cleanup.run();
  }
}

/** The settings for notifications to the merchant's server. */
export function notifies({ notifyUrl }: Outside, secret: string): Readonly<Record<string, string>> {
  return { NOTIFY_URL: notifyUrl, NOTIFY_SECRET: secret };
}

/** The first faults of a list, and how many more there are. */
const SHOWN_FAULTS = 10;

export function firstFaults(faults: readonly string[]): readonly string[] {
  const more = faults.length - SHOWN_FAULTS;
  return more > 0 ? [...faults.slice(0, SHOWN_FAULTS), `… and ${more} more`] : faults;
}

/** How many orders were lost or doubled, from the faults of the books. */
export function bookLine(orders: number, faults: readonly string[]): string {
  const count = (word: string): number => faults.filter((fault) => fault.includes(`: ${word},`)).length;
  return `${orders.toLocaleString("en")} orders: ${count("lost")} lost, ${count("doubled")} doubled, ${count("refused")} not paid and shown as that, ${faults.length} differences from the gateway's ledger.`;
}
