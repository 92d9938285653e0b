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
        theme="light"
        (freedom-pay-success)="outcome.set($event.detail.order_id + ' ' + $event.detail.status)"
      >
        <a slot="consent" href="/terms">Terms</a>
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
