import { expect, test } from "vitest";
import { between, historyTextOf } from "./campaign.ts";
import { EDGE } from "./edge.ts";
import type { Play } from "./generate.ts";
import { generate } from "./generate.ts";
import { REGRESSION_SEEDS } from "./regression-seeds.ts";
import { DECIDED_WITHIN, decidedAfter, OUTAGES } from "./outage.ts";
import { shrink } from "./shrink.ts";
import { runScenario } from "./world.ts";
import { loadMutant } from "./mutations/mutant.ts";
import { MUTATIONS } from "./mutations/mutations.ts";

/** Outages of each kind. */
const OUTAGE_SEEDS = process.env["TEST_LENGTH"] === "long" ? 20 : 2;

test.each(REGRESSION_SEEDS)("seed $seed breaks no invariant any more ($bug)", async ({ seed, apis, pages }) => {
  // At length with the APIs of the seed too, without pages, and with v5 alone.
  const others: readonly Play[] = process.env["TEST_LENGTH"] === "long" ? [{}, { pages: false }, { apis: "async" }] : [];
  for (const play of [{ apis, pages }, ...others]) expect((await runScenario(generate(seed, play), EDGE)).violation).toBeNull();
});

test("a seed gives the same history every time", async () => {
  for (const seed of [1, 17, 4242]) {
    const [once, again] = [await runScenario(generate(seed), EDGE), await runScenario(generate(seed), EDGE, { recordsHistory: true })];
    expect(again.fingerprint).toBe(once.fingerprint);
    expect(again.steps).toBe(once.steps);
  }
  expect((await runScenario(generate(2), EDGE)).fingerprint).not.toBe((await runScenario(generate(1), EDGE)).fingerprint);
});

test("a history that breaks an invariant is shrunk and printed", async () => {
  const mutation = MUTATIONS.find(({ name }) => name === "a pending call is stored after it is sent");
  const seed = mutation?.seeds[0];
  if (mutation === undefined || seed === undefined) throw new Error("There is no such bug");
  const mutant = await loadMutant(mutation);
  const whole = generate(seed);
  const smallest = await shrink(whole, mutant);
  expect((await runScenario(smallest, mutant)).violation?.invariant).toBe("M1");
  expect(smallest.actions.length).toBeLessThanOrEqual(2);
  expect(smallest.callFaults.length).toBeLessThanOrEqual(whole.callFaults.length);
  const history = await historyTextOf(seed, mutant);
  expect(history).toContain(`Seed ${seed} breaks M1`);
  expect(history).toMatch(/tab \d clicks with key key-\d/);
  expect(history.trimEnd().split("\n").at(-1)).toContain("M1 BROKEN");
});

test.each(OUTAGES.flatMap(({ name, lasts }) => (["seen", "never seen"] as const).map((known) => [name, known, lasts] as const)))(
  "after an outage of %s, payments %s are decided in time",
  async (_, known, lasts) => {
    for (const seed of between(1, OUTAGE_SEEDS)) {
      const after = await decidedAfter(seed, lasts, known, EDGE);
      expect(after, `seed ${seed}`).not.toBeNull();
      expect(after, `seed ${seed}`).toBeLessThanOrEqual(DECIDED_WITHIN[known]);
    }
  },
);
