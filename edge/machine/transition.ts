/**
 * The state machine of one order: (record, event, now, random) → (record, effects, reply). Pure, so that a simulation replays
 * any history from a seed. edge/README.md has its table; the rules it cites are those.
 */
import type { AttentionReason } from "../../src/edge-api.ts";
import { deadlinesAway, isAway, stayAway } from "./home-check.ts";
import { noteHint } from "./events/hint.ts";
import { firstSendAt, loseOpenSend, sendIsOpen } from "./pending-call.ts";
import { close } from "./events/close.ts";
import { resolutionLooked, resolve } from "./events/resolve.ts";
import type { Draft } from "./state.ts";
import { isTold, tell } from "./state.ts";
import type { ChargeEvent, Decision, Step, Surroundings } from "./event.ts";
import { look, looked, neverSent, waitsForReads } from "./events/polled.ts";
import { outboxRows } from "./notifications.ts";
import {
  HINT_PAUSE,
  MOST_UNSETTLED_TOLD,
  nextHoldLook,
  nextLook,
  nextProvisionalLook,
  nextUnsettledLook,
  SEND_WINDOW,
  TELL_HOLD_ENDS,
  TELL_UNDECIDED,
  TELL_UNSETTLED_REFUND,
} from "./schedule.ts";
import { edited, lookAtOperation, operate, operationLooked } from "./events/operate.ts";
import { endOperation } from "./operation.ts";
import { pay } from "./events/pay.ts";
import { unsettledRefunds } from "./reconcile.ts";
import type { Attempt, ChargeRecord, Deadline, Home, LedgerRow } from "./record.ts";
import { entomb, retentionEnds } from "./redaction.ts";
import { answered } from "./events/create-answered.ts";
import { chargeView } from "./view.ts";

/** Applies one event to a record. The given record is not changed. */
export function transition(before: ChargeRecord, event: ChargeEvent, surroundings: Surroundings): Step {
  const draft: Draft = { ...surroundings, record: structuredClone(before), effects: [], binding: null };
  const { record, now } = draft;
  const reply = isAway(record, surroundings.home) ? stayAway(draft, event) : goOn(draft, event);
  if (draft.binding !== null) record.boundKeys += 1;
  const forget = record.entombedAt !== before.entombedAt;
  if (!forget && JSON.stringify(chargeView(record, null)) !== JSON.stringify(chargeView(before, null))) record.updatedAt = now;
  const outbox = outboxRows(before, record, now);
  return { record, effects: draft.effects, reply, binding: draft.binding, outbox: forget ? [] : outbox, forget };
}

/** An event of an order that is at home. */
function goOn(draft: Draft, event: ChargeEvent): Decision | null {
  draft.record.gatewayChanged = null;
  const reply = apply(draft, event);
  rearm(draft);
  if (event.type === "hint" || event.type === "looked") followHints(draft);
  return reply;
}

function apply(draft: Draft, event: ChargeEvent): Decision | null {
  switch (event.type) {
    case "pay":
      return pay(draft, event);
    case "operate":
      return operate(draft, event);
    case "close":
      return close(draft, event);
    case "resolve":
      return resolve(draft, event);
    case "edited":
      edited(draft, event);
      return null;
    case "operation_looked":
      operationLooked(draft, event);
      return null;
    case "resolution_looked":
      resolutionLooked(draft, event);
      return null;
    case "answered":
      answered(draft, event);
      return null;
    case "looked":
      looked(draft, event);
      return null;
    case "due":
      due(draft);
      return null;
    case "hint":
      hint(draft, event.ticket);
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
    if (attempt.nextLookAt !== null) deadlines.push({ name: `attempt ${attempt.number} look`, at: attempt.nextLookAt });
    const unsettledAt = record.entombedAt === null ? tellUnsettledAt(attempt) : null;
    if (unsettledAt !== null) deadlines.push({ name: `attempt ${attempt.number} refund_unsettled`, at: unsettledAt });
    for (const { reason, at } of tellings(record, attempt)) {
      if (!isTold(record, reason, attempt)) deadlines.push({ name: `attempt ${attempt.number} ${reason}`, at });
    }
  }
  for (const { number, nextLookAt } of record.operations) {
    if (nextLookAt !== null) deadlines.push({ name: `operation ${number} look`, at: nextLookAt });
  }
  for (const { number, nextLookAt } of record.resolutions) {
    if (nextLookAt !== null) deadlines.push({ name: `resolution ${number}`, at: nextLookAt });
  }
  return deadlines;
}

function due(draft: Draft): void {
  const { record, now } = draft;
  const ends = retentionEnds(record, draft.retentionDays);
  if (ends !== null && ends <= now) {
    entomb(record, now);
    return;
  }
  for (const attempt of record.attempts) {
    for (const { reason, at } of tellings(record, attempt)) if (at <= now) tell(draft, reason, attempt, null);
    tellUnsettledRefunds(draft, attempt);
    if (attempt.nextLookAt === null || attempt.nextLookAt > now) continue;
    loseOpenSend(attempt, now);
    if (waitsForReads(attempt) && attempt.puzzle === null && now - attempt.claimedAt > SEND_WINDOW) neverSent(draft, attempt);
    else look(draft, attempt);
  }
  for (const operation of record.operations) {
    if (operation.nextLookAt === null || operation.nextLookAt > now) continue;
    loseOpenSend(operation, now);
    if (operation.body === null && now - operation.claimedAt > SEND_WINDOW)
      endOperation(operation, "not_done", now, { code: "unavailable", gatewayCode: null, description: null });
    else lookAtOperation(draft, operation);
  }
  for (const resolution of record.resolutions) {
    if (resolution.nextLookAt === null || resolution.nextLookAt > now) continue;
    resolution.state = "unavailable";
    resolution.nextLookAt = null;
  }
}

