/** The reads of polls, by the API of the attempt. */
import { CALLS } from "./calls.ts";
import type { PollRead, Random } from "./event.ts";
import type { GatewayCall, ReadPayment } from "./gateway-call.ts";
import type { Page } from "./page-record.ts";
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

/**
 * The reads of a page: by its number, or once it is paid by its payment; and by its id each try that this read did not show last time (P2).
 */
export function pageReads(attempt: Attempt, { tries: known, shownTryId }: Page, random: Random): readonly PollRead[] {
  const { paymentId } = attempt;
  const tries = known.map(({ id }) => id).filter((id) => id !== (paymentId ?? shownTryId));
  // Once it is paid, the number shows whether somebody pays a second time.
  const again = paymentId === null ? [] : [{ ...paymentRead(attempt, null, random), tryId: "" }];
  return [paymentRead(attempt, paymentId, random), ...again, ...tries.map((id) => ({ ...paymentRead(attempt, id, random), tryId: id }))];
}

/** The same as a part of a poll. @param paymentId null: the payment under the attempt's gateway order_id */
export function paymentRead(attempt: ReadAttempt, paymentId: string | null, random: Random): PollRead {
  return { about: "order", orderId: attempt.gatewayOrderId, call: paymentCall(attempt, paymentId, random) };
}
