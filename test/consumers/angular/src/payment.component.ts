import { Component, CUSTOM_ELEMENTS_SCHEMA, signal } from "@angular/core";
import { FreedomPayDirective } from "./freedom-pay.directive";

@Component({
  selector: "app-payment",
  imports: [FreedomPayDirective],
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
  template: `
    @if (charge(); as order) {
      <freedom-pay-charge
        [endpoint]="order.endpoint"
        [token]="order.token"
        (freedom-pay-success)="outcome.set($event.detail.order_id + ' ' + $event.detail.status)"
      >
        <p slot="consent">By pressing the button you agree to the <a href="/terms">terms</a>.</p>
      </freedom-pay-charge>
    }
    <output>{{ outcome() }}</output>
  `,
})
export class PaymentComponent {
  readonly charge = signal<{ endpoint: string; token: string } | null>(null);
  readonly outcome = signal("");

  constructor() {
    void fetch("charge.json").then(async (response) => this.charge.set((await response.json()) as { endpoint: string; token: string }));
  }
}
