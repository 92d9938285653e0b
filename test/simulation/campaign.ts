/** Lives many seeds and keeps account. */
import type { Edge } from "./edge.ts";
import { generate } from "./generate.ts";
import type { Violation } from "./oracle.ts";
import type { Tally } from "./tally.ts";
import { addTally, newTally } from "./tally.ts";
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

/** The story of a seed, cut down to what breaks the invariant; of one that breaks none, the whole. */
export async function storyOf(seed: number, edge: Edge, mostLines = 250): Promise<string> {
  const scenario = generate(seed);
  const first = await live(scenario, edge);
  if (first.violation === null) return shortened(folded((await live(scenario, edge, { tells: true })).story), mostLines).join("\n");
  const { invariant, text, at } = first.violation;
  const smallest = await shrink(scenario, edge);
  const { story } = await live(smallest, edge, { tells: true });
  const intro = [`Seed ${seed} breaks ${invariant} at ${timeText(at)}: ${text}`, "", "The same, cut down to what it takes:"];
  const used = story.slice(prologue(smallest).length).join("\n");
  const kept = prologue(smallest).filter((line) => !/^ {2}terms (\d)/.test(line) || used.includes(`terms ${/terms (\d)/.exec(line)?.[1]}`));
  return [...intro, ...shortened([...kept, ...folded(story.slice(prologue(smallest).length))], mostLines)].join("\n");
}

/** The whole numbers from one to another, both included. */
export function* between(from: number, to: number): Generator<number> {
  for (let number = from; number <= to; number += 1) yield number;
}
