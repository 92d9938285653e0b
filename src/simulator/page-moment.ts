/** What a payment page is at an instant. */

import type { SimulatedPage } from "./page.ts";
import type { ModelState } from "./state.ts";
import type { PaymentMoment } from "./timeline.ts";
import { paymentAt } from "./timeline.ts";

/**
 * - `open`: it can be paid; `code` is the last try's error.
 * - `checking`: the shop's server is being asked. `secure`: the shopper is at the 3-D Secure step. `processing`: not decided yet.
 * - `paid`: the money was taken or held, also if it went back since.
 * - `closed`: it can no longer be paid.
 */
export type PageMoment =
  | { readonly kind: "open" | "closed"; readonly code: string | null }
  | { readonly kind: "checking" | "secure" | "processing" | "paid" };

const hadMoney = (moment: PaymentMoment): boolean => moment.held > 0 || moment.taken > 0 || moment.status === "reversed";

/**
 * The page at an instant, epoch ms.
 *
 * @example
 * ```ts
 * import { createModel, pageMoment, receiveMerchantCall } from "freedom-pay-charge/simulator";
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
 * if (page !== undefined) console.log(pageMoment(state, page, 1000).kind); // open
 * ```
 */
export function pageMoment(state: ModelState, page: SimulatedPage, at: number): PageMoment {
  const moments = page.tries.map(({ paymentId }) => {
    const payment = state.payments.get(paymentId);
    return payment === undefined ? null : paymentAt(payment, at);
  });
  if (page.checking !== null) {
    return { kind: "checking" };
  }
  if (moments.some((moment) => moment !== null && hadMoney(moment))) {
    return { kind: "paid" };
  }
  const last = page.tries.at(-1);
  const moment = moments.at(-1) ?? null;
  const isDeclined = moment !== null && moment.code !== null;
  if (last === undefined || isDeclined || moment?.status === "incomplete") {
    const isOver = at >= page.closesAt || (isDeclined && last?.plan.page?.oneTry === true);
    return { kind: isOver ? "closed" : "open", code: moment?.code ?? null };
  }
  return { kind: last.isAtSecure ? "secure" : "processing" };
}
