/** Lives many seeds and keeps account. */
import type { Edge } from "./edge.ts";
import { generate } from "./generate.ts";
import type { Violation } from "./watch.ts";
import type { Tally } from "./tally.ts";
import { addTally, newTally } from "./tally.ts";
import type { Scenario } from "./scenario.ts";
import { folded, prologue, shortened, timeText } from "./teller.ts";
import { shrink } from "./shrink.ts";
import { live } from "./world.ts";

/** What many seeds came to. */
export interface Campaign {
  seeds: number;
  steps: number;
  readonly failures: { readonly seed: number; readonly violation: Violation }[];
  readonly tally: Tally;
}

/** The account of no seeds. */
export function newCampaign(): Campaign {
  return { seeds: 0, steps: 0, failures: [], tally: newTally() };
}

/** Adds one account to another. */
export function addCampaign(to: Campaign, from: Campaign): void {
  to.seeds += from.seeds;
  to.steps += from.steps;
  to.failures.push(...from.failures);
  addTally(to.tally, from.tally);
}

/** Lives seeds one after another. */
export async function liveSeeds(seeds: Iterable<number>, edge: Edge): Promise<Campaign> {
  const campaign = newCampaign();
  for (const seed of seeds) {
    const { steps, violation, tally } = await live(generate(seed), edge);
    campaign.seeds += 1;
    campaign.steps += steps;
    addTally(campaign.tally, tally);
    if (violation !== null) campaign.failures.push({ seed, violation });
  }
  return campaign;
}

/** A story with what a reader needs of its prologue: the terms and payments that come up. */
function readable(scenario: Scenario, story: readonly string[]): readonly string[] {
  const opening = prologue(scenario);
  const told = folded(story.slice(opening.length));
  const text = told.join("\n");
  const made = text.split("TRULY makes").length - 1;
  const matters = (line: string): boolean => {
    const terms = /^ {2}terms (\d):/.exec(line)?.[1];
    const payment = /payment no\. (\d+):/.exec(line)?.[1];
    return (terms === undefined || text.includes(`terms ${terms}`)) && (payment === undefined || Number(payment) <= made);
  };
  return [...opening.filter(matters), ...told];
}

/** The story of a seed, cut down to what breaks the invariant; of one that breaks none, the whole. */
export async function storyOf(seed: number, edge: Edge, mostLines = 250): Promise<string> {
  const scenario = generate(seed);
  const { violation } = await live(scenario, edge);
  const smallest = violation === null ? scenario : await shrink(scenario, edge);
  const { story } = await live(smallest, edge, { tells: true });
  const lines = shortened(readable(smallest, story), mostLines);
  if (violation === null) return lines.join("\n");
  const { invariant, text, at } = violation;
  return [`Seed ${seed} breaks ${invariant} at ${timeText(at)}: ${text}`, "", "The same, cut down to what it takes:", ...lines].join("\n");
}

/** The whole numbers from one to another, both included. */
export function* between(from: number, to: number): Generator<number> {
  for (let number = from; number <= to; number += 1) yield number;
}
