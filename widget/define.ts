import { FreedomPayCharge } from "./freedom-pay-charge.ts";

/** The name of the element. */
export const TAG_NAME = "freedom-pay-charge";

declare global {
  interface HTMLElementTagNameMap {
    "freedom-pay-charge": FreedomPayCharge;
  }
}

// Where there are no elements (a server), importing this does nothing.
const registry: CustomElementRegistry | undefined = globalThis.customElements;
const present = registry?.get(TAG_NAME) as Partial<typeof FreedomPayCharge> | undefined;
if (!present) registry?.define(TAG_NAME, FreedomPayCharge);
else if (present.version !== FreedomPayCharge.version)
  console.warn(`<${TAG_NAME}>: version ${present.version} is defined, version ${FreedomPayCharge.version} is not. Load one of them.`);

export { FreedomPayCharge };
