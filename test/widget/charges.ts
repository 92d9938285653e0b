import type { ChargeView, FailureCategory, PaymentPageView, Problem, ProblemCode, Retry } from "../../src/edge-api.ts";

/** A charge without an attempt, as the edge shows it to a page. A test can override members. */
export function chargeOf(otherwise: Partial<ChargeView> = {}): ChargeView {
  return {
    order_id: "1234",
    amount: 1234.5,
    currency: "KZT",
    description: "Month of tea",
    card: { brand: "visa", last4: "4242" },
    status: "ready",
    needs: null,
    payment_page: null,
    attempt: 0,
    failure: null,
    payment_id: null,
    cleared_amount: 0,
    refunded_amount: 0,
    updated_at: null,
    ...otherwise,
  };
}

/** A charge whose first attempt failed. */
export function failedCharge(category: FailureCategory, retry: Retry, otherwise: Partial<ChargeView> = {}): ChargeView {
  return chargeOf({ status: "failed", attempt: 1, failure: { category, retry }, updated_at: "2026-11-22T10:00:00Z", ...otherwise });
}

/** The address of an open page. */
export const PAGE_URL = "https://customer.freedompay.kz/pay.html?customer=test";

/** A charge with a page: open, or with null one that is not shown. */
export function pagedCharge(page: Partial<PaymentPageView> | null = {}, otherwise: Partial<ChargeView> = {}): ChargeView {
  const payment_page = page && { url: PAGE_URL, expires_at: "2100-01-01T00:29:00Z", last_failure: null, ...page };
  return chargeOf({ status: "processing", attempt: 1, card: null, needs: "payment_page", payment_page, ...otherwise });
}

/** A refusal's body. */
export function problemOf(status: number, code: ProblemCode, more: Partial<Problem> = {}): Problem {
  return { type: `https://edge.example/problems/${code}`, title: `title of ${code}`, status, code, request_id: "r", ...more };
}
