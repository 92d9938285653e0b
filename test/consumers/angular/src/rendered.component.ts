import { Component } from "@angular/core";
import { PaymentComponent } from "./payment.component";
import { props } from "./props";

/** The page's own part, on a page that a server rendered. */
@Component({
  selector: "app-root",
  imports: [PaymentComponent],
  template: `<app-payment [endpoint]="props.endpoint" [token]="props.token" />`,
})
export class RenderedComponent {
  readonly props = props;
}
