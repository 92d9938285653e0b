/** The true state of the money: read from the model, not from the gateway's answers. */

import type { ModelState } from "./state.ts";
import type { Payment } from "./timeline.ts";
import { instantsOf, paymentAt } from "./timeline.ts";

/** The true state of a payment. Amounts in minor units. */
export interface TruePayment {
  readonly paymentId: string;
  readonly orderId: string;
  readonly profileId: string | null;
  readonly currency: string;
  readonly minor: number;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly status: string;
  readonly code: string | null;
  readonly held: number;
  /** The taken amount; refunds do not lower it. */
  readonly taken: number;
  /** Refunds that are `success`. */
  readonly refunded: number;
  /** Refunds that are `process` or `success`. */
  readonly refundsAccepted: number;
}

/** One movement of money. */
export interface LedgerEntry {
  /** Epoch ms. */
  readonly at: number;
  readonly orderId: string;
  readonly paymentId: string;
  readonly kind: "held" | "released" | "taken" | "refunded";
  /** Minor units, positive. */
  readonly minor: number;
}

/**
 * The true state of every payment at an instant, in the order of creation. Payments that do not exist yet are left out.
 *
 * @param state - the model. Call `advance` first if its queue may contain calls.
 * @param now - epoch ms.
 *
 * @example
 * ```ts
 * import { createRecurrentPayment, requestId } from "freedom-pay-charge";
 * import { createModel, payments, receive } from "freedom-pay-charge/simulator";
 *
 * const order = { order_id: "1", amount: 100, currency: "KZT", description: "Apples", user_id: "12345", auto_clearing: true } as const;
 * const payment = { ...order, profile_id: "card-1", user_ip: "203.0.113.7" };
 * const { action, ...rest } = createRecurrentPayment(payment, requestId());
 * const create = { ...rest, action: action.name };
 * const state = createModel();
 * receive(state, create, 0);
 * console.log(payments(state, 1000)); // its id, its amounts
 * ```
 */
export function payments(state: ModelState, now: number): readonly TruePayment[] {
  const found: TruePayment[] = [];
  for (const payment of state.payments.values()) {
    const moment = paymentAt(payment, now);
    if (moment !== null) {
      found.push({
        paymentId: payment.id,
        orderId: payment.orderId,
        profileId: payment.profileId,
        currency: payment.currency,
        minor: payment.minor,
        createdAt: payment.createdAt,
        status: moment.status,
        code: moment.code,
        held: moment.held,
        taken: moment.taken,
        refunded: moment.refunded,
        refundsAccepted: moment.refundsAccepted,
      });
    }
  }
  return found;
}

/** Movements of one payment: the differences between one instant of its timeline and the next. */
function movementsOf(payment: Payment, until: number): readonly LedgerEntry[] {
  const entries: LedgerEntry[] = [];
  let before = { held: 0, taken: 0, refunded: 0 };
  for (const at of instantsOf(payment)) {
    const after = at > until ? null : paymentAt(payment, at);
    if (after === null) {
      continue;
    }
    const moved: readonly (readonly [LedgerEntry["kind"], number])[] = [
      ["held", after.held - before.held],
      ["taken", after.taken - before.taken],
      ["released", before.held - after.held - (after.taken - before.taken)],
      ["refunded", after.refunded - before.refunded],
    ];
    for (const [kind, minor] of moved) {
      if (minor > 0) {
        entries.push({ at, orderId: payment.orderId, paymentId: payment.id, kind, minor });
      }
    }
    before = after;
  }
  return entries;
}

/**
 * Every movement of money until an instant, oldest first.
 *
 * @param state - the model. Call `advance` first if its queue may contain calls.
 * @param until - epoch ms, inclusive.
 *
 * @example
 * ```ts
 * import { createRecurrentPayment, requestId } from "freedom-pay-charge";
 * import { createModel, ledger, receive } from "freedom-pay-charge/simulator";
 *
 * const order = { order_id: "1", amount: 100, currency: "KZT", description: "Apples", user_id: "12345", auto_clearing: true } as const;
 * const payment = { ...order, profile_id: "card-1", user_ip: "203.0.113.7" };
 * const { action, ...rest } = createRecurrentPayment(payment, requestId());
 * const create = { ...rest, action: action.name };
 * const state = createModel();
 * receive(state, create, 0);
 * for (const { at, kind, minor } of ledger(state, 1000)) console.log(at, kind, minor); // 0 taken 10000
 * ```
 */
export function ledger(state: ModelState, until: number): readonly LedgerEntry[] {
  const entries = [...state.payments.values()].flatMap((payment) => movementsOf(payment, until));
  return entries.sort((one, other) => one.at - other.at);
}

/**
 * What an order has cost its payer until an instant, over the payments of all its attempts (`1234`, `1234--2`, …).
 *
 * @param orderId - the merchant's order_id.
 * @param now - epoch ms.
 * @returns minor units, and the number of payments that took or hold money.
 *
 * @example
 * ```ts
 * import { createRecurrentPayment, requestId } from "freedom-pay-charge";
 * import { createModel, receive, totalsOf } from "freedom-pay-charge/simulator";
 *
 * const order = { order_id: "1", amount: 100, currency: "KZT", description: "Apples", user_id: "12345", auto_clearing: true } as const;
 * const payment = { ...order, profile_id: "card-1", user_ip: "203.0.113.7" };
 * const { action, ...rest } = createRecurrentPayment(payment, requestId());
 * const create = { ...rest, action: action.name };
 * const state = createModel();
 * receive(state, create, 0);
 * console.log(totalsOf(state, "1", 1000)); // { held: 0, taken: 10000, refunded: 0, payments: 1 }
 * ```
 */
export function totalsOf(
  state: ModelState,
  orderId: string,
  now: number,
): { readonly held: number; readonly taken: number; readonly refunded: number; readonly payments: number } {
  const mine = payments(state, now).filter((payment) => payment.orderId === orderId || payment.orderId.startsWith(`${orderId}--`));
  const total = (part: "held" | "taken" | "refunded"): number => mine.reduce((sum, payment) => sum + payment[part], 0);
  return {
    held: total("held"),
    taken: total("taken"),
    refunded: total("refunded"),
    payments: mine.filter((payment) => payment.held > 0 || payment.taken > 0).length,
  };
}
