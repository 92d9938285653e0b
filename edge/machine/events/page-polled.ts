/** The reads of a payment page (P2, P5, P6). */
import { endPage } from "../attempt.ts";
import type { ChargeEvent, PollAnswer } from "../event.ts";
import { isOver, isUnpaidPage, letsGo } from "../page.ts";
import { readPayment } from "../payment-reading.ts";
import { applyPaymentRead } from "../reconcile.ts";
import type { Page } from "../page-record.ts";
import type { Attempt } from "../record.ts";
import { isSameId, storedPaymentId } from "../record.ts";
import { isTry } from "../page-try.ts";
import type { TransitionContext } from "../state.ts";
import { attentionRaiser, raiseAttention } from "../state.ts";

/** What one read says of the page: nothing is being paid, there is no payment, something is under way, or nothing that can be used. */
type PageReading = "unpaid" | "absent" | "moving" | "unreadable";

/**
 * The reads of a page ended.
 *
 * 1. A payment that is held or paid decides the attempt. Another one after it is told as a second payment.
 * 2. A payment that is under way is a sign of life.
 * 3. If all of them say that nothing was paid, they end the page when its time is over, or when the order is closed or another attempt
 *    waits and the page lets go.
 */
export function onPagePolled(
  context: TransitionContext,
  attempt: Attempt,
  page: Page,
  { startedAt, answers }: Extract<ChargeEvent, { type: "polled" }>,
): void {
  const { record, now } = context;
  const readings = answers.map((answer) => readPage(context, attempt, answer));
  const byNumber = readings[answers.findIndex((answer) => answer.about === "order" && answer.tryId === undefined)] ?? "unreadable";
  if (byNumber !== "unreadable" && page.hiddenAt !== null && startedAt >= page.hiddenAt) page.hiddenAt = null;
  if (attempt.state !== "undecided") return;
  const isQuiet = readings.every((reading) => reading === "unpaid" || reading === "absent");
  page.quietAt = isQuiet && byNumber === "unpaid" ? startedAt : null;
  if (attempt.mismatch !== null || !isQuiet) return;
  if (byNumber !== "unreadable" && isOver(page, startedAt)) endPage(attempt, "page_expired", now);
  else if (record.closedAt !== null && letsGo(attempt, now)) endPage(attempt, "replaced", now);
}

/** Applies one read. */
function readPage(context: TransitionContext, attempt: Attempt, answer: PollAnswer): PageReading {
  if (answer.about !== "order") return "unreadable";
  const { record, now } = context;
  const reading = readPayment(context, attempt, answer.orderId, answer.outcome);
  if (reading.kind !== "payment") return reading.kind;
  const { payment } = reading;
  if (attempt.paymentId !== null && payment.id !== undefined && !isSameId(payment.id, attempt.paymentId)) {
    // The page was paid by another try. One more that takes money is money too many.
    if (!isTry(payment) && payment.status !== "reversed") raiseAttention(context, "second_payment", attempt, storedPaymentId(payment.id));
    return "absent";
  }
  applyPaymentRead(record, attempt, payment, now, attentionRaiser(context));
  return isUnpaidPage(payment) ? "unpaid" : "moving";
}
