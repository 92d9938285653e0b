/** The reads of a payment page (P2, P5, P6). */
import { endPage } from "../attempt.ts";
import type { ChargeEvent, PollAnswer } from "../event.ts";
import { isOver, letsGo, noteTry } from "../page.ts";
import type { Page } from "../page-record.ts";
import { isTry, isUnpaid } from "../page-try.ts";
import { readPayment } from "../payment-reading.ts";
import { applyPaymentRead } from "../reconcile.ts";
import type { Attempt } from "../record.ts";
import { isSameId, storedPaymentId } from "../record.ts";
import type { TransitionContext } from "../state.ts";
import { attentionRaiser, raiseSecondPayment } from "../state.ts";

/** What one read says of the page: nothing is being paid, there is no payment, something is under way, or nothing that can be used. */
interface PageReading {
  readonly says: "unpaid" | "absent" | "moving" | "unreadable";
  /** The try that it is about: the one that was asked about, or that the number shows. */
  readonly tryId: string | null;
}

const UNREAD: PageReading = { says: "unreadable", tryId: null };

/**
 * The reads of a page ended.
 *
 * 1. A payment that is held or paid decides the attempt. Another one after it is told as a second payment.
 * 2. A payment that is under way is a sign of life.
 * 3. If all of them say that nothing was paid, and every known try was read, they end the page when its time is over, and sooner when the
 *    order is closed or the page gave way before, and it lets go.
 */
export function onPagePolled(
  context: TransitionContext,
  attempt: Attempt,
  page: Page,
  { startedAt, answers }: Extract<ChargeEvent, { type: "polled" }>,
): void {
  const { record, now } = context;
  const known = [...page.tryIds];
  const readings = answers.map((answer) => readOf(context, attempt, answer));
  const byNumber = readings[answers.findIndex(isByNumber)] ?? UNREAD;
  if (byNumber.tryId !== null) page.shownTryId = byNumber.tryId;
  if (byNumber.says !== "unreadable" && page.hiddenAt !== null && startedAt >= page.hiddenAt) page.hiddenAt = null;
  if (attempt.state !== "undecided") return;
  const wereRead = new Set(readings.map(({ tryId }) => tryId));
  const isQuiet =
    readings.every(({ says }) => says === "unpaid" || says === "absent") &&
    byNumber.says !== "unreadable" &&
    known.every((id) => wereRead.has(id));
  page.quietAt = isQuiet && byNumber.says === "unpaid" ? startedAt : null;
  if (attempt.mismatch !== null || !isQuiet) return;
  if (isOver(attempt, startedAt, now)) endPage(attempt, "page_expired", now);
  else if ((record.closedAt !== null || page.hasGivenWay) && letsGo(attempt, now)) endPage(attempt, "replaced", now);
}

/** Whether an answer is about the page's number, or once it is paid about its payment. */
function isByNumber(answer: PollAnswer): boolean {
  return answer.about === "order" && answer.tryId === undefined;
}

/** Applies one read. */
function readOf(context: TransitionContext, attempt: Attempt, answer: PollAnswer): PageReading {
  if (answer.about !== "order") return UNREAD;
  const { record, now } = context;
  const asked = answer.tryId === "" ? null : (answer.tryId ?? null);
  const reading = readPayment(context, attempt, answer.orderId, answer.outcome);
  if (reading.kind !== "payment") return { says: reading.kind, tryId: reading.kind === "absent" ? asked : null };
  const { payment } = reading;
  const tryId = asked ?? storedPaymentId(payment.id);
  if (attempt.paymentId !== null && payment.id !== undefined && !isSameId(payment.id, attempt.paymentId)) {
    // The page was paid by another try. One more that takes money is money too many.
    if (attempt.page !== null) noteTry(attempt.page, payment.id);
    if (!isTry(payment)) raiseSecondPayment(context, attempt, storedPaymentId(payment.id));
    return { says: "absent", tryId };
  }
  applyPaymentRead(record, attempt, payment, now, attentionRaiser(context));
  return { says: isUnpaid(payment) ? "unpaid" : "moving", tryId };
}
