/** A payment page in the gateway's records. */

import type { ParsedPage } from "./parsed-page.ts";
import type { Plan } from "./plan.ts";

/** A simulated card that a page offers. */
export type PageCard = "visa" | "mastercard" | "amex";

/** One try to pay on a page. */
export interface PageTry {
  readonly paymentId: string;
  readonly card: PageCard;
  readonly plan: Plan;
  /** Whether the shopper is at the 3-D Secure step. */
  readonly isAtSecure: boolean;
}

/** A payment page. Its own payment is `new` until the first try, and `incomplete` at the end of its life. */
export interface SimulatedPage {
  /** The payment id that init_payment answered. */
  readonly id: string;
  readonly parsed: ParsedPage;
  /** Epoch ms. */
  readonly openedAt: number;
  /** Epoch ms, exclusive. */
  readonly closesAt: number;
  /** In their order. */
  readonly tries: PageTry[];
  /** The payment id of a try whose check is not answered yet. A page has one try at a time. */
  checking: string | null;
}
