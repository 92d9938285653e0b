/**
 * The state machine of one order: (record, event, now, random) → (record, effects, reply). Pure, so that a simulation replays
 * any history from a seed. edge/README.md has its table; the rules it cites are those of "Never twice, never lost".
 */
import type { AttentionReason } from "../src/edge-api.ts";
import { deadlinesAway, isAway, stayAway } from "./away.ts";
import { firstSendAt, loseOpenSend, sendIsOpen } from "./claimed.ts";
import { close, resolutionLooked, resolve } from "./closing.ts";
import type { Draft } from "./draft.ts";
import { isTold, tell } from "./draft.ts";
import type { ChargeEvent, Decision, Step, Surroundings } from "./event.ts";
import { look, looked, neverSent, waitsForReads } from "./finding.ts";
import { outboxRows } from "./outbox.ts";
import {
  HINT_PAUSE,
  nextHoldLook,
  nextLook,
  nextProvisionalLook,
  nextUnsettledLook,
  SEND_WINDOW,
  TELL_HOLD_ENDS,
  TELL_UNDECIDED,
  TELL_UNSETTLED_REFUND,
} from "./pace.ts";
import { edited, lookAtOperation, operate, operationLooked } from "./operating.ts";
import { endOperation } from "./operation.ts";
import { pay } from "./paying.ts";
import { unsettledRefunds } from "./reconcile.ts";
import type { Attempt, ChargeRecord, Deadline, Home } from "./record.ts";
import { entomb, retentionEnds } from "./retention.ts";
import { answered } from "./sending.ts";
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
  if (event.type === "hint" || event.type === "looked") followHints(draft);
  rearm(draft);
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
  for (const attempt of record.attempts) {
    for (const { reason, at, detail } of tellings(record, attempt)) if (at <= now) tell(draft, reason, attempt, detail);
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
  const ends = retentionEnds(record, draft.retentionDays);
  if (ends !== null && ends <= now) entomb(record, now);
}

function hint(draft: Draft, ticket: string | null): void {
  if (ticket === null) bringLooksForward(draft);
  else for (const attempt of draft.record.attempts) if (attempt.ticket === ticket && attempt.sends.length > 0) attempt.hintPending = true;
}

/** A GET brings the next look forward, unless another GET did so less than HINT_PAUSE ago. */
function bringLooksForward(draft: Draft): void {
  const { record, now } = draft;
  if (record.hintedAt !== null && now - record.hintedAt < HINT_PAUSE && now >= record.hintedAt) return;
  const hinted = record.attempts.filter((attempt) => attempt.lookingSince === null && !sendIsOpen(attempt) && attempt.nextLookAt !== null);
  const undecided = record.operations.filter((one) => one.state === "undecided" && one.lookingSince === null && !sendIsOpen(one));
  if (hinted.length + undecided.length === 0) return;
  record.hintedAt = now;
  for (const attempt of hinted) look(draft, attempt);
  for (const operation of undecided) lookAtOperation(draft, operation);
}

/**
 * Every callback is followed by a look that began after it: at once, or HINT_PAUSE after the start of the look before. While a look is
 * out the callback waits for its end; while a send is out, for the first look after that. Several callbacks are followed by one look
 * (rule 7).
 */
function followHints(draft: Draft): void {
  const { record, now } = draft;
  for (const attempt of record.attempts) {
    const at = hintedLookAt(attempt, now);
    if (at === null) continue;
    if (at <= now) look(draft, attempt);
    else attempt.nextLookAt = Math.min(attempt.nextLookAt ?? at, at);
  }
}

/** When the look has to begin that follows a callback; null where none is waited for, or a look or send has to end first. */
function hintedLookAt(attempt: Attempt, now: number): number | null {
  if (!attempt.hintPending || attempt.lookingSince !== null || sendIsOpen(attempt)) return null;
  const startedAt = attempt.lookStartedAt;
  // A clock that was set back does not put the look off.
  return startedAt === null || startedAt > now ? now : startedAt + HINT_PAUSE;
}

/** Sets the next look of every attempt that must have one and has none (rule 9: no undecided charge without a deadline). */
function rearm(draft: Draft): void {
  for (const attempt of draft.record.attempts) attempt.nextLookAt ??= nextLookOf(draft, attempt);
}

function nextLookOf({ record, now, random }: Draft, attempt: Attempt): number | null {
  // A redacted order is read no more (rule 10).
  if (record.entombedAt !== null) return null;
  const hintedAt = hintedLookAt(attempt, now);
  if (hintedAt !== null) return hintedAt;
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
  readonly detail: string | null;
}

function tellings(record: ChargeRecord, attempt: Attempt): readonly Telling[] {
  if (record.entombedAt !== null) return [];
  const { state, claimedAt, decidedAt, terms, ledger } = attempt;
  if (state === "undecided") return TELL_UNDECIDED.map(([reason, after]) => ({ reason, at: claimedAt + after, detail: null }));
  if (state === "held" && !terms.auto_clearing && decidedAt !== null)
    return [{ reason: "hold_expires", at: decidedAt + TELL_HOLD_ENDS, detail: null }];
  const [oldest] = state === "paid" ? unsettledRefunds(ledger).toSorted((one, other) => one.firstSeenAt - other.firstSeenAt) : [];
  if (oldest === undefined) return [];
  return [{ reason: "refund_unsettled", at: oldest.firstSeenAt + TELL_UNSETTLED_REFUND, detail: oldest.status }];
}
