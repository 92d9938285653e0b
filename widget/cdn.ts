// The entry of the script-tag file. Its words are in it: scripts/element.ts puts locales/at-once.ts in the place of locales/on-demand.ts.
// Where an edge serves it, that edge is the endpoint of elements that are not told another.
import { FreedomPayCharge } from "./define.ts";
import { edgeServing } from "./served-from.ts";

FreedomPayCharge.defaultEndpoint = edgeServing(import.meta.url);

export { FreedomPayCharge };
