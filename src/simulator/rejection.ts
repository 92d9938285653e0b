/** A result that the merchant's server answers `rejected`: the gateway gives the money back (contract, "Merchant API", `pg_can_reject`). */

import type { PlannedCallback } from "./callbacks.ts";
import { editPayment } from "./edits.ts";
import type { ModelState } from "./state.ts";
import { enqueue } from "./state.ts";
import type { Payment } from "./timeline.ts";
import { paymentAt } from "./timeline.ts";

/** When and how the money goes back. */
export interface GivenBack {
  /** Epoch ms. */
  readonly at: number;
  /** A hold is reversed, what was taken is refunded. */
  readonly kind: "reverse" | "refund";
}

/** The first instant from now on at which there is money and no clearing or reverse of it is under way; null: never. */
function moneyIsFree(payment: Payment, now: number): number | null {
  const paid = payment.steps.find((step) => step.effect !== "none");
  if (paid === undefined) {
    return null;
  }
  const underWay = payment.edits.filter((edit) => edit.kind !== "refund" && edit.at <= now && now < edit.settlesAt);
  return Math.max(now, paid.at, ...underWay.map((edit) => edit.settlesAt));
}

/**
 * The merchant's server has answered `rejected` to a result. If that result could be rejected, the hold is released or all
 * that is left is refunded: at once, or as soon as there is something to give back (after an early result, say).
 *
 * @param state - the model; it is changed.
 * @param now - epoch ms.
 * @returns null when nothing is given back: `pg_can_reject` was 0, the callback was forged, or there is no money.
 */
export function rejectResult(state: ModelState, callback: PlannedCallback, now: number): GivenBack | null {
  const payment =
    callback.kind === "result" && callback.canReject && !callback.forged ? state.payments.get(callback.facts.id ?? "") : undefined;
  const at = payment === undefined ? null : moneyIsFree(payment, now);
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
