import { expect, test } from "vitest";
import { between, liveSeeds, storyOf } from "./campaign.ts";
import { EDGE } from "./edge.ts";
import { generate } from "./generate.ts";
import { DECIDED_WITHIN, decidedAfter, OUTAGES } from "./outage.ts";
import { live } from "./world.ts";

const SEEDS = 500;

test(`${SEEDS} histories break no invariant`, async () => {
  const { failures, tally, seeds } = await liveSeeds(between(1, SEEDS), EDGE);
  const [first] = failures;
  // The story of what went wrong, not the fact alone.
  expect(first === undefined ? "" : await storyOf(first.seed, EDGE)).toBe("");
  expect(seeds).toBe(SEEDS);
  // What it is to be afraid of really came about.
  for (const name of ["edge: alarm late", "edge: an answer reached nobody", "gateway: accepted late", "gateway: replay of request"]) {
    expect(tally.faults[name], name).toBeGreaterThan(0);
  }
  for (const name of ["succeeded", "authorized", "failed", "unconfirmed", "reversed", "refunded", "closed"]) {
    expect(tally.statuses[name], name).toBeGreaterThan(0);
  }
  for (const type of ["pay", "answered", "looked", "due", "hint", "operate", "edited", "operation_looked", "close", "resolve"]) {
    expect(
      Object.keys(tally.events).some((event) => event.startsWith(`${type} on `)),
      type,
    ).toBe(true);
  }
}, 120_000);

test("a seed is the same history every time", async () => {
  for (const seed of [1, 17, 4242]) {
    const [once, again] = [await live(generate(seed), EDGE), await live(generate(seed), EDGE)];
    expect(again.fingerprint).toBe(once.fingerprint);
    expect(again.steps).toBe(once.steps);
  }
  expect((await live(generate(2), EDGE)).fingerprint).not.toBe((await live(generate(1), EDGE)).fingerprint);
});

test.each(OUTAGES.flatMap(({ name, lasts }) => (["seen", "never seen"] as const).map((known) => [name, known, lasts] as const)))(
  "after an outage of %s, payments %s are decided in time",
  async (_, known, lasts) => {
    for (const seed of between(1, 20)) {
      const after = await decidedAfter(seed, lasts, known, EDGE);
      expect(after, `seed ${seed}`).not.toBeNull();
      expect(after, `seed ${seed}`).toBeLessThanOrEqual(DECIDED_WITHIN[known]);
    }
  },
  60_000,
);
