/**
 * The `detail` of 409 `operation_not_allowed`: the status of the charge, and the reason: the status that the operation needs, the gateway's
 * refusal, or another change of the payment that came first. It is derived from the
 * record afterwards, so the state machine decides by codes alone. Pure.
 */
import { MAX_RESOLUTIONS } from "./events/resolve.ts";
import { remainingAmount } from "./operation.ts";
import { MAX_OPERATIONS } from "./events/operate.ts";
import type { ChargeRecord, Operation, OperationKind } from "./record.ts";
import { currentAttempt, statusOf } from "./view.ts";

/** The change that the merchant requested: an operation, or one of the two forms of a resolve. */
export type RequestedChange = OperationKind | "nothing_taken" | "payment_id";

/** The status that each needs. */
const NEEDS: Readonly<Record<RequestedChange, string>> = {
  clearing: "A clearing needs a charge that is authorized",
  reverse: "A reverse needs a charge that is authorized",
  refund: "A refund needs a charge that is succeeded",
  nothing_taken: "A resolve with nothing_taken needs a charge that is processing or unconfirmed, or an operation that is undecided",
  payment_id: "A resolve with payment_id needs a charge that is processing, unconfirmed or failed",
};

/** The status under which each operation can be possible. */
const STATUSES: Readonly<Record<OperationKind, string>> = { clearing: "authorized", reverse: "authorized", refund: "succeeded" };

/** Why a charge does not allow a change. */
export function whyNotAllowed(requested: RequestedChange, record: ChargeRecord): string {
  const status = statusOf(record);
  if (requested === "payment_id" && record.resolutions.length >= MAX_RESOLUTIONS)
    return `${MAX_RESOLUTIONS} payments were named for this order, and it takes no more; it is ${status}`;
  if (requested !== "nothing_taken" && requested !== "payment_id") {
    if (record.operations.length >= MAX_OPERATIONS)
      return `This order has had ${MAX_OPERATIONS} operations, and takes no more; it is ${status}`;
    if (status === STATUSES[requested]) return whyNothingToDo(requested, record);
  }
  return `${NEEDS[requested]}; this one is ${status}`;
}

/** The status is right, and still nothing can be done. */
function whyNothingToDo(kind: OperationKind, record: ChargeRecord): string {
  const attempt = currentAttempt(record);
  const status = statusOf(record);
  if (attempt === null || attempt.paymentId === null) return `This charge is ${status}, but the gateway's id of its payment is not known`;
  if (remainingAmount(kind, attempt) <= 0)
    return `This charge is ${status}, and all of it is in refunds that are under way: nothing is left`;
  return `${NEEDS[kind]}; it was not when it was read for this operation, and is ${status} now`;
}

/** Why an operation ended without being done. Asked only for those that are answered with `operation_not_allowed`. */
export function whyEnded({ kind, state, refusal, sends }: Operation, record: ChargeRecord): string {
  if (refusal !== null && refusal.gatewayCode !== null) {
    const code = /^\w{1,20}$/.test(refusal.gatewayCode) ? refusal.gatewayCode : "(odd)";
    return `The gateway refused the ${kind} with code ${code}; the charge is ${statusOf(record)}`;
  }
  if (state === "not_done") return `The payment went another way before the ${kind} was done; the charge is ${statusOf(record)}`;
  if (sends.length > 0) return `The gateway shows the ${kind} as failed; the charge is ${statusOf(record)}`;
  return whyNotAllowed(kind, record);
}

/** Why the payment that a resolve named was not assigned. */
export function whyNotAssigned(record: ChargeRecord): string {
  return `The gateway does not know the payment that was named, or it belongs to another order or attempt; the charge is ${statusOf(record)}`;
}

/** Why no notification is sent again: there is none, or none with that sequence. @param sequence the requested one; null: the newest */
export function whyNotSentAgain(sequence: number | null, record: ChargeRecord): string {
  const which =
    sequence === null ? "There is no notification of this charge" : "There is no notification of this charge with that sequence";
  return `${which}; the charge is ${statusOf(record)}, and its member notifications lists the newest ones`;
}
