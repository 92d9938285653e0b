import "freedom-pay-charge/widget/define";
import { Directive, ElementRef, effect, inject, input } from "@angular/core";
import type { FreedomPayCharge } from "freedom-pay-charge/widget";

/** Gives the element's properties types in templates, which a schema alone does not. */
@Directive({ selector: "freedom-pay-charge" })
export class FreedomPayDirective {
  readonly endpoint = input<string>();
  readonly token = input.required<string>();
  readonly theme = input<"auto" | "light" | "dark">("auto");

  constructor() {
    const { nativeElement } = inject<ElementRef<FreedomPayCharge>>(ElementRef);
    effect(() => Object.assign(nativeElement, { endpoint: this.endpoint() ?? null, token: this.token(), theme: this.theme() }));
  }
}
