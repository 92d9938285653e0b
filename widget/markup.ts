import type { FreedomPayEventMap } from "./events.ts";
import type { FreedomPayCharge } from "./freedom-pay-charge.ts";

/** What a template may set on `<freedom-pay-charge>`, in any framework: the element's writable properties. */
export type FreedomPayChargeAttributes = {
  readonly [Name in "endpoint" | "token" | "locale" | "theme" | "disabled" | "confirm"]?: FreedomPayCharge[Name] | undefined;
};

/** Listeners as React 19 and Svelte 5 write them: `on` and the event's type, `onfreedom-pay-success`. */
export type FreedomPayListeners = {
  readonly [Type in keyof FreedomPayEventMap as `on${Type}`]?: ((event: FreedomPayEventMap[Type]) => void) | null | undefined;
};

type Camel<Text extends string> = Text extends `${infer Word}-${infer Rest}` ? `${Capitalize<Word>}${Camel<Rest>}` : Capitalize<Text>;

/** Listeners as Vue's templates hand them over: `@freedom-pay-success` is `onFreedomPaySuccess`. */
export type FreedomPayCamelListeners = {
  readonly [Type in keyof FreedomPayEventMap as `on${Camel<Type>}`]?: ((event: FreedomPayEventMap[Type]) => void) | undefined;
};
