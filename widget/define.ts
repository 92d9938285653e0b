import { FreedomPayCharge } from "./freedom-pay-charge.ts";
import { register } from "./register.ts";

declare global {
  interface HTMLElementTagNameMap {
    "freedom-pay-charge": FreedomPayCharge;
  }
}

register(FreedomPayCharge);

export { FreedomPayCharge };
export { TAG_NAME } from "./register.ts";
