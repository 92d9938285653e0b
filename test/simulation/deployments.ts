/** Loads every deployment of a history: the usual one, and those with other constants of the rules. */
import type { Edge } from "./edge.ts";
import type { Modules } from "./edge-modules.ts";
import type { RulesName } from "./deployment-rules.ts";
import type { Scenario } from "./scenario.ts";

export type Deployments = ReadonlyMap<RulesName, Modules>;

/** Loads the deployments that a scenario names. */
export async function deploymentsOf({ actions }: Scenario, edge: Edge): Promise<Deployments> {
  const names = new Set<RulesName>(["usual"]);
  for (const action of actions) if (action.type === "deploy" && action.settings?.rules !== undefined) names.add(action.settings.rules);
  return new Map(await Promise.all([...names].map(async (name) => [name, await edge.withRules(name)] as const)));
}

/**
 * The modules of one deployment.
 * @throws {RangeError} when the scenario does not name it
 */
export function deployed(deployments: Deployments, rules: RulesName): Modules {
  const modules = deployments.get(rules);
  if (modules === undefined) throw new RangeError(`No deployment has the rules "${rules}"`);
  return modules;
}
