/** Sorts what the gateway's reads answer: a payment, no payment, a refusal, or nothing that can be used. */
import { categoryOf } from "../../src/decline.ts";
import type { GatewayOutcome, ReadPayment, Refusal } from "./gateway-call.ts";
import type { TransitionContext } from "./state.ts";
import { raiseAttention } from "./state.ts";
import type { Attempt, ChargeRecord } from "./record.ts";
import { isSameId } from "./record.ts";

/** A read of a payment, sorted. `unreadable` also covers a read that was refused or that got no answer. */
export type PaymentReading =
  | { readonly kind: "payment"; readonly payment: ReadPayment }
  | { readonly kind: "absent" }
  | { readonly kind: "unreadable" };

/** A read of `gateway.request.status`, sorted. A refusal is the one that the request itself was answered with. */
export type RequestReading = Refusal | { readonly kind: "absent" } | { readonly kind: "unreadable" };

export const ABSENT = { kind: "absent" } as const;
export const UNREADABLE = { kind: "unreadable" } as const;

/** Rows of refunds and reversals that one order stores. A read that would bring more is not applied; it raises attention. */
export const MAX_LEDGER_ROWS = 1_000;

/**
 * Sorts a read of `gateway.payment.status`.
 *
 * 1. `{}`, 1202 and 11068 mean that there is no such payment, whatever `id` is beside them.
 * 2. A decline names no order (contract, "Official samples of reads"). It belongs to the order_id or payment that the read asked
 *    about, so it gets that order_id here.
 * 3. Every other payment has to name its order itself (M6).
 *
 * @param orderId the gateway order_id that the read asked about; null if it is not known
 */
export function paymentReading(outcome: GatewayOutcome<ReadPayment>, orderId: string | null): PaymentReading {
  if (outcome.kind === "refused") return outcome.category === "not_found" ? ABSENT : UNREADABLE;
  if (outcome.kind === "unknown") return UNREADABLE;
  const { answer } = outcome;
  if (Object.keys(answer).length === 0) return ABSENT;
  if (answer.error !== undefined && categoryOf("read", answer.error.code) === "not_found") return ABSENT;
  if (answer.status === undefined) return UNREADABLE;
  const namesOrder = answer.status !== "error" || answer.order_id !== undefined || orderId === null;
  return { kind: "payment", payment: namesOrder ? answer : { ...answer, order_id: orderId } };
}

/** {@link paymentReading} for an attempt. A read with too many rows is unreadable, and raises attention. */
export function readPayment(
  context: TransitionContext,
  attempt: Attempt,
  orderId: string | null,
  outcome: GatewayOutcome<ReadPayment>,
): PaymentReading {
  const reading = paymentReading(outcome, orderId);
  if (reading.kind !== "payment" || rowsWith(context.record, attempt, reading.payment) <= MAX_LEDGER_ROWS) return reading;
  raiseAttention(context, "ledger_too_large", attempt, null);
  return UNREADABLE;
}

/** How many rows all attempts of the order would store after this read. */
function rowsWith({ attempts }: ChargeRecord, polled: Attempt, { id, refund_payments = [], reverse_payments = [] }: ReadPayment): number {
  const owner = attempts.find(({ paymentId }) => isSameId(paymentId, id)) ?? polled;
  const stored = ({ ledger }: Attempt): readonly string[] =>
    [...(ledger?.refunds ?? []), ...(ledger?.reversals ?? [])].map((row) => row.id);
  const others = attempts.filter((attempt) => attempt !== owner).reduce((sum, attempt) => sum + stored(attempt).length, 0);
  const read = [...refund_payments, ...reverse_payments].map((row, index) => row.id ?? `no id ${index}`);
  return others + new Set([...stored(owner), ...read]).size;
}
