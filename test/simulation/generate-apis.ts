/**
 * Which API charges each card, and what only the Merchant API does: its faults, its statuses, refunds without rows. It has a stream of its
 * own, so that a history of v5 is the same as before the simulation played both.
 */
import type { Charge } from "../../src/charge-token.ts";
import type { Plan } from "../../src/simulator/index.ts";
import type { Api } from "../../edge/machine/record.ts";
import { makeMerchantFault } from "./merchant-faults.ts";
import { MERCHANT_PATTERNS } from "./merchant-patterns.ts";
import { applyPattern } from "./patterns.ts";
import type { Prng } from "./prng.ts";
import type { Scenario } from "./scenario.ts";

/** The APIs of a history. `mixed`: one card is charged by each. */
export type Apis = Api | "mixed";

/** The APIs of a seed. */
export function apisOf(prng: Prng): Apis {
  return prng.weighted<Apis>([
    [3, "async"],
    [3, "merchant"],
    [2, "mixed"],
  ]);
}

/** The cards of the shop, as profiles of the Merchant API. The second one is bound to its user (P9). */
const PROFILES: Readonly<Record<string, string>> = { "card-a": "60144557", "card-b": "60144558.AbCdEfGhIjKlMnOp" };

/** How often a fault is replaced by one that only the Merchant API has. */
const REPLACED = 0.4;

/** Statuses of a payment that is not decided. */
const UNDECIDED = ["pending", "waiting", "partial", "new", "process"];

/** The scenario with cards that are charged by the Merchant API. */
export function withApis(base: Scenario, prng: Prng, apis: Apis): Scenario {
  if (apis === "async") return base;
  const byMerchant = new Set(apis === "merchant" ? ["card-a", "card-b"] : [prng.pick(["card-a", "card-b"])]);
  const charged = (terms: Charge): Charge => ({
    ...terms,
    profile_id: byMerchant.has(terms.profile_id ?? "") ? (PROFILES[terms.profile_id ?? ""] ?? terms.profile_id) : terms.profile_id,
  });
  const scenario = withMerchantPattern(withMerchantFaults(base, prng.fork("faults")), prng.fork("pattern"));
  const statuses = prng.fork("statuses");
  const hasSums = prng.bool(0.2);
  return {
    ...scenario,
    kind: `${scenario.kind}; ${apis === "merchant" ? "the Merchant API" : "both APIs"}`,
    terms: scenario.terms.map(charged),
    plans: scenario.plans.map((plan) => withSums(withStatuses(plan, statuses), hasSums)),
  };
}

function withMerchantFaults({ callFaults, ...scenario }: Scenario, prng: Prng): Scenario {
  return { ...scenario, callFaults: callFaults.map((one) => (prng.bool(REPLACED) ? makeMerchantFault(prng, one) : one)) };
}

function withMerchantPattern(scenario: Scenario, prng: Prng): Scenario {
  return prng.bool(0.3) ? applyPattern(scenario, prng, MERCHANT_PATTERNS) : scenario;
}

function withStatuses(plan: Plan, prng: Prng): Plan {
  const status = prng.pick(UNDECIDED);
  return prng.bool(0.3) ? { ...plan, steps: plan.steps.map((step) => (step.does === "waits" ? { ...step, status } : step)) } : plan;
}

/** A gateway that shows the sum of the refunds, and no rows. */
function withSums(plan: Plan, hasSums: boolean): Plan {
  return hasSums ? { ...plan, shows: { ...plan.shows, rows: "sum" } } : plan;
}
