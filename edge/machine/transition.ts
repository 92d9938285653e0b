/**
 * The state machine of one order: (record, event, environment) → (record, effects, decision). Pure, so that the simulation can replay
 * any history from a seed. Its table is in edge/README.md; its rules M1 to M10 are in docs/money-rules.md.
 */
import { DAY } from "../../src/lib/time.ts";
import { attentionsDue, unreportedRefunds } from "./deadlines.ts";
import { applyAway } from "./home-check.ts";
import { noteHint, noteTest } from "./events/hint.ts";
import { firstSendAt, markSendLost, sendIsOpen } from "./pending-call.ts";
import { close } from "./events/close.ts";
import { onResolutionRead, resolve } from "./events/resolve.ts";
import type { TransitionContext } from "./state.ts";
import { raiseAttention } from "./state.ts";
import type { ChargeEvent, Decision, Step, Environment } from "./event.ts";
import { onFollowingRead, onPolled, poll, waitsForReads } from "./events/polled.ts";
import { failUnsent } from "./attempt.ts";
import { outboxRows } from "./notifications.ts";
import {
  CALL_LOST_AFTER,
  HINT_PAUSE,
  MAX_UNSETTLED_ATTENTION,
  PAGE_ENDS_AFTER,
  PAGE_HINT_PAUSE,
  nextHoldPoll,
  nextPagePoll,
  nextPoll,
  nextProvisionalPoll,
  nextUnsettledPoll,
  SEND_WINDOW,
  UNSETTLED_REFUND_ATTENTION,
} from "./schedule.ts";
import { onEditAnswered, pollOperation, operate, onOperationPolled } from "./events/operate.ts";
import { endOperation } from "./operation.ts";
import { pay } from "./events/pay.ts";
import { unsettledRefunds } from "./reconcile.ts";
import type { Attempt, ChargeRecord, PendingCall } from "./record.ts";
import { redact, retentionEnds } from "./redaction.ts";
import { onCreateAnswered } from "./events/create-answered.ts";
import { endLostPage, onPageOpened } from "./events/page-opened.ts";
import { onReturned } from "./events/returned.ts";
import { closeExpiredPages, hasOpenTry, isProvisional, openedAtOf } from "./page.ts";
import { nextLookup, onCardsListed, onLookupDue, settleProfile } from "./profile.ts";
import { chargeView, currentAttempt } from "./view.ts";

/** Applies one event. The given record is not changed. */
export function transition(before: ChargeRecord, event: ChargeEvent, environment: Environment): Step {
  const context: TransitionContext = { ...environment, record: structuredClone(before), effects: [], binding: null };
  const { record, now } = context;
  closeExpiredPages(record, now);
  const reply = environment.isAway ? applyAway(context, event) : applyAtHome(context, event);
  if (context.binding !== null) record.boundKeys += 1;
  const forget = record.redactedAt !== before.redactedAt;
  if (!forget && JSON.stringify(chargeView(record, null)) !== JSON.stringify(chargeView(before, null))) record.updatedAt = now;
  const outbox = outboxRows(before, record, now);
  return { record, effects: context.effects, reply, binding: context.binding, outbox: forget ? [] : outbox, forget };
}

/** An event while the settings name the order's home. */
function applyAtHome(context: TransitionContext, event: ChargeEvent): Decision | null {
  context.record.gatewayChanged = null;
  const reply = apply(context, event);
  for (const attempt of context.record.attempts) settleProfile(attempt);
  scheduleNextPolls(context);
  const asksPage = reply?.ok === false && reply.asksPage !== undefined;
  if (asksPage || MAY_POLL_AT_ONCE.has(event.type)) pollAfterHints(context);
  return reply;
}

