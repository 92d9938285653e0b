/** The working state of one transition, and raising attention in it. */
import type { AttentionReason } from "../../src/edge-api.ts";
import type { Effect, Environment } from "./event.ts";
import type { Attempt, ChargeRecord, KeyBinding, Operation } from "./record.ts";
import type { RaiseAttention } from "./reconcile.ts";

/** The copy of the record that the transition changes, and the results beside it. */
export interface TransitionContext extends Environment {
  readonly record: ChargeRecord;
  readonly effects: Effect[];
  binding: KeyBinding | null;
}

/** Whether this attention was raised for the attempt before. */
export function isRaised(record: ChargeRecord, reason: AttentionReason, attempt: Attempt): boolean {
  return record.attention.some((one) => one.reason === reason && one.attempt === attempt.number);
}

/** Raises attention, once for each reason and attempt. */
export function raiseAttention(context: TransitionContext, reason: AttentionReason, attempt: Attempt, detail: string | null): void {
  if (isRaised(context.record, reason, attempt)) return;
  context.record.attention.push({ at: context.now, reason, attempt: attempt.number, operation: null, detail });
}

/** Raises attention for an operation, once for each reason. */
export function raiseOperationAttention(context: TransitionContext, reason: AttentionReason, { number, attempt }: Operation): void {
  const { record, now } = context;
  if (record.attention.some((one) => one.reason === reason && one.operation === number)) return;
  record.attention.push({ at: now, reason, attempt, operation: number, detail: null });
}

/** Tells of a second payment, once for each payment. */
export function raiseSecondPayment({ record, now }: TransitionContext, attempt: Attempt, detail: string | null): void {
  const reason = "second_payment";
  if (record.attention.some((one) => one.reason === reason && one.attempt === attempt.number && one.detail === detail)) return;
  record.attention.push({ at: now, reason, attempt: attempt.number, operation: null, detail });
}

/** {@link raiseAttention} for functions that get no context. */
export function attentionRaiser(context: TransitionContext): RaiseAttention {
  return (reason, attempt, detail) => raiseAttention(context, reason, attempt, detail);
}
