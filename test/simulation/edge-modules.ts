/** The modules of the edge that a simulation drives or asks, as they are or from another folder. */
import { pathToFileURL } from "node:url";
import * as attempt from "../../edge/attempt.ts";
import * as callbackDecision from "../../edge/callback-decision.ts";
import * as claimed from "../../edge/claimed.ts";
import * as closing from "../../edge/closing.ts";
import * as operating from "../../edge/operating.ts";
import * as paying from "../../edge/paying.ts";
import * as reconcile from "../../edge/reconcile.ts";
import * as runner from "../../edge/runner.ts";
import * as transition from "../../edge/transition.ts";
import * as view from "../../edge/view.ts";

/** The modules as they are. */
export const MODULES = {
  attempt,
  "callback-decision": callbackDecision,
  claimed,
  closing,
  operating,
  paying,
  reconcile,
  runner,
  transition,
  view,
};

/** The modules by name. */
export type Modules = { readonly [Name in keyof typeof MODULES]: (typeof MODULES)[Name] };

/**
 * The modules of which some stand in another folder.
 *
 * @param names the files that stand there, without their ending; all others are as they are
 */
export async function loadModules(folder: string, names: ReadonlySet<string>): Promise<Modules> {
  const load = async ([name, module]: readonly [string, unknown]): Promise<readonly [string, unknown]> => [
    name,
    names.has(name) ? await import(/* @vite-ignore */ pathToFileURL(`${folder}/${name}.ts`).href) : module,
  ];
  return Object.fromEntries(await Promise.all(Object.entries(MODULES).map(load))) as unknown as Modules;
}
