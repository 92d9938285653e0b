/** Requests to a shard, as the Worker makes them. */
import type { PageRequest } from "../../../edge/machine/page-record.ts";
import type { PayRequest, ReadRequest } from "../../../edge/rpc.ts";
import type { Charge } from "../../../src/charge-token.ts";
import { requestId } from "../../../src/request-id.ts";

export const REQUEST: PayRequest["request"] = { requestId: requestId(), traceId: "0af7651916cd43dd8448eb211c80319c" };

/** The order of a number: all of them are in the same slot. */
export function orderOf(number: number): string {
  return `1234--${number}`;
}

export function chargeOf(orderId: string, more: Partial<Charge> = {}): Charge {
  return {
    order_id: orderId,
    amount: 10,
    currency: "KZT",
    description: "Test order",
    user_id: "12345",
    profile_id: "pays",
    auto_clearing: true,
    ...more,
  };
}

/** The merchant's server pays with a stored card. Its profile id says what the simulated gateway does. */
export function payment(orderId: string, more: Partial<PayRequest> = {}): PayRequest {
  return {
    request: { ...REQUEST, requestId: requestId() },
    caller: "merchant",
    key: "key-1",
    charge: chargeOf(orderId),
    api: "async",
    issuedAt: null,
    userIp: "192.0.2.1",
    ticket: `ticket-${orderId}`,
    urls: null,
    page: null,
    waitSeconds: 10,
    acceptsPayments: true,
    ...more,
  };
}

/** The order is to be paid on a payment page, on which a card may be saved. */
export function paymentOnPage(orderId: string, more: Partial<PayRequest> = {}): PayRequest {
  const { profile_id: _, ...charge } = chargeOf(orderId);
  const page: PageRequest = {
    returnUrl: "https://shop.example/orders/1",
    language: "kk",
    returnTicket: `return-${orderId}`,
    returnCode: `code-${orderId}`,
    urls: { success_url: "https://edge.example/paid", failure_url: "https://edge.example/failed" },
  };
  return payment(orderId, {
    api: "merchant",
    charge: { ...charge, payment_page: { return_url: page.returnUrl, save_card_months: 12 } },
    urls: { check_url: "https://edge.example/check", result_url: "https://edge.example/result" },
    page,
    ...more,
  });
}

export function reading(orderId: string, more: Partial<ReadRequest> = {}): ReadRequest {
  return { request: REQUEST, caller: "merchant", orderId, charge: null, ifNoneMatch: null, waitSeconds: 0, ...more };
}

/** The common members of a merchant's requests about an order. */
export function about(
  orderId: string,
  key = "key-2",
): { readonly request: typeof REQUEST; readonly orderId: string; readonly key: string } {
  return { request: REQUEST, orderId, key };
}
