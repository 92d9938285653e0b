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
    record.attempts.some(({ state, nextLookAt }) => state !== "paid" && nextLookAt !== null) ||
    [...record.operations, ...record.resolutions].some(({ nextLookAt }) => nextLookAt !== null);
  if (isMoving || record.entombedAt !== null || record.updatedAt === null) return null;
  return record.updatedAt + retentionDays * DAY;
}

/** Reduces the record. The keys and the outbox rows beside it go with the same commit. */
export function entomb(record: ChargeRecord, now: number): void {
  record.entombedAt = now;
  record.attempts = record.attempts.map(reducedAttempt);
  record.operations = record.operations.map(reducedOperation);
  record.resolutions = [];
  record.attention = [];
}

function reducedAttempt(attempt: Attempt): Attempt {
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
    nextLookAt: null,
    lookingSince: null,
    hint: null,
    // A read that is out must not bring anything back.
    epoch: attempt.epoch + 1,
    failure: failure === null ? null : { ...failure, description: null },
    ledger: ledger === null ? null : redactedLedger(ledger),
  };
}

/** A ledger without what names the payment or the card elsewhere. */
export function redactedLedger(ledger: Ledger): Ledger {
  return { ...ledger, approvalCode: null, reference: null, intreference: null, brand: null, profileExpiryDate: null };
}

function reducedOperation(operation: Operation): Operation {
  const { refusal } = operation;
  return { ...operation, body: null, sends: [], refusal: refusal === null ? null : { ...refusal, description: null } };
}
