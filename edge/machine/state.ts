/** A record while a transition changes it. */
import type { AttentionReason } from "../../src/edge-api.ts";
import type { Effect, Surroundings } from "./event.ts";
import type { Attempt, ChargeRecord, KeyBinding, Operation } from "./record.ts";
import type { Tell } from "./reconcile.ts";

/** A record that is being changed: the copy, and what comes with it. */
export interface Draft extends Surroundings {
  readonly record: ChargeRecord;
  readonly effects: Effect[];
  binding: KeyBinding | null;
}

/** Whether the merchant was told this of the attempt already. */
export function isTold(record: ChargeRecord, reason: AttentionReason, attempt: Attempt): boolean {
  return record.attention.some((told) => told.reason === reason && told.attempt === attempt.number);
}

/** Tells the merchant, once for each reason and attempt. */
export function tell(draft: Draft, reason: AttentionReason, attempt: Attempt, detail: string | null): void {
  if (isTold(draft.record, reason, attempt)) return;
  draft.record.attention.push({ at: draft.now, reason, attempt: attempt.number, operation: null, detail });
}

/** Tells the merchant of an operation, once for each reason. */
export function tellOfOperation(draft: Draft, reason: AttentionReason, { number, attempt }: Operation): void {
  const { record, now } = draft;
  if (record.attention.some((told) => told.reason === reason && told.operation === number)) return;
  record.attention.push({ at: now, reason, attempt, operation: number, detail: null });
}

/** {@link tell}, for the parts that know no draft. */
export function tellOf(draft: Draft): Tell {
  return (reason, attempt, detail) => tell(draft, reason, attempt, detail);
}
