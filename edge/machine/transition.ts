/**
 * The state machine of one order: (record, event, now, random) → (record, effects, reply). Pure, so that a simulation replays
 * any history from a seed. edge/README.md has its table; the rules it cites are those.
 */
import type { AttentionReason } from "../../src/edge-api.ts";
import { deadlinesAway, isAway, applyAway } from "./home-check.ts";
import { noteHint } from "./events/hint.ts";
import { firstSendAt, loseOpenSend, sendIsOpen } from "./pending-call.ts";
import { close } from "./events/close.ts";
import { onResolutionRead, resolve } from "./events/resolve.ts";
import type { TransitionContext } from "./state.ts";
import { isRaised, raiseAttention } from "./state.ts";
import type { ChargeEvent, Decision, Step, Environment } from "./event.ts";
import { poll, onPolled, failUnsent, waitsForReads } from "./events/polled.ts";
import { outboxRows } from "./notifications.ts";
import {
  HINT_PAUSE,
  MAX_UNSETTLED_ATTENTION,
  nextHoldPoll,
  nextPoll,
  nextProvisionalPoll,
  nextUnsettledPoll,
  SEND_WINDOW,
  HOLD_ATTENTION,
  UNDECIDED_ATTENTION,
  UNSETTLED_REFUND_ATTENTION,
} from "./schedule.ts";
import { onEditAnswered, pollOperation, operate, onOperationPolled } from "./events/operate.ts";
import { endOperation } from "./operation.ts";
import { pay } from "./events/pay.ts";
import { unsettledRefunds } from "./reconcile.ts";
import type { Attempt, ChargeRecord, Deadline, Home, LedgerRow } from "./record.ts";
import { redact, retentionEnds } from "./redaction.ts";
import { onCreateAnswered } from "./events/create-answered.ts";
import { chargeView } from "./view.ts";

/** Applies one event to a record. The given record is not changed. */
export function transition(before: ChargeRecord, event: ChargeEvent, environment: Environment): Step {
  const context: TransitionContext = { ...environment, record: structuredClone(before), effects: [], binding: null };
  const { record, now } = context;
  const reply = isAway(record, environment.home) ? applyAway(context, event) : applyAtHome(context, event);
  if (context.binding !== null) record.boundKeys += 1;
  const forget = record.redactedAt !== before.redactedAt;
  if (!forget && JSON.stringify(chargeView(record, null)) !== JSON.stringify(chargeView(before, null))) record.updatedAt = now;
  const outbox = outboxRows(before, record, now);
  return { record, effects: context.effects, reply, binding: context.binding, outbox: forget ? [] : outbox, forget };
}

/** An event of an order that is at home. */
function applyAtHome(context: TransitionContext, event: ChargeEvent): Decision | null {
  context.record.gatewayChanged = null;
  const reply = apply(context, event);
  scheduleNextPolls(context);
  if (event.type === "hint" || event.type === "polled") pollAfterHints(context);
  return reply;
}

function apply(context: TransitionContext, event: ChargeEvent): Decision | null {
  switch (event.type) {
    case "pay":
      return pay(context, event);
    case "operate":
      return operate(context, event);
    case "close":
      return close(context, event);
    case "resolve":
      return resolve(context, event);
    case "edit_answered":
      onEditAnswered(context, event);
      return null;
    case "operation_polled":
      onOperationPolled(context, event);
      return null;
    case "resolution_read":
      onResolutionRead(context, event);
      return null;
    case "create_answered":
      onCreateAnswered(context, event);
      return null;
    case "polled":
      onPolled(context, event);
      return null;
    case "alarm":
      onAlarm(context);
      return null;
    case "hint":
      onHint(context, event.ticket);
      return null;
  }
}

/**
 * Every deadline of a record, by name: a function of the record and of the settings alone. The object's alarm is the earliest.
 */
export function deadlinesOf(record: ChargeRecord, settings: { readonly retentionDays: number; readonly home: Home }): readonly Deadline[] {
  const deadlines = deadlinesAtHome(record, settings.retentionDays);
  return isAway(record, settings.home) ? deadlinesAway(record, deadlines) : deadlines;
}

