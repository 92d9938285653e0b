/** Sorts a read of a payment: nothing is there, a payment is there, or the read says nothing that can be used. */
import { categoryOf } from "../../src/decline.ts";
import type { Outcome } from "../../src/outcome.ts";
import type { PaymentState } from "../../src/payment.ts";
import type { TransitionContext } from "./state.ts";
import { raiseAttention } from "./state.ts";
import type { Attempt, ChargeRecord } from "./record.ts";
import { isSameId } from "./record.ts";

/** A read of a payment, sorted. */
export type PaymentReading = "absent" | "unreadable" | PaymentState;

/** Rows of refunds and reversals that one order keeps. A read that brings more is not used: nothing changes but that the merchant is told. */
export const MAX_LEDGER_ROWS = 1_000;

/**
 * Sorts a read of `gateway.payment.status`. `{}`, 1202 and 11068 say that there is no such payment, whatever `id` stands beside them.
 *
 * A decline names no order (contract, "Official samples of reads"): it belongs to the order_id that was asked for, or that of the
 * payment id that was asked for. So it is given that order_id here. Every other payment has to name its order itself (M6).
 *
 * @param orderId the gateway order_id that the read was about; null where it is not known
 */
export function paymentReading(outcome: Outcome<PaymentState>, orderId: string | null): PaymentReading {
  if (outcome.kind === "refused") return outcome.category === "not_found" ? "absent" : "unreadable";
  if (outcome.kind === "unknown") return "unreadable";
  const { answer } = outcome;
  if (Object.keys(answer).length === 0) return "absent";
  if (answer.error !== undefined && categoryOf("read", answer.error.code) === "not_found") return "absent";
  if (answer.status === undefined) return "unreadable";
  if (answer.status === "error" && answer.order_id === undefined && orderId !== null) return { ...answer, order_id: orderId };
  return answer;
}

/** {@link paymentReading} for an attempt. A read with too many rows is unreadable, and the merchant is told. */
export function readPayment(
  context: TransitionContext,
  attempt: Attempt,
  orderId: string | null,
  outcome: Outcome<PaymentState>,
): PaymentReading {
  const reading = paymentReading(outcome, orderId);
  if (typeof reading !== "object" || rowsWith(context.record, attempt, reading) <= MAX_LEDGER_ROWS) return reading;
  raiseAttention(context, "ledger_too_large", attempt, null);
  return "unreadable";
}

/** How many rows the order would keep after this read: each attempt keeps its own. */
function rowsWith(
  { attempts }: ChargeRecord,
  requested: Attempt,
  { id, refund_payments = [], reverse_payments = [] }: PaymentState,
): number {
  const owner = attempts.find(({ paymentId }) => isSameId(paymentId, id)) ?? requested;
  const kept = ({ ledger }: Attempt): readonly string[] => [...(ledger?.refunds ?? []), ...(ledger?.reversals ?? [])].map((row) => row.id);
  const others = attempts.filter((attempt) => attempt !== owner).reduce((sum, attempt) => sum + kept(attempt).length, 0);
  const read = [...refund_payments, ...reverse_payments].map((row, index) => row.id ?? `no id ${index}`);
  return others + new Set([...kept(owner), ...read]).size;
}
