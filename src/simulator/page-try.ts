/**
 * A try to pay on a page, in at most three parts: {@link beginTry} and {@link endTry}, between which the shop's server answers the check, and
 * {@link endSecure} after the 3-D Secure step. Like `model.ts` without clock, randomness and promises.
 */

import type { PlannedCallback } from "./callbacks.ts";
import { checkOf } from "./callbacks.ts";
import { makePayment, maskOf } from "./new-payment.ts";
import { pageMoment } from "./page-moment.ts";
import { keepCard, resultsOfTry } from "./page-results.ts";
import type { PageCard, PageTry, SimulatedPage } from "./page.ts";
import type { ParsedCreate } from "./parsed-create.ts";
import type { Plan, PlannedStep } from "./plan.ts";
import type { ModelState } from "./state.ts";
import { takeId } from "./state.ts";
import type { Payment } from "./timeline.ts";

const FIRST_DIGITS: Readonly<Record<PageCard, string>> = { visa: "4", mastercard: "5", amex: "3" };

/** The mask of a card that a page offers. */
export const maskOfCard = (card: PageCard): string => maskOf(FIRST_DIGITS[card]);

/** The payment that a try makes. The same card of the same user has the same token each time. */
function createOf({ parsed }: SimulatedPage, card: PageCard): ParsedCreate {
  const { create } = parsed;
  const cardToken = `simulated-card-${create.userId}-${maskOfCard(card).slice(-4)}`;
  return { ...create, source: { ...create.source, cardToken, firstDigit: FIRST_DIGITS[card] } };
}

/** Why a page takes no try now. */
export type TryRefusal = "checking" | "secure" | "processing" | "paid" | "closed";

/**
 * Begins a try. Until {@link endTry} the page takes no other one, and its status does not change.
 *
 * @param state - the model; it is changed.
 * @param now - epoch ms.
 * @returns the check to send (null: none), or why the page takes no try.
 *
 * @example
 * ```ts
 * import { beginTry, createModel, PAYS_AT_ONCE, receiveMerchantCall } from "freedom-pay-charge/simulator";
 *
 * const fields = { pg_merchant_id: "500000", pg_order_id: "1", pg_amount: "100", pg_description: "Apples", pg_user_id: "12345" };
 * const call = {
 *   name: "initPayment",
 *   script: "init_payment.php",
 *   secretKey: "test-secret-of-the-gateway",
 *   origin: "https://customer.freedompay.kz",
 *   fields,
 * } as const;
 * const state = createModel();
 * receiveMerchantCall(state, call, 0);
 * const [page] = state.pages.values();
 * if (page !== undefined) console.log(beginTry(state, page, 1000, PAYS_AT_ONCE)); // { check: null }: the call named no check address
 * ```
 */
export function beginTry(
  state: ModelState,
  page: SimulatedPage,
  now: number,
  plan: Plan,
): { readonly check: PlannedCallback | null } | TryRefusal {
  const { kind } = pageMoment(state, page, now);
  const isSecondPayment = kind === "paid" && plan.page?.paysTwice === true;
  if (kind !== "open" && !isSecondPayment) {
    return kind;
  }
  page.checking = plan.page?.idPerTry === true || isSecondPayment ? takeId(state) : page.id;
  const { create, format, own } = page.parsed;
  // An answer that does not come in time is a refusal (docs/merchant-api.md, "Notifications").
  const callbacks = { ...plan.callbacks, strictCheck: true };
  const check = checkOf(create, now, { ...plan, callbacks }, { id: page.checking, more: own });
  return { check: check === null ? null : { ...check, format: check.format ?? format } };
}

/** The steps of a declined try go on to the end of the page's life, if that ends it as `incomplete`. */
function withEnd(plan: Plan, page: SimulatedPage, now: number): Plan {
  const isDeclined = plan.steps.some(({ does }) => does === "declines");
  const left = page.closesAt - now;
  const end: PlannedStep = { after: left, does: "waits", status: "incomplete" };
  const isLast = plan.steps.every(({ after }) => after < left);
  return plan.page?.endsIncomplete === true && isDeclined && isLast ? { ...plan, steps: [...plan.steps, end] } : plan;
}

/** Makes the try's payment, or goes on with the one that the page has under this id. */
function applyPlan(state: ModelState, page: SimulatedPage, { paymentId, card }: PageTry, plan: Plan, now: number): Payment {
  const before = state.payments.get(paymentId);
  const fresh = makePayment(state, createOf(page, card), withEnd(plan, page, now), now, paymentId);
  const payment: Payment =
    before === undefined
      ? fresh
      : {
          ...fresh,
          createdAt: before.createdAt,
          edits: before.edits,
          steps: [...before.steps.filter(({ at }) => at <= now), ...fresh.steps],
        };
  state.payments.set(paymentId, payment);
  const order = state.orders.get(payment.orderId);
  if (order !== undefined) {
    state.orders.set(payment.orderId, { ...order, paymentId });
  }
  return payment;
}