function hint(draft: Draft, ticket: string | null): void {
  if (ticket === null) bringLooksForward(draft);
  else noteHint(draft, ticket);
}

/** A GET brings the next look forward, unless another GET did so less than HINT_PAUSE ago. */
function bringLooksForward(draft: Draft): void {
  const { record, now } = draft;
  if (record.hintedAt !== null && now - record.hintedAt < HINT_PAUSE && now >= record.hintedAt) return;
  const hinted = record.attempts.filter(
    (attempt) => attempt.lookingSince === null && !waitsForSend(attempt) && attempt.nextLookAt !== null,
  );
  const undecided = record.operations.filter((one) => one.state === "undecided" && one.lookingSince === null && !sendIsOpen(one));
  if (hinted.length + undecided.length === 0) return;
  record.hintedAt = now;
  for (const attempt of hinted) look(draft, attempt);
  for (const operation of undecided) lookAtOperation(draft, operation);
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
function followHints(draft: Draft): void {
  const { record, now } = draft;
  for (const attempt of record.attempts) {
    const at = hintedLookAt(draft, attempt);
    if (at === null) continue;
    if (at <= now) look(draft, attempt);
    else attempt.nextLookAt = Math.min(attempt.nextLookAt ?? at, at);
  }
}

/** When the look has to begin that follows a callback; null where none is waited for, or a look or send has to end first. */
function hintedLookAt({ now, random }: Draft, attempt: Attempt): number | null {
  const { hint: callback, lookStartedAt } = attempt;
  if (callback === null || attempt.lookingSince !== null || waitsForSend(attempt)) return null;
  // A clock that was set back does not put the look off.
  if (lookStartedAt === null || lookStartedAt > now) return now;
  return callback.isTried ? nextLook(now, lookStartedAt, Math.max(0, now - callback.at), random.fraction()) : lookStartedAt + HINT_PAUSE;
}

/** Sets the next look of every attempt that must have one and has none (M9: no undecided charge without a deadline). */
function rearm(draft: Draft): void {
  for (const attempt of draft.record.attempts) {
    if (attempt.nextLookAt !== null) continue;
    const times = [nextLookOf(draft, attempt), hintedLookAt(draft, attempt)].filter((at) => at !== null);
    attempt.nextLookAt = times.length === 0 ? null : Math.min(...times);
  }
}

/** When an attempt is to be looked at by its state alone; null where it is settled. */
function nextLookOf(draft: Draft, attempt: Attempt): number | null {
  const { record, now, random } = draft;
  // A redacted order is read no more (M10).
  if (record.entombedAt !== null) return null;
  const decidedAt = attempt.decidedAt ?? now;
  if (attempt.state === "undecided") return nextLook(now, now, now - firstSendAt(attempt), random.fraction());
  if (attempt.state === "held") return nextHoldLook(now, decidedAt, attempt.terms.auto_clearing, random.fraction());
  if (attempt.state === "paid") {
    const newest = Math.max(...unsettledRefunds(attempt.ledger).map(({ firstSeenAt }) => firstSeenAt));
    return Number.isFinite(newest) ? nextUnsettledLook(now, newest, random.fraction()) : null;
  }
  return attempt.failure?.by === "silence" ? nextProvisionalLook(now, decidedAt) : null;
}

/** What the merchant is to be told of an attempt by the mere passing of time. */
interface Telling {
  readonly reason: AttentionReason;
  readonly at: number;
}

function tellings(record: ChargeRecord, { state, claimedAt, decidedAt, terms }: Attempt): readonly Telling[] {
  if (record.entombedAt !== null) return [];
  if (state === "undecided") return TELL_UNDECIDED.map(([reason, after]) => ({ reason, at: claimedAt + after }));
  return state === "held" && !terms.auto_clearing && decidedAt !== null ? [{ reason: "hold_expires", at: decidedAt + TELL_HOLD_ENDS }] : [];
}

function untoldRefunds(attempt: Attempt): readonly LedgerRow[] {
  return attempt.state === "paid" ? unsettledRefunds(attempt.ledger).filter(({ isTold }) => !isTold) : [];
}

/** When the merchant is to be told of a refund that is not settled; null where there is none of which they were not told. */
function tellUnsettledAt(attempt: Attempt): number | null {
  const times = untoldRefunds(attempt).map(({ firstSeenAt }) => firstSeenAt + TELL_UNSETTLED_REFUND);
  return times.length === 0 ? null : Math.min(...times);
}

/** Tells of the refunds that were not settled in a day, once for those that are late together, with the gateway's word for the first. */
function tellUnsettledRefunds(draft: Draft, attempt: Attempt): void {
  const { record, now } = draft;
  const { ledger } = attempt;
  const late = untoldRefunds(attempt).filter(({ firstSeenAt }) => firstSeenAt + TELL_UNSETTLED_REFUND <= now);
  const [first] = late;
  if (first === undefined || ledger === null) return;
  const lateIds = new Set(late.map(({ id }) => id));
  ledger.refunds = ledger.refunds.map((row) => (lateIds.has(row.id) ? { ...row, isTold: true } : row));
  const told = record.attention.filter(({ reason }) => reason === "refund_unsettled").length;
  if (told < MOST_UNSETTLED_TOLD)
    record.attention.push({ at: now, reason: "refund_unsettled", attempt: attempt.number, operation: null, detail: first.status });
}
