/** Orders that share a shard: what happens to one is not seen in another. */
import { expect, test } from "vitest";
import { newRecord } from "../../edge/machine/record.ts";
import type { ChargeRecord } from "../../edge/machine/record.ts";
import { cases } from "../length.ts";
import { edgeWith, EDGE } from "./edge.ts";
import { generate } from "./generate.ts";
import type { Scenario } from "./scenario.ts";
import { HOUR } from "./scenario.ts";
import type { SeenOrder } from "./shared-shard.ts";
import { runTogether } from "./shared-shard.ts";

const OWN = "1234";

/** Orders in the shard of 1234. */
const NEIGHBORS = ["neighbor-22", "neighbor-199", "neighbor-474"];

/** The first seed of the neighbors: other histories than the order's own. */
const NEIGHBOR_SEEDS = 50_000;

const SEEDS = Array.from({ length: cases(8).numRuns }, (_, index) => index + 1);

function own(seed: number): { readonly orderId: string; readonly scenario: Scenario } {
  return { orderId: OWN, scenario: generate(seed) };
}

function neighbors(seed: number, change: Partial<Scenario> = {}): { readonly orderId: string; readonly scenario: Scenario }[] {
  return NEIGHBORS.map((orderId, index) => ({
    orderId,
    scenario: { ...generate(NEIGHBOR_SEEDS + seed * NEIGHBORS.length + index), ...change },
  }));
}

async function seenIn(orders: Parameters<typeof runTogether>[0], edge: Parameters<typeof runTogether>[1]): Promise<SeenOrder> {
  const seen = (await runTogether(orders, edge)).get(OWN);
  if (seen === undefined) throw new Error("The order was not run");
  return seen;
}

test("while the queue has room, rows, answers and log lines of an order are equal to the byte whatever its neighbors do", async () => {
  const edge = await edgeWith("a queue with room", [
    { file: "gateways/call-queue", find: "MAX_OPEN_CALLS = 6;", replace: "MAX_OPEN_CALLS = 600;" },
    { file: "gateways/call-queue", find: "read: 3, notification: 1 }", replace: "read: 600, notification: 600 }" },
  ]);
  let changed = 0;
  for (const seed of SEEDS) {
    const alone = await seenIn([own(seed)], edge);
    expect(await seenIn([own(seed), ...neighbors(seed)], edge), `seed ${seed}`).toEqual(alone);
    changed += alone.log.length;
  }
  // Something must have happened to be compared.
  expect(changed).toBeGreaterThan(SEEDS.length);
});

test("while neighbors' calls hang and fill the queue, an order has the same outcome, and nothing of them appears in it", async () => {
  const hanging = { outages: [{ from: 0, lasts: HOUR, answer: "none" as const }], callFaults: [] };
  const usual = { outages: [], callFaults: [], oldPayment: null, oddRows: null };
  for (const seed of SEEDS) {
    // One click: whether a later one finds the attempt decided would depend on how long the order had to wait.
    const { actions, ...scenario } = generate(seed);
    const click = actions.filter(({ type }) => type === "click").slice(0, 1);
    const order = { orderId: OWN, scenario: { ...scenario, ...usual, actions: click } };
    const alone = await seenIn([order], EDGE);
    const beside = await seenIn([order, ...neighbors(seed, hanging)], EDGE);
    const outcome = ({ rows }: SeenOrder): unknown => {
      const record = rows.record === null ? newRecord(OWN) : (JSON.parse(rows.record) as ChargeRecord);
      return record.attempts.map(({ state, paymentId, gatewayOrderId }) => [state, paymentId, gatewayOrderId]);
    };
    expect(outcome(beside), `seed ${seed}`).toEqual(outcome(alone));
    expect(JSON.stringify(beside)).not.toContain("neighbor");
  }
});
