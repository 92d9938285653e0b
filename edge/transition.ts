/**
 * The state machine of one order: (record, event, now, random) → (record, effects, reply). Pure, so that a simulation replays
 * any history from a seed. edge/README.md has its table; the rules it cites are those of "Never twice, never lost".
 */
import type { AttentionReason } from "../src/edge-api.ts";
import { firstSendAt, loseOpenSend, sendIsOpen } from "./claimed.ts";
import { close, resolutionLooked, resolve } from "./closing.ts";
import type { Draft } from "./draft.ts";
import { isTold, tell } from "./draft.ts";
import type { ChargeEvent, Decision, Step, Surroundings } from "./event.ts";
import { look, looked, neverSent, waitsForReads } from "./finding.ts";
import { outboxRows } from "./outbox.ts";
import { HINT_PAUSE, nextHoldLook, nextLook, nextProvisionalLook, SEND_WINDOW, TELL_HOLD_ENDS, TELL_UNDECIDED } from "./pace.ts";
import { edited, lookAtOperation, operate, operationLooked } from "./operating.ts";
import { endOperation } from "./operation.ts";
import { pay } from "./paying.ts";
import { hasPendingRefund } from "./reconcile.ts";
import type { Attempt, ChargeRecord, Deadline } from "./record.ts";
import { entomb, retentionEnds } from "./retention.ts";
import { answered } from "./sending.ts";
import { chargeView } from "./view.ts";

/** Applies one event to a record. The given record is not changed. */
export function transition(before: ChargeRecord, event: ChargeEvent, surroundings: Surroundings): Step {
  const draft: Draft = { ...surroundings, record: structuredClone(before), effects: [], binding: null };
  const reply = apply(draft, event);
  rearm(draft);
  const { record, now } = draft;
  const forget = record.entombedAt !== before.entombedAt;
  if (!forget && JSON.stringify(chargeView(record, null)) !== JSON.stringify(chargeView(before, null))) record.updatedAt = now;
  const outbox = outboxRows(before, record, now);
  return { record, effects: draft.effects, reply, binding: draft.binding, outbox: forget ? [] : outbox, forget };
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

/** Every deadline of a record, by name. The object's alarm is the earliest. */
export function deadlinesOf(record: ChargeRecord, retentionDays: number): readonly Deadline[] {
  const deadlines: Deadline[] = [];
  const ends = retentionEnds(record, retentionDays);
  if (ends !== null) deadlines.push({ name: "retention", at: ends });
  for (const attempt of record.attempts) {
    if (attempt.nextLookAt !== null) deadlines.push({ name: `attempt ${attempt.number} look`, at: attempt.nextLookAt });
    for (const [reason, at] of tellings(attempt)) {
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
    for (const [reason, at] of tellings(attempt)) if (at <= now) tell(draft, reason, attempt, null);
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
  const { record, now } = draft;
  if (record.hintedAt !== null && now - record.hintedAt < HINT_PAUSE && now >= record.hintedAt) return;
  const hinted = record.attempts.filter(
    (attempt) =>
      attempt.lookingSince === null &&
      !sendIsOpen(attempt) &&
      (ticket === null ? attempt.nextLookAt !== null : attempt.ticket === ticket && attempt.sends.length > 0),
  );
  const undecided =
    ticket === null ? record.operations.filter((one) => one.state === "undecided" && one.lookingSince === null && !sendIsOpen(one)) : [];
  if (hinted.length + undecided.length === 0) return;
  record.hintedAt = now;
  for (const attempt of hinted) look(draft, attempt);
  for (const operation of undecided) lookAtOperation(draft, operation);
}

/** Sets the next look of every attempt that must have one and has none (rule 9: no undecided charge without a deadline). */
function rearm(draft: Draft): void {
  for (const attempt of draft.record.attempts) attempt.nextLookAt ??= nextLookOf(draft, attempt);
}

function nextLookOf({ record, now, random }: Draft, attempt: Attempt): number | null {
  const decidedAt = attempt.decidedAt ?? now;
  if (attempt.state === "undecided") return nextLook(now, now, now - firstSendAt(attempt), random.fraction());
  if (attempt.state === "held") return nextHoldLook(now, decidedAt, attempt.terms.auto_clearing, random.fraction());
  if (attempt.state === "paid" && hasPendingRefund(attempt.ledger)) {
    const since = record.operations.findLast((operation) => operation.attempt === attempt.number)?.claimedAt ?? decidedAt;
    return nextLook(now, now, now - since, random.fraction());
  }
  return attempt.failure?.by === "silence" ? nextProvisionalLook(now, decidedAt) : null;
}

/** What the merchant is to be told of an attempt by the mere passing of time. */
function tellings(attempt: Attempt): readonly (readonly [AttentionReason, number])[] {
  if (attempt.state === "undecided") return TELL_UNDECIDED.map(([reason, after]) => [reason, attempt.claimedAt + after] as const);
  const heldAt = attempt.state === "held" && !attempt.terms.auto_clearing ? attempt.decidedAt : null;
  return heldAt === null ? [] : [["hold_expires", heldAt + TELL_HOLD_ENDS] as const];
}
