/** The modules of the edge that the simulation calls, from edge/ or from another folder. */
import { pathToFileURL } from "node:url";
import * as verified from "../../edge/http/callback/verified.ts";
import * as merchantGateway from "../../edge/gateways/merchant.ts";
import * as attempt from "../../edge/machine/attempt.ts";
import * as callback from "../../edge/machine/events/callback.ts";
import * as close from "../../edge/machine/events/close.ts";
import * as operate from "../../edge/machine/events/operate.ts";
import * as pay from "../../edge/machine/events/pay.ts";
import * as resolve from "../../edge/machine/events/resolve.ts";
import * as pendingCall from "../../edge/machine/pending-call.ts";
import * as reconcile from "../../edge/machine/reconcile.ts";
import * as runner from "../../edge/machine/runner.ts";
import * as transition from "../../edge/machine/transition.ts";
import * as view from "../../edge/machine/view.ts";
import * as shard from "../../edge/shard/shard.ts";
import * as merchantOutcome from "../../src/merchant-api/outcome.ts";

/** The modules of edge/, with those that verify the notifications and the answers of the Merchant API. */
export const MODULES = {
  attempt,
  callback,
  close,
  operate,
  pay,
  resolve,
  pendingCall,
  reconcile,
  runner,
  transition,
  view,
  shard,
  merchantGateway,
  merchantOutcome,
  verified,
};

/** The path of each module below edge/. */
const PATHS: Readonly<Record<keyof typeof MODULES, string>> = {
  attempt: "machine/attempt",
  callback: "machine/events/callback",
  close: "machine/events/close",
  operate: "machine/events/operate",
  pay: "machine/events/pay",
  resolve: "machine/events/resolve",
  pendingCall: "machine/pending-call",
  reconcile: "machine/reconcile",
  runner: "machine/runner",
  transition: "machine/transition",
  view: "machine/view",
  shard: "shard/shard",
  merchantGateway: "gateways/merchant",
  merchantOutcome: "../src/merchant-api/outcome",
  verified: "http/callback/verified",
};

/** The modules by name. */
export type Modules = { readonly [Name in keyof typeof MODULES]: (typeof MODULES)[Name] };

/**
 * Loads the modules, some of them from another folder.
 *
 * @param files the paths below edge/, without their extension, that are loaded from the folder. All others come from edge/
 */
export async function loadModules(folder: string, files: ReadonlySet<string>): Promise<Modules> {
  const load = async ([name, path]: readonly [string, string]): Promise<readonly [string, unknown]> => [
    name,
    files.has(path) ? await import(/* @vite-ignore */ pathToFileURL(`${folder}/${path}.ts`).href) : MODULES[name as keyof typeof MODULES],
  ];
  return Object.fromEntries(await Promise.all(Object.entries(PATHS).map(load))) as unknown as Modules;
}
