import { Component, CUSTOM_ELEMENTS_SCHEMA, input, signal } from "@angular/core";
import { FreedomPayDirective } from "./freedom-pay.directive";

@Component({
  selector: "app-payment",
  imports: [FreedomPayDirective],
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
  template: `
    <freedom-pay-charge
      [endpoint]="endpoint()"
      [token]="token()"
      (freedom-pay-success)="outcome.set($event.detail.order_id + ' ' + $event.detail.status)"
    >
      <p slot="consent">By pressing the button you agree to the <a href="/terms">terms</a>.</p>
    </freedom-pay-charge>
    <output>{{ outcome() }}</output>
  `,
})
export class PaymentComponent {
  readonly endpoint = input.required<string>();
  readonly token = input.required<string>();
  readonly outcome = signal("");
}
