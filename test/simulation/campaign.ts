/** Runs many seeds and adds up their results. */
import type { Edge } from "./edge.ts";
import type { Play } from "./generate.ts";
import { generate } from "./generate.ts";
import type { Violation } from "./checker.ts";
import type { Stats } from "./stats.ts";
import { addStats, newStats } from "./stats.ts";
import type { Scenario } from "./scenario.ts";
import { foldRepeats, headerLines, truncateMiddle, timeText } from "./history-text.ts";
import { shrink } from "./shrink.ts";
import { runScenario } from "./world.ts";

/** The summed results of many seeds. */
export interface Campaign {
  seeds: number;
  steps: number;
  readonly failures: (PlayedSeed & { readonly violation: Violation })[];
  readonly stats: Stats;
}

/** An empty campaign. */
export function newCampaign(): Campaign {
  return { seeds: 0, steps: 0, failures: [], stats: newStats() };
}

/** Adds the results of one campaign to another. */
export function addCampaign(to: Campaign, from: Campaign): void {
  to.seeds += from.seeds;
  to.steps += from.steps;
  to.failures.push(...from.failures);
  addStats(to.stats, from.stats);
}

/** A seed, and how it is played. */
export interface PlayedSeed extends Play {
  readonly seed: number;
}

/** Runs seeds one after another. */
export async function runSeeds(seeds: Iterable<number | PlayedSeed>, edge: Edge): Promise<Campaign> {
  const campaign = newCampaign();
  for (const one of seeds) {
    const { seed, apis, pages } = typeof one === "number" ? { seed: one } : one;
    const { steps, violation, stats } = await runScenario(generate(seed, { apis, pages }), edge);
    campaign.seeds += 1;
    campaign.steps += steps;
    addStats(campaign.stats, stats);
    if (violation !== null) campaign.failures.push({ seed, apis, pages, violation });
  }
  return campaign;
}

/** A history without the header lines that a reader does not need: terms and payments that never occur are left out. */
function relevantLines(scenario: Scenario, history: readonly string[]): readonly string[] {
  const header = headerLines(scenario);
  const body = foldRepeats(history.slice(header.length));
  const text = body.join("\n");
  const made = text.split("MAKES").length - 1;
  const isRelevant = (line: string): boolean => {
    const terms = /^ {2}terms (\d):/.exec(line)?.[1];
    const payment = /payment (\d+):/.exec(line)?.[1];
    return (terms === undefined || text.includes(`terms ${terms}`)) && (payment === undefined || Number(payment) <= made);
  };
  return [...header.filter(isRelevant), ...body];
}

/** Options of {@link historyTextOf}. */
interface HistoryOptions extends Play {
  readonly mostLines?: number;
}

/** The history of a seed as text. If the seed breaks an invariant, the history is shrunk to the parts that are needed to break it. */
export async function historyTextOf(seed: number, edge: Edge, { mostLines = 250, apis, pages }: HistoryOptions = {}): Promise<string> {
  const scenario = generate(seed, { apis, pages });
  const { violation } = await runScenario(scenario, edge);
  const smallest = violation === null ? scenario : await shrink(scenario, edge);
  const { history } = await runScenario(smallest, edge, { recordsHistory: true });
  const lines = truncateMiddle(relevantLines(smallest, history), mostLines);
  if (violation === null) return lines.join("\n");
  const { invariant, text, at } = violation;
  return [`Seed ${seed} breaks ${invariant} at ${timeText(at)}: ${text}`, "", "The same, shrunk:", ...lines].join("\n");
}

/** The whole numbers from one to another, both included. */
export function* between(from: number, to: number): Generator<number> {
  for (let number = from; number <= to; number += 1) yield number;
}