function deadlinesAtHome(record: ChargeRecord, retentionDays: number): readonly Deadline[] {
  const deadlines: Deadline[] = [];
  const ends = retentionEnds(record, retentionDays);
  if (ends !== null) deadlines.push({ name: "retention", at: ends });
  for (const attempt of record.attempts) {
    if (attempt.nextPollAt !== null) deadlines.push({ name: `attempt ${attempt.number} poll`, at: attempt.nextPollAt });
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

function onAlarm(context: TransitionContext): void {
  const { record, now } = context;
  const ends = retentionEnds(record, context.retentionDays);
  if (ends !== null && ends <= now) {
    redact(record, now);
    return;
  }
  for (const attempt of record.attempts) {
    for (const { reason, at } of attentionsDue(record, attempt)) if (at <= now) raiseAttention(context, reason, attempt, null);
    raiseUnsettledRefunds(context, attempt);
    if (attempt.nextPollAt === null || attempt.nextPollAt > now) continue;
    loseOpenSend(attempt, now);
    if (waitsForReads(attempt) && attempt.mismatch === null && now - attempt.createdAt > SEND_WINDOW) failUnsent(context, attempt);
    else poll(context, attempt);
  }
  for (const operation of record.operations) {
    if (operation.nextPollAt === null || operation.nextPollAt > now) continue;
    loseOpenSend(operation, now);
    if (operation.body === null && now - operation.createdAt > SEND_WINDOW)
      endOperation(operation, "not_done", now, { code: "unavailable", gatewayCode: null, description: null });
    else pollOperation(context, operation);
  }
  for (const resolution of record.resolutions) {
    if (resolution.nextPollAt === null || resolution.nextPollAt > now) continue;
    resolution.state = "unavailable";
    resolution.nextPollAt = null;
  }
}

function onHint(context: TransitionContext, ticket: string | null): void {
  if (ticket === null) pollEarly(context);
  else noteHint(context, ticket);
}

/** A GET brings the next look forward, unless another GET did so less than HINT_PAUSE ago. */
function pollEarly(context: TransitionContext): void {
  const { record, now } = context;
  if (record.hintedAt !== null && now - record.hintedAt < HINT_PAUSE && now >= record.hintedAt) return;
  const hinted = record.attempts.filter(
    (attempt) => attempt.pollStartedAt === null && !waitsForSend(attempt) && attempt.nextPollAt !== null,
  );
  const undecided = record.operations.filter((one) => one.state === "undecided" && one.pollStartedAt === null && !sendIsOpen(one));
  if (hinted.length + undecided.length === 0) return;
  record.hintedAt = now;
  for (const attempt of hinted) poll(context, attempt);
  for (const operation of undecided) pollOperation(context, operation);
}

/** Whether an attempt's fate hangs on a send that is out. An attempt that is decided waits for none. */
function waitsForSend(attempt: Attempt): boolean {
  return attempt.state === "undecided" && sendIsOpen(attempt);
}

/**
 * Every callback is followed by a look that began after it and could be read: at once, or HINT_PAUSE after the start of the look before.
 * While a look is out the callback waits for its end; while a send is out, for the first look after that. A look that could not be read
 * is repeated by the pace of an undecided charge, for a day. Several callbacks are followed by one look (M7).
 */
function pollAfterHints(context: TransitionContext): void {
  const { record, now } = context;
  for (const attempt of record.attempts) {
    const at = hintedPollAt(context, attempt);
    if (at === null) continue;
    if (at <= now) poll(context, attempt);
    else attempt.nextPollAt = Math.min(attempt.nextPollAt ?? at, at);
  }
}

/** When the look has to begin that follows a callback; null where none is waited for, or a look or send has to end first. */
function hintedPollAt({ now, random }: TransitionContext, attempt: Attempt): number | null {
  const { hint: callback, lastPollAt } = attempt;
  if (callback === null || attempt.pollStartedAt !== null || waitsForSend(attempt)) return null;
  // A clock that was set back does not put the look off.
  if (lastPollAt === null || lastPollAt > now) return now;
  return callback.isPolled
    ? nextPoll({ now, startedAt: lastPollAt, age: Math.max(0, now - callback.at), fraction: random.fraction() })
    : lastPollAt + HINT_PAUSE;
}

/** Sets the next look of every attempt that must have one and has none (M9: no undecided charge without a deadline). */
function scheduleNextPolls(context: TransitionContext): void {
  for (const attempt of context.record.attempts) {
    if (attempt.nextPollAt !== null) continue;
    const times = [nextPollOf(context, attempt), hintedPollAt(context, attempt)].filter((at) => at !== null);
    attempt.nextPollAt = times.length === 0 ? null : Math.min(...times);
  }
}

/** When an attempt is to be looked at by its state alone; null where it is settled. */
function nextPollOf(context: TransitionContext, attempt: Attempt): number | null {
  const { record, now, random } = context;
  // A redacted order is read no more (M10).
  if (record.redactedAt !== null) return null;
  const decidedAt = attempt.decidedAt ?? now;
  if (attempt.state === "undecided") return nextPoll({ now, startedAt: now, age: now - firstSendAt(attempt), fraction: random.fraction() });
  if (attempt.state === "held")
    return nextHoldPoll({ now, heldAt: decidedAt, autoClearing: attempt.terms.auto_clearing, fraction: random.fraction() });
  if (attempt.state === "paid") {
    const newest = Math.max(...unsettledRefunds(attempt.ledger).map(({ firstSeenAt }) => firstSeenAt));
    return Number.isFinite(newest) ? nextUnsettledPoll({ now, firstSeenAt: newest, fraction: random.fraction() }) : null;
  }
  return attempt.failure?.by === "silence" ? nextProvisionalPoll({ now, decidedAt }) : null;
}

/** What the merchant is to be told of an attempt by the mere passing of time. */
interface DueAttention {
  readonly reason: AttentionReason;
  readonly at: number;
}

function attentionsDue(record: ChargeRecord, { state, createdAt, decidedAt, terms }: Attempt): readonly DueAttention[] {
  if (record.redactedAt !== null) return [];
  if (state === "undecided") return UNDECIDED_ATTENTION.map(([reason, after]) => ({ reason, at: createdAt + after }));
  return state === "held" && !terms.auto_clearing && decidedAt !== null ? [{ reason: "hold_expires", at: decidedAt + HOLD_ATTENTION }] : [];
}

function unreportedRefunds(attempt: Attempt): readonly LedgerRow[] {
  return attempt.state === "paid" ? unsettledRefunds(attempt.ledger).filter(({ isReported }) => !isReported) : [];
}

/** When the merchant is to be told of a refund that is not settled; null where there is none of which they were not told. */
function unsettledAttentionAt(attempt: Attempt): number | null {
  const times = unreportedRefunds(attempt).map(({ firstSeenAt }) => firstSeenAt + UNSETTLED_REFUND_ATTENTION);
  return times.length === 0 ? null : Math.min(...times);
}

/** Tells of the refunds that were not settled in a day, once for those that are late together, with the gateway's word for the first. */
function raiseUnsettledRefunds(context: TransitionContext, attempt: Attempt): void {
  const { record, now } = context;
  const { ledger } = attempt;
  const late = unreportedRefunds(attempt).filter(({ firstSeenAt }) => firstSeenAt + UNSETTLED_REFUND_ATTENTION <= now);
  const [first] = late;
  if (first === undefined || ledger === null) return;
  const lateIds = new Set(late.map(({ id }) => id));
  ledger.refunds = ledger.refunds.map((row) => (lateIds.has(row.id) ? { ...row, isReported: true } : row));
  const raised = record.attention.filter(({ reason }) => reason === "refund_unsettled").length;
  if (raised < MAX_UNSETTLED_ATTENTION)
    record.attention.push({ at: now, reason: "refund_unsettled", attempt: attempt.number, operation: null, detail: first.status });
}
