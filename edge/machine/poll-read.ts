/** The reads of polls, by the API of the attempt. */
import { CALLS } from "./calls.ts";
import type { PollRead, Random } from "./event.ts";
import type { GatewayCall, ReadPayment } from "./gateway-call.ts";
import type { Attempt } from "./record.ts";

/** What a read needs to know of an attempt. */
type ReadAttempt = Pick<Attempt, "api" | "gatewayOrderId" | "terms">;

/** A read of an attempt's payment. */
export function paymentCall(
  { api, gatewayOrderId, terms }: ReadAttempt,
  paymentId: string | null,
  random: Random,
): GatewayCall<ReadPayment> {
  return CALLS[api].payment({ paymentId, orderId: gatewayOrderId }, terms.auto_clearing, random.requestId());
}

/** The same as a part of a poll. @param paymentId null: the payment under the attempt's gateway order_id */
export function paymentRead(attempt: ReadAttempt, paymentId: string | null, random: Random): PollRead {
  return { about: "order", orderId: attempt.gatewayOrderId, call: paymentCall(attempt, paymentId, random) };
}
