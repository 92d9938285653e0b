/** A callback is a reason to poll. Its content decides nothing (M7); that a verified one is about a test is noted (P12). */
import { pollWait } from "../poll-wait.ts";
import { markAsTest } from "../reconcile.ts";
import type { Notice } from "../event.ts";
import { noteTry } from "../page.ts";
import { CHECK_HOLDS } from "../schedule.ts";
import { noteOffer } from "../profile.ts";
import type { Page } from "../page-record.ts";
import type { Attempt } from "../record.ts";
import type { TransitionContext } from "../state.ts";
import { attentionRaiser, raiseAttention } from "../state.ts";

/**
 * Records the callback at the attempt with this ticket, if anything was sent for it. A poll that is still to leave follows it too.
 *
 * @param notice what a verified notification adds, for a page: a sign of life, the id of a try, a check that is allowed (P5, P6)
 */
export function noteHint(context: TransitionContext, ticket: string, notice?: Notice): void {
  const { record, now, openCalls } = context;
  for (const attempt of record.attempts) {
    if (attempt.ticket !== ticket || attempt.sends.length === 0) continue;
    if (attempt.page !== null && notice !== undefined) noteNotice(context, attempt, attempt.page, notice);
    attempt.wasCalledBack = true;
    if (!isFollowed(attempt, openCalls)) attempt.hint = { at: now, hasLedToPoll: false };
  }
}

/** A verified notification for this ticket says that its payment is a test. A redacted attempt has no ticket. */
export function noteTest(context: TransitionContext, ticket: string): void {
  for (const attempt of context.record.attempts)
    if (attempt.ticket === ticket && attempt.sends.length > 0) markAsTest(attempt, attentionRaiser(context));
}

function noteNotice(context: TransitionContext, attempt: Attempt, page: Page, { paymentId, holds, isPaid, offer, isByGet }: Notice): void {
  const { now } = context;
  page.lastSignAt = now;
  if (isByGet) raiseAttention(context, "notification_by_get", attempt, null);
  if (offer !== null) noteOffer(context, attempt, page, offer);
  noteTry(page, paymentId);
  if (isPaid) page.saidPaidId ??= paymentId;
  if (!holds) return;
  page.quietAt = null;
  // A second one does not end the wait after the first.
  const isHeldAlready = page.check !== null && now - page.check.at < CHECK_HOLDS;
  const isOfAnother = isHeldAlready && page.check?.tryId !== paymentId;
  // Asked about again under its id, it may have been declined in between. A decline that is read later may be that one.
  const wasDeclined = isHeldAlready || page.lastDecline?.tryId === paymentId;
  page.check = { at: now, tryId: isOfAnother ? null : paymentId, wasDeclined };
}

/** Whether the poll of an earlier callback has not left yet. The object knows it; the clock, which may be set back, does not. */
function isFollowed({ number, hint, pollStartedAt }: Attempt, openCalls: ReadonlySet<string>): boolean {
  return hint !== null && pollStartedAt !== null && openCalls.has(pollWait(number, pollStartedAt));
}
