/**
 * An order is away while the settings name another gateway or merchant than the home of its shard (M1). Nothing of it leaves: no send, no read, no
 * notification, no update of a daily index. It compares the settings hourly, and continues when they name its home again.
 */
import { DAY } from "../../src/lib/time.ts";
import { sendIsOpen } from "./pending-call.ts";
import type { TransitionContext } from "./state.ts";
import type { ChargeEvent, Decision, Notice } from "./event.ts";
import { noteHint } from "./events/hint.ts";
import { onReturned } from "./events/returned.ts";
import { HOME_CHECK_INTERVAL } from "./schedule.ts";
import type { ChargeRecord, Deadline } from "./record.ts";
import { redact, retentionEnds } from "./redaction.ts";

/** Applies an event while the order is away: only what makes no call. */
export function applyAway(context: TransitionContext, event: ChargeEvent): Decision | null {
  const { record, now } = context;
  const known = record.gatewayChanged;
  if (known === null || known.nextCheckAt <= now) {
    const loggedAt = known !== null && now - known.loggedAt < DAY ? known.loggedAt : now;
    record.gatewayChanged = { loggedAt, nextCheckAt: now + HOME_CHECK_INTERVAL };
  }
  // A redacted order has forgotten what was raised, and raises nothing again (M1.4).
  if (record.redactedAt === null && !record.attention.some(({ reason }) => reason === "gateway_changed"))
    record.attention.push({ at: now, reason: "gateway_changed", attempt: null, operation: null, detail: null });
  if (event.type === "hint" && event.ticket !== null) keepHint(context, event.ticket, event.notice);
  if (event.type === "returned") {
    onReturned(context, event);
    pollOnceAtHome(context);
  }
  const ends = retentionEnds(record, context.retentionDays);
  if (ends !== null && ends <= now) redact(record, now);
  const isAnswered = event.type === "pay" || event.type === "operate" || event.type === "close" || event.type === "resolve";
  return isAnswered ? { ok: false, code: "unavailable" } : null;
}

/** Stores a callback. The order is polled for it as soon as it is at home. An open poll or send has its own deadline. */
function keepHint(context: TransitionContext, ticket: string, notice: Notice | undefined): void {
  noteHint(context, ticket, notice);
  pollOnceAtHome(context);
}

function pollOnceAtHome(context: TransitionContext): void {
  for (const attempt of context.record.attempts) {
    const isWaitedFor = attempt.pollStartedAt !== null || (attempt.state === "undecided" && sendIsOpen(attempt));
    if (attempt.hint !== null && !isWaitedFor) attempt.nextPollAt = Math.min(attempt.nextPollAt ?? context.now, context.now);
  }
}

/** The deadlines that stay while an order is away: retention, and the next comparison if the order has any other deadline. */
export function deadlinesAway(record: ChargeRecord, deadlines: readonly Deadline[]): readonly Deadline[] {
  const retention = deadlines.filter(({ name }) => name === "retention");
  if (retention.length === deadlines.length) return retention;
  return [...retention, { name: "gateway changed", at: record.gatewayChanged?.nextCheckAt ?? 0 }];
}
