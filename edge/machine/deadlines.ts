/**
 * The deadlines of an order (M9): when it has to be polled, redacted, or when attention is raised. They depend on the record and the
 * settings alone. The order's alarm is the earliest of them.
 */
import type { AttentionReason } from "../../src/edge-api.ts";
import { HOUR, SECOND } from "../../src/lib/time.ts";
import { deadlinesAway } from "./home-check.ts";
import { shownUntil } from "./page.ts";
import { nextLookup } from "./profile.ts";
import { unsettledRefunds } from "./reconcile.ts";
import type { Attempt, ChargeRecord, Deadline, LedgerRow } from "./record.ts";
import { retentionEnds } from "./redaction.ts";
import { HOLD_ATTENTION, PAGE_ENDS_AFTER, UNDECIDED_ATTENTION, UNSETTLED_REFUND_ATTENTION } from "./schedule.ts";
import { isRaised } from "./state.ts";

/** The settings that deadlines depend on. */
export interface DeadlineSettings {
  readonly retentionDays: number;
  /** Whether the settings name another gateway or merchant than the order's home (M1). */
  readonly isAway: boolean;
}

/**
 * The settings and constants that stored due times were computed from, as a text. When a deployment has others, all due times are
 * computed again.
 */
export function deadlineRules({ retentionDays }: Pick<DeadlineSettings, "retentionDays">): string {
  return JSON.stringify({ retentionDays, UNDECIDED_ATTENTION, HOLD_ATTENTION, PAGE_ENDS_AFTER, UNSETTLED_REFUND_ATTENTION });
}

/** Every deadline of an order, by name. */
export function deadlinesOf(record: ChargeRecord, { retentionDays, isAway }: DeadlineSettings): readonly Deadline[] {
  const deadlines = deadlinesAtHome(record, retentionDays);
  return isAway ? deadlinesAway(record, deadlines) : deadlines;
}

function deadlinesAtHome(record: ChargeRecord, retentionDays: number): readonly Deadline[] {
  const deadlines: Deadline[] = [];
  const ends = retentionEnds(record, retentionDays);
  if (ends !== null) deadlines.push({ name: "retention", at: ends });
  for (const attempt of record.attempts) {
    if (attempt.nextPollAt !== null) deadlines.push({ name: `attempt ${attempt.number} poll`, at: attempt.nextPollAt });
    const closesAt = shownUntil(attempt);
    if (closesAt !== null) deadlines.push({ name: `attempt ${attempt.number} page`, at: closesAt });
    const lookupAt = attempt.page === null ? null : nextLookup(attempt.page);
    if (lookupAt !== null) deadlines.push({ name: `attempt ${attempt.number} cards`, at: lookupAt });
    const unsettledAt = record.redactedAt === null ? unsettledAttentionAt(attempt) : null;
    if (unsettledAt !== null) deadlines.push({ name: `attempt ${attempt.number} refund_unsettled`, at: unsettledAt });
    for (const { reason, at } of attentionsDue(record, attempt)) {
      if (!isRaised(record, reason, attempt)) deadlines.push({ name: `attempt ${attempt.number} ${reason}`, at });
    }
  }
  for (const { number, nextPollAt } of record.operations) {
    if (nextPollAt !== null) deadlines.push({ name: `operation ${number} poll`, at: nextPollAt });
  }
  for (const { number, nextPollAt } of record.resolutions) {
    if (nextPollAt !== null) deadlines.push({ name: `resolution ${number}`, at: nextPollAt });
  }
  return deadlines;
}

/** Deadlines that may come an hour late: they are a day or more away, and orders that share an hour share an alarm. */
const HOURLY = /^retention$|undecided_1_day$|hold_expires$|refund_unsettled$/;

/**
 * When the order's alarm is due: the earliest deadline, rounded up so that orders share alarms: to the second, or to the hour for
 * retention and for attention that is raised after a day or later. Null without a deadline.
 */
export function alarmAt(deadlines: readonly Deadline[]): number | null {
  if (deadlines.length === 0) return null;
  return Math.min(...deadlines.map(({ name, at }) => roundedUp(at, HOURLY.test(name) ? HOUR : SECOND)));
}

function roundedUp(at: number, unit: number): number {
  return Math.ceil(at / unit) * unit;
}

/** An attention that is raised at a certain time. */
interface DueAttention {
  readonly reason: AttentionReason;
  readonly at: number;
}

/** The attention that time alone raises for an attempt. */
export function attentionsDue(record: ChargeRecord, { state, createdAt, decidedAt, terms, page }: Attempt): readonly DueAttention[] {
  if (record.redactedAt !== null) return [];
  // A page may stay open until its end, so the time counts from there (P5).
  const since = page === null || page.openedAt === null ? createdAt : page.openedAt + PAGE_ENDS_AFTER;
  if (state === "undecided") return UNDECIDED_ATTENTION.map(([reason, after]) => ({ reason, at: since + after }));
  return state === "held" && !terms.auto_clearing && decidedAt !== null ? [{ reason: "hold_expires", at: decidedAt + HOLD_ATTENTION }] : [];
}

/** The unsettled refunds for which no attention was raised yet. */
export function unreportedRefunds(attempt: Attempt): readonly LedgerRow[] {
  return attempt.state === "paid" ? unsettledRefunds(attempt.ledger).filter(({ isReported }) => !isReported) : [];
}

/** When attention is raised for the next unsettled refund; null without one. */
function unsettledAttentionAt(attempt: Attempt): number | null {
  const times = unreportedRefunds(attempt).map(({ firstSeenAt }) => firstSeenAt + UNSETTLED_REFUND_ATTENTION);
  return times.length === 0 ? null : Math.min(...times);
}
