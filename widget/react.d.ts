// Types of `<freedom-pay-charge>` in JSX, for React 19. React is the page's own: these types are checked in test/consumers, not here.
import type { DetailedHTMLProps, HTMLAttributes } from "react";
import type { FreedomPayCharge } from "./freedom-pay-charge.ts";
import type { FreedomPayChargeAttributes, FreedomPayListeners } from "./markup.ts";

declare module "react" {
  // biome-ignore lint/style/noNamespace: React's own name for the place of its elements
  namespace JSX {
    interface IntrinsicElements {
      "freedom-pay-charge": DetailedHTMLProps<HTMLAttributes<FreedomPayCharge>, FreedomPayCharge> &
        FreedomPayChargeAttributes &
        FreedomPayListeners;
    }
  }
}
