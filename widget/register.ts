import type { FreedomPayCharge } from "./element.ts";

/** The name of the element. */
export const TAG_NAME = "freedom-pay-charge";

/** Registers the element, unless the page has one. Where there are no elements (a server), it does nothing. */
export function register(element: typeof FreedomPayCharge): void {
  const registry: CustomElementRegistry | undefined = globalThis.customElements;
  const present = registry?.get(TAG_NAME) as Partial<typeof FreedomPayCharge> | undefined;
  if (!present) registry?.define(TAG_NAME, element);
  else if (present.version !== element.version)
    console.warn(`<${TAG_NAME}>: version ${present.version} is defined, version ${element.version} is not. Load one of them.`);
}
