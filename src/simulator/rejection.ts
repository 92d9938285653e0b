/** The gateway returns the money when the merchant's server answers a result `rejected` (contract, "Merchant API", `pg_can_reject`). */

import type { PlannedCallback } from "./callbacks.ts";
import { editPayment } from "./edits.ts";
import type { ModelState } from "./state.ts";
import { enqueue } from "./state.ts";
import type { Payment } from "./timeline.ts";
import { paymentAt } from "./timeline.ts";

/** When and how the money is returned. */
export interface MoneyReturn {
  /** Epoch ms. */
  readonly at: number;
  /** A hold is reversed; a taken amount is refunded. */
  readonly kind: "reverse" | "refund";
}

/** The first instant from now on at which the payment has money and no clearing or reverse is in progress; null: never. */
function returnableAt(payment: Payment, now: number): number | null {
  const paid = payment.steps.find((step) => step.effect !== "none");
  if (paid === undefined) {
    return null;
  }
  const underWay = payment.edits.filter((edit) => edit.kind !== "refund" && edit.at <= now && now < edit.settlesAt);
  return Math.max(now, paid.at, ...underWay.map((edit) => edit.settlesAt));
}

/**
 * Handles the answer `rejected` to a result. If the result could be rejected, reverses the hold or refunds the rest:
 * immediately, or once the payment has money (for example after an early result).
 *
 * @param state - the model; it is changed.
 * @param now - epoch ms.
 * @returns null when no money is returned: `pg_can_reject` was 0, the callback was forged, or there is no money.
 *
 * @example
 * ```ts
 * import { createRecurrentPayment, requestId } from "freedom-pay-charge";
 * import { createModel, receive, rejectResult, totalsOf } from "freedom-pay-charge/simulator";
 *
 * const order = { order_id: "1", amount: 100, currency: "KZT", description: "Apples", user_id: "12345", auto_clearing: true } as const;
 * const payment = { ...order, profile_id: "card-1", user_ip: "203.0.113.7", urls: { result_url: "https://pay.shop.example/result" } };
 * const { action, ...rest } = createRecurrentPayment(payment, requestId());
 * const create = { ...rest, action: action.name };
 * const state = createModel({ settlesAfter: 0 });
 * for (const callback of receive(state, create, 0).callbacks) rejectResult(state, callback, 1000);
 * console.log(totalsOf(state, "1", 1000).refunded); // 10000: the gateway gives the money back
 * ```
 */
export function rejectResult(state: ModelState, callback: PlannedCallback, now: number): MoneyReturn | null {
  const payment =
    callback.kind === "result" && callback.canReject && !callback.forged ? state.payments.get(callback.facts.id ?? "") : undefined;
  const at = payment === undefined ? null : returnableAt(payment, now);
  const moment = payment === undefined || at === null ? null : paymentAt(payment, at);
  if (payment === undefined || at === null || moment === null) {
    return null;
  }
  const kind = moment.held > 0 ? "reverse" : "refund";
  if (at > now) {
    enqueue(state, { at, kind: "edit", paymentId: payment.id, edit: kind, minor: "all", by: "rejection" });
    return { at, kind };
  }
  const done = editPayment(state, { paymentId: payment.id, kind, minor: "all", by: "rejection" }, now);
  return typeof done === "string" ? null : { at, kind };
}