function settle(state: ModelState, page: SimulatedPage, one: PageTry, plan: Plan, now: number): readonly PlannedCallback[] {
  const payment = applyPlan(state, page, one, plan, now);
  keepCard(state, page, payment, plan, now);
  return resultsOfTry(page, payment, plan, now);
}

const declining = (plan: Plan, code: string): Plan => ({ ...plan, steps: [{ after: 0, does: "declines", code }] });

/**
 * Ends a try: its outcome, or the 3-D Secure step. The `waiting` of that step goes on to the end of the page's life.
 *
 * @param state - the model; it is changed.
 * @param now - epoch ms.
 * @param declines - declines the try with this code, after a check that was refused.
 * @returns the callbacks to send.
 *
 * @example
 * ```ts
 * import { beginTry, createModel, endTry, PAYS_AT_ONCE, receiveMerchantCall, totalsOf } from "freedom-pay-charge/simulator";
 *
 * const fields = { pg_merchant_id: "500000", pg_order_id: "1", pg_amount: "100", pg_description: "Apples", pg_user_id: "12345" };
 * const call = {
 *   name: "initPayment",
 *   script: "init_payment.php",
 *   secretKey: "test-secret-of-the-gateway",
 *   origin: "https://customer.freedompay.kz",
 *   fields,
 * } as const;
 * const state = createModel();
 * receiveMerchantCall(state, call, 0);
 * const [page] = state.pages.values();
 * if (page !== undefined) {
 *   beginTry(state, page, 1000, PAYS_AT_ONCE);
 *   endTry(state, page, 2000, { card: "visa", plan: PAYS_AT_ONCE });
 * }
 * console.log(totalsOf(state, "1", 3000).held); // 10000: pg_auto_clearing was not 1
 * ```
 */
export function endTry(
  state: ModelState,
  page: SimulatedPage,
  now: number,
  { card, plan, declines }: { readonly card: PageCard; readonly plan: Plan; readonly declines?: string },
): readonly PlannedCallback[] {
  const paymentId = page.checking ?? page.id;
  page.checking = null;
  const isEarly = page.tries.length < (plan.page?.declinesFirst ?? 0);
  const actual = declines !== undefined ? declining(plan, declines) : isEarly ? declining(plan, "10009") : plan;
  const isAtSecure = actual === plan && plan.page?.secure === true;
  const one: PageTry = { paymentId, card, plan: actual, isAtSecure };
  page.tries.push(one);
  if (!isAtSecure) {
    return settle(state, page, one, actual, now);
  }
  const end: PlannedStep = { after: Math.max(0, page.closesAt - now), does: "waits", status: "incomplete" };
  applyPlan(state, page, one, { ...actual, steps: [{ after: 0, does: "waits", status: "waiting_3ds" }, end], cabinet: [] }, now);
  return [];
}

/**
 * Ends the 3-D Secure step of the page's last try.
 *
 * @param state - the model; it is changed.
 * @param now - epoch ms.
 * @param passes - false: the shopper fails it, and the try is declined.
 * @returns the callbacks to send; null if the page is not at that step.
 *
 * @example
 * ```ts
 * import { beginTry, createModel, endSecure, endTry, PAYS_AT_ONCE, receiveMerchantCall, totalsOf } from "freedom-pay-charge/simulator";
 *
 * const fields = { pg_merchant_id: "500000", pg_order_id: "1", pg_amount: "100", pg_description: "Apples", pg_user_id: "12345" };
 * const call = {
 *   name: "initPayment",
 *   script: "init_payment.php",
 *   secretKey: "test-secret-of-the-gateway",
 *   origin: "https://customer.freedompay.kz",
 *   fields,
 * } as const;
 * const state = createModel();
 * receiveMerchantCall(state, call, 0);
 * const [page] = state.pages.values();
 * const plan = { ...PAYS_AT_ONCE, page: { secure: true } };
 * if (page !== undefined) {
 *   beginTry(state, page, 1000, plan);
 *   endTry(state, page, 2000, { card: "visa", plan });
 *   endSecure(state, page, 3000, true);
 * }
 * console.log(totalsOf(state, "1", 4000).held); // 10000: pg_auto_clearing was not 1
 * ```
 */
export function endSecure(state: ModelState, page: SimulatedPage, now: number, passes: boolean): readonly PlannedCallback[] | null {
  const last = page.tries.at(-1);
  if (last === undefined || pageMoment(state, page, now).kind !== "secure") {
    return null;
  }
  const plan = passes ? last.plan : declining(last.plan, "10042");
  const one: PageTry = { ...last, plan, isAtSecure: false };
  page.tries.splice(-1, 1, one);
  return settle(state, page, one, plan, now);
}
