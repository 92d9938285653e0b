import { bootstrapApplication } from "@angular/platform-browser";
import { PaymentComponent } from "./payment.component";

bootstrapApplication(PaymentComponent).catch((error: unknown) => console.error(error));
