// The class as the package exports it: with languages that are loaded when they are wanted.
import { FreedomPayCharge } from "./element.ts";
import { localizeOnDemand } from "./locales/on-demand.ts";

FreedomPayCharge.localize = localizeOnDemand;

export { FreedomPayCharge };