/** Events after which the poll that a callback waits for may begin at once. So may a request to pay that asks an open page to give way. */
const MAY_POLL_AT_ONCE: ReadonlySet<ChargeEvent["type"]> = new Set<ChargeEvent["type"]>([
  "hint",
  "returned",
  "close",
  "polled",
  "create_answered",
  "page_opened",
]);

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
      if (event.read !== null) onFollowingRead(context, event.attempt, event.read);
      return null;
    case "page_opened":
      onPageOpened(context, event);
      return null;
    case "returned":
      onReturned(context, event);
      return null;
    case "cards_listed": {
      const attempt = context.record.attempts[event.attempt - 1];
      if (attempt !== undefined && attempt.page !== null && event.cards !== null) onCardsListed(attempt, attempt.page, event.cards);
      return null;
    }
    case "polled":
      onPolled(context, event);
      return null;
    case "alarm":
      onAlarm(context);
      return null;
    case "hint":
      onHint(context, event);
      return null;
  }
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
    const lookupAt = attempt.page === null ? null : nextLookup(attempt.page);
    if (attempt.page !== null && lookupAt !== null && lookupAt <= now) onLookupDue(context, attempt, attempt.page);
    if (attempt.nextPollAt === null || attempt.nextPollAt > now || waitsForOpenCall(context, attempt, `attempt ${attempt.number}`))
      continue;
    if (attempt.page !== null && attempt.state === "undecided" && sendIsOpen(attempt)) {
      markSendLost(attempt, now);
      endLostPage(attempt, now);
      continue;
    }
    markSendLost(attempt, now);
    if (waitsForReads(attempt) && attempt.mismatch === null && now - attempt.createdAt > SEND_WINDOW) failUnsent(attempt, now);
    else poll(context, attempt);
  }
  for (const operation of record.operations) {
    if (operation.nextPollAt === null || operation.nextPollAt > now) continue;
    if (waitsForOpenCall(context, operation, `operation ${operation.number}`)) continue;
    markSendLost(operation, now);
    if (operation.body === null && now - operation.createdAt > SEND_WINDOW)
      endOperation(operation, "not_done", now, { code: "unavailable", gatewayCode: null, description: null });
    else pollOperation(context, operation);
  }
  for (const resolution of record.resolutions) {
    if (resolution.nextPollAt === null || resolution.nextPollAt > now) continue;
    // Its read is still queued or open in this object.
    if (context.openCalls.has(`resolution ${resolution.number}`)) {
      resolution.nextPollAt = now + CALL_LOST_AFTER;
      continue;
    }
    resolution.state = "unavailable";
    resolution.nextPollAt = null;
  }
}

/**
 * Whether a call of this attempt or operation is still queued or open in this object. Then it is not lost, however late it is, and its
 * deadline is put off. After a reset no call is open, so every one without an answer counts as lost.
 */
function waitsForOpenCall({ now, openCalls }: TransitionContext, call: PendingCall, name: string): boolean {
  if (!openCalls.has(`${name} send`) && !openCalls.has(`${name} poll`)) return false;
  call.nextPollAt = now + CALL_LOST_AFTER;
  return true;
}

function onHint(context: TransitionContext, { ticket, isTest = false, notice }: Extract<ChargeEvent, { type: "hint" }>): void {
  if (ticket === null) {
    pollEarly(context);
    return;
  }
  noteHint(context, ticket, notice);
  if (isTest) noteTest(context, ticket);
}

/** A GET starts a poll at once, unless another GET did so less than HINT_PAUSE ago. */
function pollEarly(context: TransitionContext): void {
  const { record, now } = context;
  if (record.hintedAt !== null && now - record.hintedAt < HINT_PAUSE && now >= record.hintedAt) return;
  const hinted = record.attempts.filter(
    (attempt) =>
      attempt.pollStartedAt === null && !hasOpenSend(attempt) && attempt.nextPollAt !== null && mayPollPageEarly(record, attempt, now),
  );
  const undecided = record.operations.filter((one) => one.state === "undecided" && one.pollStartedAt === null && !sendIsOpen(one));
  if (hinted.length + undecided.length === 0) return;
  record.hintedAt = now;
  for (const attempt of hinted) poll(context, attempt);
  for (const operation of undecided) pollOperation(context, operation);
}

/**
 * Whether a GET may bring a page's poll forward: PAGE_HINT_PAUSE after its last one, and only while it is undecided or shows the order. An
 * order may have many pages that came to nothing and are read on (P5).
 */
function mayPollPageEarly(record: ChargeRecord, attempt: Attempt, now: number): boolean {
  const { page, state, sends, lastPollStartedAt } = attempt;
  if (page === null || (state === "undecided" && sends.length === 0)) return true;
  if (state !== "undecided" && currentAttempt(record) !== attempt) return false;
  return lastPollStartedAt === null || lastPollStartedAt > now || now - lastPollStartedAt >= PAGE_HINT_PAUSE;
}

/** Whether an undecided attempt waits for the answer of a send. */
function hasOpenSend(attempt: Attempt): boolean {
  return attempt.state === "undecided" && sendIsOpen(attempt);
}

/**
 * After a callback there is a poll that began later than it and whose answer could be read (M7).
 *
 * 1. The poll begins at once, or HINT_PAUSE after the last poll began.
 * 2. While a poll or a send is open, the callback waits for its end.
 * 3. A poll without a readable answer is repeated at the intervals of an undecided charge, for a day.
 * 4. One poll serves all callbacks before it.
 * 5. For a decided attempt the object waits for the time of the poll, a few seconds, and stores it as begun. That saves the rows of a
 *    deadline and of two alarms. After a reset it is repeated like any poll without an answer.
 */
