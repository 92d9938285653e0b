/** Shrinks a scenario that breaks an invariant: parts are removed as long as the same invariant breaks. */
import type { Edge } from "./edge.ts";
import type { Scenario } from "./scenario.ts";
import { runScenario } from "./world.ts";

/** The members of a scenario that are lists. Any of their items may be removed. */
const LISTS = ["actions", "reactions", "callFaults", "alarms", "evictBeforeStep", "outages", "visits"] as const;

/** Simpler values of the other members. */
const SIMPLER: readonly Partial<Scenario>[] = [
  { oldPayment: null },
  { callbacks: "none" },
  { remembersRequestsFor: null },
  { replaysOrdersFor: null },
  { oddRows: null },
  { settlesAfter: 2_000 },
  { edgeKeys: ["old"], gatewayKeys: ["old"] },
  { retentionDays: 400 },
  { plans: [] },
];

/** A scenario without a range of one list. */
function without(scenario: Scenario, list: (typeof LISTS)[number], from: number, length: number): Scenario {
  const items: readonly unknown[] = scenario[list];
  return { ...scenario, [list]: items.filter((_, index) => index < from || index >= from + length) };
}

/**
 * The smallest scenario found that breaks the same invariant.
 * @param most the number of runs that are tried at most
 */
export async function shrink(scenario: Scenario, edge: Edge, most = 400): Promise<Scenario> {
  const broken = (await runScenario(scenario, edge)).violation?.invariant;
  let runs = 0;
  let smallest = scenario;
  const breaks = async (candidate: Scenario): Promise<boolean> => {
    runs += 1;
    if ((await runScenario(candidate, edge)).violation?.invariant !== broken) return false;
    smallest = candidate;
    return true;
  };
  if (broken === undefined) return scenario;
  for (let before: Scenario | null = null; before !== smallest && runs < most; ) {
    before = smallest;
    for (const list of LISTS) {
      for (let length = smallest[list].length; length >= 1; length = Math.floor(length / 2)) {
        for (let from = smallest[list].length - length; from >= 0 && runs < most; from -= length)
          await breaks(without(smallest, list, from, length));
      }
    }
    for (const simpler of SIMPLER) if (runs < most) await breaks({ ...smallest, ...simpler });
    for (const index of smallest.plans.keys()) {
      const plans = smallest.plans.map((plan, at) => (at === index ? { steps: plan.steps } : plan));
      if (runs < most) await breaks({ ...smallest, plans });
    }
  }
  return smallest;
}
