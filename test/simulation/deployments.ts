/** Every deployment of a history, loaded: the usual one, and those with other constants of the rules. */
import type { Edge } from "./edge.ts";
import type { Modules } from "./edge-modules.ts";
import type { RulesName } from "./rules-of-a-deployment.ts";
import type { Scenario } from "./scenario.ts";

export type Deployments = ReadonlyMap<RulesName, Modules>;

/** The deployments that a scenario names. */
export async function deploymentsOf({ deeds }: Scenario, edge: Edge): Promise<Deployments> {
  const names = new Set<RulesName>(["usual"]);
  for (const deed of deeds) if (deed.does === "deploy" && deed.settings?.rules !== undefined) names.add(deed.settings.rules);
  return new Map(await Promise.all([...names].map(async (name) => [name, await edge.under(name)] as const)));
}

/**
 * The edge of one of them.
 * @throws {RangeError} when the scenario does not name it
 */
export function deployed(deployments: Deployments, rules: RulesName): Modules {
  const modules = deployments.get(rules);
  if (modules === undefined) throw new RangeError(`No deployment has the rules "${rules}"`);
  return modules;
}
