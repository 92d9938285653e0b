/** Clearing, reverse and refund: when the gateway takes them on, and when it says no. */

import type { ModelState } from "./state.ts";
import { paymentOfOrder, takeId } from "./state.ts";
import type { Edit, EditKind, Payment, PaymentMoment } from "./timeline.ts";
import { paymentAt } from "./timeline.ts";

/**
 * What the gateway says instead of accepting an edit. The codes are from the contract's list of refused operations
 * (and 11068, not found); which one the real gateway gives for which reason is not published.
 */
export type EditRefusal = "11068" | "11017" | "11018";

const inHand = (moment: PaymentMoment, payment: Payment, now: number): boolean =>
  moment.held > 0 && !payment.edits.some((edit) => edit.kind !== "refund" && edit.at <= now && now < edit.settlesAt);

/** Per kind: whether the payment's state allows it at all, and how much is left for it. */
const RULES: Readonly<
  Record<EditKind, { allows: (moment: PaymentMoment, payment: Payment, now: number) => boolean; left: (moment: PaymentMoment) => number }>
> = {
  clearing: { allows: inHand, left: (moment) => moment.held },
  reverse: { allows: inHand, left: (moment) => moment.held },
  refund: { allows: (moment) => moment.taken > 0, left: (moment) => moment.taken - moment.refundsAccepted },
};

/**
 * Clearing, reverse or refund of a payment. Changes the state when it is accepted.
 *
 * @param minor - minor units; `all` is all that is left. A reverse is always of the whole hold.
 * @param now - epoch ms.
 * @returns the accepted edit and its payment, or the code of the refusal.
 */
export function editPayment(
  state: ModelState,
  asked: { readonly paymentId: string; readonly kind: EditKind; readonly minor: number | "all"; readonly by: Edit["by"] },
  now: number,
): { readonly payment: Payment; readonly edit: Edit } | EditRefusal {
  const payment = state.payments.get(asked.paymentId);
  const moment = payment === undefined ? null : paymentAt(payment, now);
  if (payment === undefined || moment === null) {
    return "11068";
  }
  const rule = RULES[asked.kind];
  const left = rule.left(moment);
  if (!rule.allows(moment, payment, now) || left <= 0) {
    return "11017";
  }
  const minor = asked.minor === "all" ? left : asked.minor;
  if (minor > left || minor <= 0) {
    return "11018";
  }
  const edit: Edit = {
    id: takeId(state),
    kind: asked.kind,
    minor,
    at: now,
    settlesAt: now + payment.settlesAfter,
    end: asked.by === "rejection" ? "success" : payment.editsEnd,
    by: asked.by,
  };
  payment.edits.push(edit);
  return { payment, edit };
}

/**
 * What somebody does by hand in the merchant's cabinet: the same edits, without a request that could be asked about.
 *
 * @param which - the payment's own id, or the order_id of a create.
 * @param minor - minor units (default: all that is left).
 * @param now - epoch ms.
 * @returns the row's id, or the code of the refusal.
 */
export function editInCabinet(
  state: ModelState,
  which: { readonly paymentId: string } | { readonly orderId: string },
  kind: EditKind,
  now: number,
  minor: number | "all" = "all",
): { readonly rowId: string } | { readonly code: EditRefusal } {
  const paymentId = "paymentId" in which ? which.paymentId : (paymentOfOrder(state, which.orderId)?.id ?? "");
  const done = editPayment(state, { paymentId, kind, minor, by: "cabinet" }, now);
  return typeof done === "string" ? { code: done } : { rowId: done.edit.id };
}
