/** The reads of a payment page (P2, P5, P6). */
import { DAY } from "../../../src/lib/time.ts";
import { endPage } from "../attempt.ts";
import type { ChargeEvent, PollAnswer } from "../event.ts";
import { isOver, letsGo, noteMoving, noteSaid, noteTry, openedAtOf } from "../page.ts";
import type { Page, PageTry } from "../page-record.ts";
import { isTry, isUnpaid } from "../page-try.ts";
import { readPayment } from "../payment-reading.ts";
import type { ReadPayment } from "../gateway-call.ts";
import { applyPaymentRead, ownerOf } from "../reconcile.ts";
import type { Attempt } from "../record.ts";
import { isSameId, storedPaymentId } from "../record.ts";
import { nextPagePoll, PAGE_ENDS_AFTER } from "../schedule.ts";
import type { TransitionContext } from "../state.ts";
import { attentionRaiser, raiseSecondPayment } from "../state.ts";

/** What one read says of the page: that of a try, or nothing that can be used. */
interface PageReading {
  readonly says: Exclude<PageTry["said"], null> | "unreadable";
  /** The try that it is about: the one that was asked about, or that the number shows. */
  readonly tryId: string | null;
  /** It is `incomplete`: not decided, so it lets no page go, although it ends one whose time is over. */
  readonly isIncomplete?: boolean;
}

const UNREAD: PageReading = { says: "unreadable", tryId: null };

/**
 * The reads of a page ended.
 *
 * 1. A payment that is held or paid decides the attempt. Another one after it is told as a second payment. The last read comes at the page's
 *    end, and is repeated until it could be used.
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
  const known = page.tries.map(({ id }) => id);
  const readings = answers.map((answer) => readOf(context, attempt, answer));
  for (const { says, tryId } of readings) if (says !== "unreadable") noteSaid(page, tryId, says);
  const byNumber = readings[answers.findIndex(isByNumber)] ?? UNREAD;
  if (byNumber.tryId !== null) page.shownTryId = byNumber.tryId;
  if (byNumber.says !== "unreadable" && page.hiddenAt !== null && startedAt >= page.hiddenAt) page.hiddenAt = null;
  if (attempt.state !== "undecided") {
    const again = readings[answers.findIndex(isOfPaidNumber)] ?? UNREAD;
    if (again.says === "unreadable") readAgain(context, attempt, startedAt);
    return;
  }
  const wereRead = new Set(readings.map(({ tryId }) => tryId));
  const isQuiet =
    readings.every(({ says }) => says === "unpaid" || says === "absent") &&
    byNumber.says !== "unreadable" &&
    known.every((id) => wereRead.has(id));
  const isDecided = readings.every(({ isIncomplete = false }) => !isIncomplete);
  page.quietAt = isQuiet && isDecided && byNumber.says === "unpaid" ? startedAt : null;
  if (attempt.mismatch !== null || !isQuiet) return;
  if (isOver(attempt, startedAt, now)) endPage(attempt, "page_expired", now);
  else if ((record.closedAt !== null || page.hasGivenWay) && letsGo(attempt, now)) endPage(attempt, "replaced", now);
}

/** Whether an answer is about the page's number, or once it is paid about its payment. */
function isByNumber(answer: PollAnswer): boolean {
  return answer.about === "order" && answer.tryId === undefined;
}

/** Whether an answer is about the number of a page whose payment is known. */
function isOfPaidNumber(answer: PollAnswer): boolean {
  return answer.about === "order" && answer.tryId === "";
}

/** The read at the end of a page that took money could not be used: it is repeated, for a day. */
function readAgain({ now, random }: TransitionContext, attempt: Attempt, startedAt: number): void {
  const openedAt = openedAtOf(attempt);
  if (attempt.failure !== null || startedAt < openedAt + PAGE_ENDS_AFTER || now - openedAt > DAY) return;
  attempt.nextPollAt = nextPagePoll({ now, signAt: openedAt, openedAt, fraction: random.fraction() });
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
  const says = saysOf(payment);
  if (asked !== null && isOfAnotherNumber(attempt, payment)) {
    // An id that init or a notification named binds nothing: the payment is another page's, or none of this order's.
    if (ownerOf(record, attempt, payment) !== null) applyPaymentRead(record, attempt, payment, now, attentionRaiser(context));
    return { says: "absent", tryId };
  }
  if (attempt.paymentId !== null && payment.id !== undefined && !isSameId(payment.id, attempt.paymentId)) {
    // The page was paid by another try. One more that takes money is money too many.
    if (attempt.page !== null) noteOther(attempt.page, { tryId, says, now });
    if (says === "taken") raiseSecondPayment(context, attempt, storedPaymentId(payment.id));
    return { says, tryId };
  }
  applyPaymentRead(record, attempt, payment, now, attentionRaiser(context));
  return { says, tryId, isIncomplete: payment.status === "incomplete" };
}

/** Another try on a page that took money. */
function noteOther(page: Page, { tryId, says, now }: Pick<PageReading, "says" | "tryId"> & { readonly now: number }): void {
  noteTry(page, tryId);
  if (says === "moving") noteMoving(page, tryId, now);
}

function saysOf(payment: ReadPayment): "unpaid" | "moving" | "taken" {
  if (isUnpaid(payment)) return "unpaid";
  return isTry(payment) ? "moving" : "taken";
}

function isOfAnotherNumber({ gatewayOrderId }: Attempt, { order_id }: ReadPayment): boolean {
  return order_id !== undefined && order_id !== gatewayOrderId;
}
