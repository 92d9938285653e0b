/** The code under test as one value, so that a simulation can be given a copy of it with a bug, or with other constants. */
import type { Edit } from "./edge-copy.ts";
import { copyOfEdge, EditDoesNotFit } from "./edge-copy.ts";
import type { Modules } from "./edge-modules.ts";
import { MODULES } from "./edge-modules.ts";
import type { RulesName } from "./deployment-rules.ts";
import { RULES } from "./deployment-rules.ts";

/** An edge, as one deployment or another. */
export interface Edge extends Modules {
  /** The same edge with other constants of the rules. Loaded once. */
  withRules(rules: RulesName): Promise<Modules>;
}

/** What a deployment runs: a copy, unless the edge under test has another text at that place. Then it is as it is. */
async function deployed(modules: Modules, name: string, edits: readonly Edit[], rules: RulesName): Promise<Modules> {
  if (rules === "usual") return modules;
  try {
    return await copyOfEdge(`${name} ${rules}`, [...edits, ...RULES[rules].edits]);
  } catch (error) {
    if (error instanceof EditDoesNotFit && edits.length > 0) return modules;
    throw error;
  }
}

function edgeOf(modules: Modules, name: string, edits: readonly Edit[]): Edge {
  const known = new Map<RulesName, Promise<Modules>>();
  return {
    ...modules,
    withRules(rules) {
      const loading = known.get(rules) ?? deployed(modules, name, edits, rules);
      known.set(rules, loading);
      return loading;
    },
  };
}

/** The edge as it is. */
export const EDGE: Edge = edgeOf(MODULES, "edge", []);

/**
 * The edge with edits of its text, loaded.
 *
 * @throws {EditDoesNotFit} when one of the texts does not stand in its file exactly once
 */
export async function edgeWith(name: string, edits: readonly Edit[]): Promise<Edge> {
  return edgeOf(await copyOfEdge(name, edits), name, edits);
}
