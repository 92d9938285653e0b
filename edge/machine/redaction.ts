/**
 * What is left of an order after the merchant's retention (M10): order_id, status, payment ids, attempts and amounts, for a
 * forgotten order is a second charge. Everything that is about a person goes. Pure.
 */
import { DAY } from "../../src/lib/time.ts";
import type { Attempt, ChargeRecord, Ledger, Operation } from "./record.ts";

/** When an order is to be reduced: null while anything of it is undecided, still looked at, or was reduced before. */
export function retentionEnds(record: ChargeRecord, retentionDays: number): number | null {
  // A refund that is never settled is read daily, and keeps nobody's data for it.
  const isMoving =
    record.attempts.some(({ state, nextPollAt }) => state !== "paid" && nextPollAt !== null) ||
    [...record.operations, ...record.resolutions].some(({ nextPollAt }) => nextPollAt !== null);
  if (isMoving || record.redactedAt !== null || record.updatedAt === null) return null;
  return record.updatedAt + retentionDays * DAY;
}

/** Reduces the record. The keys and the outbox rows beside it go with the same commit. */
export function redact(record: ChargeRecord, now: number): void {
  record.redactedAt = now;
  record.attempts = record.attempts.map(redactedAttempt);
  record.operations = record.operations.map(redactedOperation);
  record.resolutions = [];
  record.attention = [];
}

function redactedAttempt(attempt: Attempt): Attempt {
  const { failure, ledger } = attempt;
  return {
    ...attempt,
    terms: { ...attempt.terms, user_id: "", profile_id: "" },
    description: "",
    card: null,
    userIp: "",
    ticket: "",
    urls: null,
    body: "",
    sends: [],
    nextPollAt: null,
    pollStartedAt: null,
    hint: null,
    // A read that is out must not bring anything back.
    generation: attempt.generation + 1,
    failure: failure === null ? null : { ...failure, description: null },
    ledger: ledger === null ? null : redactedLedger(ledger),
  };
}

/** A ledger without what names the payment or the card elsewhere. */
export function redactedLedger(ledger: Ledger): Ledger {
  return { ...ledger, approvalCode: null, reference: null, intreference: null, brand: null, profileExpiryDate: null };
}

function redactedOperation(operation: Operation): Operation {
  const { refusal } = operation;
  return { ...operation, body: null, sends: [], refusal: refusal === null ? null : { ...refusal, description: null } };
}
