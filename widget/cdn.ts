// The entry of the script-tag file: all languages are in it. Where an edge serves it, that edge is the default endpoint.
import { FreedomPayCharge } from "./element.ts";
import { localizeAtOnce } from "./locales/at-once.ts";
import { register } from "./register.ts";
import { edgeServing } from "./served-from.ts";

FreedomPayCharge.localize = localizeAtOnce;
FreedomPayCharge.defaultEndpoint = edgeServing(import.meta.url);
register(FreedomPayCharge);

export { FreedomPayCharge };
