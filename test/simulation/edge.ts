/** The code under test as one value, so that a simulation can be given a copy of it with a bug. */
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

const MODULES = {
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

/** The modules of the edge that a simulation drives or asks. */
export type Edge = { readonly [Name in keyof typeof MODULES]: (typeof MODULES)[Name] };

/** The edge as it is. */
export const EDGE: Edge = MODULES;

/** The edge in another folder. */
export async function loadEdge(folder: string): Promise<Edge> {
  const load = (name: string): Promise<unknown> => import(/* @vite-ignore */ pathToFileURL(`${folder}/${name}.ts`).href);
  const names = Object.keys(MODULES);
  const loaded = await Promise.all(names.map(load));
  return Object.fromEntries(names.map((name, index) => [name, loaded[index]])) as unknown as Edge;
}
