// Types of `<freedom-pay-charge>` in templates, for Svelte 5. Svelte is the page's own: these types are checked in test/consumers, not here.
import type { HTMLAttributes } from "svelte/elements";
import type { FreedomPayCharge } from "./freedom-pay-charge.ts";
import type { FreedomPayChargeAttributes, FreedomPayListeners } from "./markup.ts";

declare module "svelte/elements" {
  interface SvelteHTMLElements {
    "freedom-pay-charge": HTMLAttributes<FreedomPayCharge> & FreedomPayChargeAttributes & FreedomPayListeners;
  }
}
