// Types of `<freedom-pay-charge>` in templates, for Vue 3. Vue is the page's own: these types are checked in test/consumers, not here.
import type { ReservedProps } from "vue";
import type { FreedomPayCharge } from "./freedom-pay-charge.ts";
import type { FreedomPayCamelListeners, FreedomPayChargeAttributes } from "./markup.ts";

declare module "vue" {
  /** HTML's own attribute, by which the element's slots are filled: Vue's strict templates do not know it. */
  interface HTMLAttributes {
    slot?: string;
  }
  interface GlobalComponents {
    "freedom-pay-charge": new () => FreedomPayCharge & {
      readonly $props: HTMLAttributes & ReservedProps & FreedomPayChargeAttributes & FreedomPayCamelListeners;
    };
  }
}
