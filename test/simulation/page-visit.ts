/** What a shopper does on a payment page, once its address was given to somebody. Types only. */
import type { PageCard, Plan } from "../../src/simulator/index.ts";

/** Notifications beside those of the gateway, or changed ones. */
export type OddNotice =
  /** Somebody sends a result of the same payment that names another profile. It does not verify. */
  | "a forged profile"
  /** The result of a declined try names another profile. */
  | "a profile of a decline"
  /** The result names a profile although the card was not to be saved. */
  | "a profile that nobody asked for"
  /** Somebody who has seen a notification sends it to another attempt's address. */
  | "replayed to another attempt";

/** One visit of a page: a try to pay, or a look at it. Times are milliseconds. */
export interface Visit {
  /** After the page's address was first given away. */
  readonly after: number;
  readonly card: PageCard;
  /** What becomes of the try; null: the shopper does not pay. */
  readonly plan: Plan | null;
  /** When the 3-D Secure step ends, and how. Null: never. */
  readonly secure: { readonly after: number; readonly passes: boolean } | null;
  /** When a browser returns to the shop, and by which address: that of the try's outcome, or another. Null: it does not. */
  readonly returns: { readonly after: number; readonly by: "as told" | "paid" | "failed" } | null;
  readonly notices: readonly OddNotice[];
}
