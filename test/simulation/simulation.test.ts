import { expect, test } from "vitest";
import { between, runSeeds, historyTextOf } from "./campaign.ts";
import { EDGE } from "./edge.ts";
import { FAULT_NAMES } from "./faults.ts";
import { generate } from "./generate.ts";
import { REGRESSION_SEEDS } from "./regression-seeds.ts";
import { DECIDED_WITHIN, decidedAfter, OUTAGES } from "./outage.ts";
import { shrink } from "./shrink.ts";
import { runScenario } from "./world.ts";
import { loadMutant } from "./mutations/mutant.ts";
import { MUTATIONS } from "./mutations/mutations.ts";

/** A range of seeds in which everything below occurs. At length ten times as many. */
const FIRST_SEED = 301;
const SEEDS = process.env["TEST_LENGTH"] === "long" ? 3_000 : 276;

/** Disturbances of the edge, and repeated answers of the gateway. Each must occur, because a fault that never occurs tests nothing. */
const DISTURBANCES = [
  "401 on a resend",
  "callback: check, ok",
  "callback: forged, ok",
  "callback: result, ok",
  "unplanned callback: not found",
  "unplanned callback: ok",
  "action: clock",
  "action: refuse_storage, for good",
  "deploy: RETENTION_DAYS 1",
  "deploy: RETENTION_DAYS 400",
  "deploy: first",
  "deploy: holds end later",
  "deploy: holds end sooner",
  "deploy: never seen later",
  "deploy: never seen sooner",
  "deploy: other gateway",
  "deploy: other merchant",
  "deploy: attention later",
  "edge: a new deployment",
  "edge: alarm late",
  "edge: answer lost with its object",
  "edge: between two steps",
  "edge: an older state is restored",
  "edge: its storage failed",
  "edge: storage refused",
  "edge: the order returns authorized",
  "edge: the order returns processing",
  "edge: the order returns succeeded",
  "edge: the order returns unconfirmed",
  "gateway: a second payment after its replay expired",
  "gateway: unknown status, for good",
  "gateway: accepted late",
  "gateway: in the cabinet",
  "gateway: key refused",
  "gateway: replay of order",
  "gateway: replay of request",
  "gateway: rows with a long id",
  "gateway: rows with an unknown status",
  "gateway: rows with no amount",
  "gateway: rows with no id",
  "gateway: rows with no status",
  "gateway: rows with too many",
];

/** Events that must occur, each with the statuses of the order before it. */
const EVENTS: Readonly<Record<string, readonly string[]>> = {
  pay: ["ready", "processing", "unconfirmed", "failed", "authorized", "succeeded", "reversed", "refunded"],
  create_answered: ["processing", "unconfirmed"],
  polled: ["processing", "unconfirmed", "failed", "authorized", "succeeded", "reversed", "refunded", "closed"],
  alarm: ["processing", "unconfirmed", "failed", "authorized", "succeeded", "closed"],
  hint: ["processing", "unconfirmed", "failed", "authorized", "succeeded", "reversed", "refunded", "closed"],
  operate: ["authorized", "succeeded"],
  edit_answered: ["authorized", "succeeded"],
  operation_polled: ["authorized", "succeeded"],
  close: ["ready", "processing", "unconfirmed", "failed", "succeeded"],
  resolve: ["processing", "unconfirmed", "failed"],
  resolution_read: ["processing", "unconfirmed", "failed"],
};

/** Statuses and attention that must occur. */
const STATUSES = [
  "processing",
  "unconfirmed",
  "authorized",
  "succeeded",
  "failed",
  "reversed",
  "refunded",
  "closed",
  "redacted",
  "attention: gateway_changed",
  "attention: ledger_too_large",
  "attention: refund_unsettled",
];

test(`${SEEDS} histories break no invariant, and every fault, event and status of the lists occurs`, async () => {
  const { failures, stats, seeds } = await runSeeds(between(FIRST_SEED, FIRST_SEED + SEEDS - 1), EDGE);
  const [first] = failures;
  // On a failure this shows the history.
  expect(first === undefined ? "" : await historyTextOf(first.seed, EDGE)).toBe("");
  expect(seeds).toBe(SEEDS);
  expect([...FAULT_NAMES, ...DISTURBANCES].filter((name) => stats.faults[name] === undefined)).toEqual([]);
  const events = Object.entries(EVENTS).flatMap(([type, statuses]) => statuses.map((status) => `${type} on ${status}`));
  expect(events.filter((event) => stats.events[event] === undefined)).toEqual([]);
  expect(STATUSES.filter((status) => stats.statuses[status] === undefined)).toEqual([]);
});

test.each(REGRESSION_SEEDS)("seed $seed breaks no invariant any more ($bug)", async ({ seed }) => {
  expect((await runScenario(generate(seed), EDGE)).violation).toBeNull();
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
  const mutation = MUTATIONS.find(({ name }) => name === "a key is not bound");
  const seed = mutation?.seeds[0];
  if (mutation === undefined || seed === undefined) throw new Error("There is no such bug");
  const mutant = await loadMutant(mutation);
  const whole = generate(seed);
  const smallest = await shrink(whole, mutant);
  expect((await runScenario(smallest, mutant)).violation?.invariant).toBe("I4");
  expect(smallest.actions.length).toBeLessThanOrEqual(2);
  expect(smallest.callFaults.length).toBeLessThanOrEqual(whole.callFaults.length);
  const history = await historyTextOf(seed, mutant);
  expect(history).toContain(`Seed ${seed} breaks I4`);
  expect(history).toMatch(/tab \d clicks with key key-\d/);
  expect(history.trimEnd().split("\n").at(-1)).toContain("I4 BROKEN");
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
);
