import { Component, signal } from "@angular/core";
import { PaymentComponent } from "./payment.component";

/** The page's own part: asks the shop for an order. */
@Component({
  selector: "app-root",
  imports: [PaymentComponent],
  template: `
    @if (charge(); as order) {
      <app-payment [endpoint]="order.endpoint" [token]="order.token" />
    }
  `,
})
export class AppComponent {
  readonly charge = signal<{ endpoint: string; token: string } | null>(null);

  constructor() {
    void fetch("charge.json").then(async (response) => this.charge.set((await response.json()) as { endpoint: string; token: string }));
  }
}
