/** The reads of polls, by the API of the attempt. */
import { CALLS } from "./calls.ts";
import type { PollRead, Random } from "./event.ts";
import type { GatewayCall, ReadPayment } from "./gateway-call.ts";
import type { Attempt } from "./record.ts";

/** What a read needs to know of an attempt. */
type ReadAttempt = Pick<Attempt, "api" | "gatewayOrderId" | "terms" | "state">;

/** A read of an attempt's payment. */
export function paymentCall(
  { api, gatewayOrderId, terms, state }: ReadAttempt,
  paymentId: string | null,
  random: Random,
): GatewayCall<ReadPayment> {
  // A read has shown it as held, so only a read that says so shows it as paid.
  const autoClearing = terms.auto_clearing && state !== "held";
  return CALLS[api].payment({ paymentId, orderId: gatewayOrderId }, autoClearing, random.requestId());
}

/** The same as a part of a poll. @param paymentId null: the payment under the attempt's gateway order_id */
export function paymentRead(attempt: ReadAttempt, paymentId: string | null, random: Random): PollRead {
  return { about: "order", orderId: attempt.gatewayOrderId, call: paymentCall(attempt, paymentId, random) };
}
