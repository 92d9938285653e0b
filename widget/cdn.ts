// The entry of the script-tag file. Where an edge serves it, that edge is the endpoint of elements that are not told another.
import { FreedomPayCharge } from "./define.ts";
import { edgeServing } from "./served-from.ts";

FreedomPayCharge.defaultEndpoint = edgeServing(import.meta.url);

export { FreedomPayCharge };
