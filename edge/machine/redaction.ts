/**
 * Redaction after the merchant's retention (M10). order_id, status, payment ids, attempts and amounts stay, because a forgotten order
 * could be charged twice. All personal data is removed.
 */
import { DAY } from "../../src/lib/time.ts";
import type { Attempt, ChargeRecord, Ledger, Operation } from "./record.ts";

/**
 * When an order is redacted (M10.6). null while anything of it is undecided or still polled, other than a paid attempt, and after its
 * redaction.
 */
export function retentionEnds(record: ChargeRecord, retentionDays: number): number | null {
  // An undecided attempt always has a next poll. A paid one is polled for an unsettled refund or after a callback: personal data is not
  // kept for that.
  const isMoving =
    record.attempts.some(({ state, nextPollAt }) => state !== "paid" && nextPollAt !== null) ||
    [...record.operations, ...record.resolutions].some(({ nextPollAt }) => nextPollAt !== null);
  if (isMoving || record.redactedAt !== null || record.updatedAt === null) return null;
  return record.updatedAt + retentionDays * DAY;
}

/**
 * Removes personal data: texts, ids of persons and profiles, addresses, sends and exact bytes; and what operators wrote, for the same
 * reason. The caller asks {@link retentionEnds} first. The same commit deletes the order's Idempotency-Keys and its outbox rows. At home it
 * keeps the rows that are not delivered yet (M10.7).
 */
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
    page: null,
    body: "",
    sends: [],
    nextPollAt: null,
    pollStartedAt: null,
    hint: null,
    // The answer of an open read must not restore anything.
    generation: attempt.generation + 1,
    failure: failure === null ? null : { ...failure, description: null },
    ledger: ledger === null ? null : redactedLedger(ledger),
  };
}

/** A ledger without references to the payment or the card. */
export function redactedLedger(ledger: Ledger): Ledger {
  return { ...ledger, approvalCode: null, reference: null, intreference: null, brand: null, profileExpiryDate: null };
}

function redactedOperation(operation: Operation): Operation {
  const { refusal } = operation;
  return { ...operation, body: null, sends: [], refusal: refusal === null ? null : { ...refusal, description: null } };
}