function pollAfterHints(context: TransitionContext): void {
  const { record, now } = context;
  for (const attempt of record.attempts) {
    const at = pollAtAfterCallback(context, attempt);
    if (at === null) continue;
    if (at <= now) poll(context, attempt);
    else if (mayWaitInMemory(attempt, at)) poll(context, attempt, at);
    else attempt.nextPollAt = Math.min(attempt.nextPollAt ?? at, at);
  }
}

/** Whether the first poll after a callback is of a decided attempt, and no other poll of it comes earlier. */
function mayWaitInMemory({ state, hint, nextPollAt }: Attempt, at: number): boolean {
  return state !== "undecided" && hint?.hasLedToPoll === false && (nextPollAt === null || nextPollAt >= at);
}

/**
 * When to poll because of a callback. Null without one, or while a running poll or send must end first. The first poll comes HINT_PAUSE
 * after the last one; later ones, while no answer could be read, at the intervals of an undecided charge, by the callback's age.
 */
function pollAtAfterCallback({ now, random }: TransitionContext, attempt: Attempt): number | null {
  const { hint: callback, lastPollStartedAt } = attempt;
  if (callback === null || attempt.pollStartedAt !== null || hasOpenSend(attempt)) return null;
  // After the clock was set back the last poll can lie in the future: poll now.
  if (lastPollStartedAt === null || lastPollStartedAt > now) return now;
  return callback.hasLedToPoll
    ? nextPoll({ now, startedAt: lastPollStartedAt, age: Math.max(0, now - callback.at), fraction: random.fraction() })
    : lastPollStartedAt + HINT_PAUSE;
}

/** Sets the next poll of every attempt that needs one and has none. No undecided charge is without a deadline (M9). */
function scheduleNextPolls(context: TransitionContext): void {
  for (const attempt of context.record.attempts) {
    if (attempt.nextPollAt !== null && !waitsForPageEnd(attempt)) continue;
    attempt.nextPollAt = earliest(nextPollOf(context, attempt), pollAtAfterCallback(context, attempt));
  }
}

/** Whether the next poll is the one at the page's end. It was set when the page took money; a refund since then may need an earlier one. */
function waitsForPageEnd(attempt: Attempt): boolean {
  const { state, page, pollStartedAt, nextPollAt } = attempt;
  return page !== null && state === "paid" && pollStartedAt === null && nextPollAt === openedAtOf(attempt) + PAGE_ENDS_AFTER;
}

/** When to poll an attempt because of its state; null if it is settled. */
function nextPollOf(context: TransitionContext, attempt: Attempt): number | null {
  const { record, now, random } = context;
  // A redacted order is not polled any more (M10).
  if (record.redactedAt !== null) return null;
  const decidedAt = attempt.decidedAt ?? now;
  if (attempt.state === "undecided" && attempt.page !== null && attempt.sends.length > 0) {
    const { lastSignAt } = attempt.page;
    const openedAt = openedAtOf(attempt);
    return nextPagePoll({ now, signAt: lastSignAt ?? openedAt, openedAt, fraction: random.fraction() });
  }
  if (attempt.state === "undecided") return nextPoll({ now, startedAt: now, age: now - firstSendAt(attempt), fraction: random.fraction() });
  if (attempt.state === "failed") return isProvisional(attempt) ? nextProvisionalPoll({ now, decidedAt }) : null;
  return earliest(nextPollOfPayment(context, attempt), nextPollOfTakenPage(context, attempt));
}

/** When to poll the payment of an attempt that took or held money. */
function nextPollOfPayment({ now, random }: TransitionContext, attempt: Attempt): number | null {
  if (attempt.state === "held") {
    const heldAt = attempt.decidedAt ?? now;
    return nextHoldPoll({ now, heldAt, autoClearing: attempt.terms.auto_clearing, fraction: random.fraction() });
  }
  if (attempt.state !== "paid") return null;
  const newest = Math.max(...unsettledRefunds(attempt.ledger).map(({ firstSeenAt }) => firstSeenAt));
  return Number.isFinite(newest) ? nextUnsettledPoll({ now, firstSeenAt: newest, fraction: random.fraction() }) : null;
}

/**
 * When to poll a page that took money, because somebody may pay on it a second time (P5): once at its end, and while another try is under
 * way as if it were open, for a day.
 */
function nextPollOfTakenPage({ now, random }: TransitionContext, attempt: Attempt): number | null {
  if (attempt.page === null) return null;
  const openedAt = openedAtOf(attempt);
  if (hasOpenTry(attempt) && now - openedAt < DAY)
    return nextPagePoll({ now, signAt: attempt.page.lastSignAt ?? openedAt, openedAt, fraction: random.fraction() });
  return openedAt + PAGE_ENDS_AFTER > now ? openedAt + PAGE_ENDS_AFTER : null;
}

function earliest(...times: readonly (number | null)[]): number | null {
  const known = times.filter((at) => at !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** Raises one attention for all refunds that are late now, with the gateway's status of the first. */
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
