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

/** The modules in another folder. */
export async function loadModules(folder: string): Promise<Modules> {
  const load = (name: string): Promise<unknown> => import(/* @vite-ignore */ pathToFileURL(`${folder}/${name}.ts`).href);
  const names = Object.keys(MODULES);
  const loaded = await Promise.all(names.map(load));
  return Object.fromEntries(names.map((name, index) => [name, loaded[index]])) as unknown as Modules;
}
