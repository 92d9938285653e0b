/** The code under test as one value, so that a simulation can run a copy with a bug, or one with other constants. */
import type { Edit } from "./edge-copy.ts";
import { copyOfEdge, EditDoesNotFit } from "./edge-copy.ts";
import type { Modules } from "./edge-modules.ts";
import { MODULES } from "./edge-modules.ts";
import type { RulesName } from "./deployment-rules.ts";
import { RULES } from "./deployment-rules.ts";

/** The edge, and its variants by deployment. */
export interface Edge extends Modules {
  /** The same edge with other constants of the rules. It is loaded once. */
  withRules(rules: RulesName): Promise<Modules>;
}

/** The modules of a deployment. If a bug has changed the text that the deployment edits, the modules stay unchanged. */
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

/** The edge without edits. */
export const EDGE: Edge = edgeOf(MODULES, "edge", []);

/**
 * The edge with edits of its text, loaded.
 *
 * @throws {EditDoesNotFit} when a text does not occur exactly once in its file
 */
export async function edgeWith(name: string, edits: readonly Edit[]): Promise<Edge> {
  return edgeOf(await copyOfEdge(name, edits), name, edits);
}
