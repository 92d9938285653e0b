/** What a read says of a try on a payment page that took nothing so far (P5, P6). */
import { isFailureCategory } from "../../src/decline.ts";
import { reopen } from "./attempt.ts";
import type { ReadPayment } from "./gateway-call.ts";
import { isUnpaidPage, noteTry, UNUSED_PAGE } from "./page.ts";
import type { Page } from "./page-record.ts";
import type { Attempt } from "./record.ts";
import { storedCode, storedPaymentId } from "./record.ts";

/** Whether a payment is a try that has not taken money: it was not begun, is under way, or was declined. */
export function isTry(payment: Pick<ReadPayment, "status">): boolean {
  return payment.status === "process" || isUnpaidPage(payment);
}

/**
 * Applies a read of a try. It binds no payment id, because another try may follow, and its decline decides nothing.
 *
 * 1. A try that is under way is a sign of life. It makes a page that had ended undecided again.
 * 2. A declined try is kept to be shown.
 * 3. The decline of the very try that a check was answered `ok` for ends the wait after that check.
 */
export function applyTry(attempt: Attempt, page: Page, payment: ReadPayment, { now, startedAt }: TryRead): void {
  attempt.gatewayStatus = storedCode(payment.status);
  attempt.mismatch = null;
  const id = storedPaymentId(payment.id);
  if (payment.status === "process" || payment.status === "error") {
    noteTry(page, id);
    page.shownTryId = id;
  }
  if (payment.status === "process") {
    page.lastSignAt = now;
    if (attempt.failure !== null && UNUSED_PAGE.has(attempt.failure.by)) reopen(attempt, now);
  } else if (payment.status === "error") {
    const { check } = page;
    if (check !== null && startedAt > check.at && check.tryId !== null && check.tryId === id && !check.wasDeclined) page.check = null;
    const code = storedCode(payment.error?.code);
    const category = payment.failureCategory ?? "other";
    page.lastDecline = { category: isFailureCategory(category) ? category : "declined", code, tryId: id };
  }
}

/** When a read began, and when its answer is applied. */
export interface TryRead {
  readonly now: number;
  readonly startedAt: number;
}
