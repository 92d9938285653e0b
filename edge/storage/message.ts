/** One notification as it is sent, and how a try ended. Types only. */

/** One notification, as it is sent each time. */
export interface Message {
  /** `webhook-id`. */
  readonly id: string;
  /** JSON text: `{type, timestamp, data}`. */
  readonly body: string;
}

/** How a try ended. `status` is null where no answer came, `retryAfter` in seconds where the answer named it. */
export type DeliveryResult =
  | { readonly end: "delivered" | "gone"; readonly status: number }
  | { readonly end: null; readonly status: number | null; readonly retryAfter: number | null };
