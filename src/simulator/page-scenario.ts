/** The plan of a try on a page: the keywords of the shop's user, and after them the shopper's own choice. */

import type { SimulatedPage } from "./page.ts";
import type { Plan } from "./plan.ts";
import type { ScenarioState } from "./scenario.ts";
import { merged, parseScript, planOf } from "./scenario.ts";
import type { Script } from "./script.ts";

/** What a keyword of the form may not be about: calls, and what was before the page. */
const isForCalls = (script: Script): boolean => (script.faultRules ?? []).length > 0 || script.old !== undefined;

/** The keywords of the shop's user; an empty text without any. */
export const keywordsOf = (scenario: ScenarioState, { parsed }: SimulatedPage): string =>
  scenario.orders.get(parsed.create.orderId)?.profile ?? "";

/**
 * The plan of a try. Its keywords also count for the reads of the order from now on.
 *
 * @param scenario - it is changed.
 * @param choice - the keywords of the form. Unlike in a profile id, the first part is a keyword too.
 * @returns the plan, or the first part that is not a keyword for a page.
 *
 * @example
 * ```ts
 * import { createModel, createScenario, nextTryPlan, receiveMerchantCall } from "freedom-pay-charge/simulator";
 *
 * const fields = { pg_merchant_id: "500000", pg_order_id: "1", pg_amount: "100", pg_description: "Apples", pg_user_id: "12345" };
 * const call = {
 *   name: "initPayment",
 *   script: "init_payment.php",
 *   secretKey: "test-secret-of-the-gateway",
 *   origin: "https://customer.freedompay.kz",
 *   fields,
 * } as const;
 * const state = createModel();
 * receiveMerchantCall(state, call, 0);
 * const [page] = state.pages.values();
 * if (page !== undefined) console.log(nextTryPlan(createScenario(), page, ["decline-10009"])); // { plan: … }
 * ```
 */
export function nextTryPlan(
  scenario: ScenarioState,
  page: SimulatedPage,
  choice: readonly string[],
): { readonly plan: Plan } | { readonly unknownKeyword: string } {
  const base = parseScript(keywordsOf(scenario, page));
  let script: Script = "script" in base ? base.script : {};
  for (const keyword of choice) {
    const read = parseScript(`.${keyword}`);
    if ("unknownKeyword" in read || isForCalls(read.script)) {
      return { unknownKeyword: keyword };
    }
    script = merged(script, read.script);
  }
  const { orderId } = page.parsed.create;
  const run = scenario.orders.get(orderId);
  if (run !== undefined) {
    run.script = script;
  } else if (choice.length > 0) {
    const counts = { create: 0, payment_status: 0, request_status: 0, edit: 0 };
    scenario.orders.set(orderId, { profile: "", script, counts, readsAfterOutcome: 0 });
  }
  return { plan: planOf(script, scenario.msPerSecond) };
}
