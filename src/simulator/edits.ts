/** Clearing, reverse and refund: when the gateway accepts them, and when it refuses. */

import type { ModelState } from "./state.ts";
import { paymentOfOrder, takeId } from "./state.ts";
import type { Edit, EditKind, Payment, PaymentMoment } from "./timeline.ts";
import { paymentAt } from "./timeline.ts";

/**
 * The error code of a refused edit. The codes are from the contract's list of refused operations (and 11068, not found).
 * Which code the real gateway gives for which reason is not published.
 */
export type EditRefusal = "11068" | "11017" | "11018";

const isFreeHold = (moment: PaymentMoment, payment: Payment, now: number): boolean =>
  moment.held > 0 && !payment.edits.some((edit) => edit.kind !== "refund" && edit.at <= now && now < edit.settlesAt);

/** Per kind: whether the payment's state allows it, and how much is left for it. */
const RULES: Readonly<
  Record<EditKind, { allows: (moment: PaymentMoment, payment: Payment, now: number) => boolean; left: (moment: PaymentMoment) => number }>
> = {
  clearing: { allows: isFreeHold, left: (moment) => moment.held },
  reverse: { allows: isFreeHold, left: (moment) => moment.held },
  refund: { allows: (moment) => moment.taken > 0, left: (moment) => moment.taken - moment.refundsAccepted },
};

/**
 * Clears, reverses or refunds a payment. An accepted edit changes the state.
 *
 * @param request - `minor`: minor units; `all`: the rest. A reverse always covers the whole hold.
 * @param now - epoch ms.
 * @returns the accepted edit and its payment, or the code of the refusal.
 */
export function editPayment(
  state: ModelState,
  request: { readonly paymentId: string; readonly kind: EditKind; readonly minor: number | "all"; readonly by: Edit["by"] },
  now: number,
): { readonly payment: Payment; readonly edit: Edit } | EditRefusal {
  const payment = state.payments.get(request.paymentId);
  const moment = payment === undefined ? null : paymentAt(payment, now);
  if (payment === undefined || moment === null) {
    return "11068";
  }
  const rule = RULES[request.kind];
  const left = rule.left(moment);
  if (!rule.allows(moment, payment, now) || left <= 0) {
    return "11017";
  }
  const minor = request.minor === "all" ? left : request.minor;
  if (minor > left || minor <= 0) {
    return "11018";
  }
  const edit: Edit = {
    id: takeId(state),
    kind: request.kind,
    minor,
    at: now,
    settlesAt: now + payment.settlesAfter,
    end: request.by === "rejection" ? "success" : payment.editsEnd,
    by: request.by,
  };
  payment.edits.push(edit);
  return { payment, edit };
}

/**
 * An edit by hand in the merchant's cabinet: the same as {@link editPayment}, without a request that can be read later.
 *
 * @param target - the payment's own id, or the order_id of a create.
 * @param minor - minor units (default: the rest).
 * @param now - epoch ms.
 * @returns the row's id, or the code of the refusal.
 *
 * @example
 * ```ts
 * import { createRecurrentPayment, requestId } from "freedom-pay-charge";
 * import { createModel, editInCabinet, receive, totalsOf } from "freedom-pay-charge/simulator";
 *
 * const order = { order_id: "1", amount: 100, currency: "KZT", description: "Apples", user_id: "12345", auto_clearing: true } as const;
 * const payment = { ...order, profile_id: "card-1", user_ip: "203.0.113.7" };
 * const { action, ...rest } = createRecurrentPayment(payment, requestId());
 * const create = { ...rest, action: action.name };
 * const state = createModel({ settlesAfter: 0 });
 * receive(state, create, 0);
 * editInCabinet(state, { orderId: "1" }, "refund", 1000, 4000);
 * console.log(totalsOf(state, "1", 1000).refunded); // 4000
 * ```
 */
export function editInCabinet(
  state: ModelState,
  target: { readonly paymentId: string } | { readonly orderId: string },
  kind: EditKind,
  now: number,
  minor: number | "all" = "all",
): { readonly rowId: string } | { readonly code: EditRefusal } {
  const paymentId = "paymentId" in target ? target.paymentId : (paymentOfOrder(state, target.orderId)?.id ?? "");
  const done = editPayment(state, { paymentId, kind, minor, by: "cabinet" }, now);
  return typeof done === "string" ? { code: done } : { rowId: done.edit.id };
}
