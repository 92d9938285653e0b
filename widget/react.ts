import type { FreedomPayEventMap } from "./events.ts";
import type { FreedomPayCharge } from "./freedom-pay-charge.ts";

type Listeners = { readonly [Type in keyof FreedomPayEventMap as `on${Type}`]?: (event: FreedomPayEventMap[Type]) => void };

/** What `<freedom-pay-charge>` takes in JSX (React 19, which sets properties and listens to custom events). */
export interface FreedomPayChargeProps extends Listeners {
  readonly endpoint?: string;
  readonly token?: string;
  readonly locale?: string;
  readonly theme?: "auto" | "light" | "dark";
  readonly disabled?: boolean;
  readonly confirm?: boolean;
  readonly id?: string;
  readonly class?: string;
  readonly className?: string;
  readonly style?: object;
  readonly slot?: string;
  readonly hidden?: boolean;
  readonly lang?: string;
  readonly children?: unknown;
  readonly key?: string | number | bigint | null;
  readonly ref?: ((element: FreedomPayCharge | null) => unknown) | { current: FreedomPayCharge | null } | null;
}

// @ts-expect-error: React is the consumer's; it is not installed here.
declare module "react" {
  // biome-ignore lint/style/noNamespace: React's own name for the place of its elements
  namespace JSX {
    interface IntrinsicElements {
      "freedom-pay-charge": FreedomPayChargeProps;
    }
  }
}
