/** What a read says of a try on a payment page that has taken nothing so far (P5, P6). */
import { isFailureCategory } from "../../src/decline.ts";
import type { AttentionReason } from "../../src/edge-api.ts";
import { reopen } from "./attempt.ts";
import type { ReadPayment } from "./gateway-call.ts";
import { noteMoving, noteTry, UNUSED_PAGE } from "./page.ts";
import type { Page } from "./page-record.ts";
import type { Attempt } from "./record.ts";
import { storedCode, storedPaymentId } from "./record.ts";

/** Statuses of a payment that takes or holds money. */
const TAKES_MONEY: ReadonlySet<string | undefined> = new Set(["approved", "success", "process_clearing"]);

/** Whether a payment is a try that takes no money: it was not begun, is under way, was declined or given up, or has a status that is not known. */
export function isTry({ status }: Pick<ReadPayment, "status">): boolean {
  return !TAKES_MONEY.has(status);
}

/** Whether a payment of a page is a try that came to nothing. */
function isDeclined({ status }: Pick<ReadPayment, "status">): boolean {
  return status === "error" || status === "reversed";
}

/** Whether a read of a page says that nothing is being paid: nobody began, its time is over, or the try came to nothing. */
export function isUnpaid(payment: Pick<ReadPayment, "status">): boolean {
  return payment.status === "new" || payment.status === "incomplete" || isDeclined(payment);
}

/**
 * Applies a read of a try. It ends a mismatch only where that try made it. It binds no payment id, because another try may follow, and its decline decides nothing.
 *
 * 1. A try that is under way is a sign of life the first time. It makes a page that had ended undecided again.
 * 2. A declined try is kept to be shown. If a check was answered `ok` for this very try, it ends the wait after that check.
 * 3. A status that is not known is one under way, and is told.
 */
export function applyTry(attempt: Attempt, page: Page, payment: ReadPayment, { now, startedAt, raise }: TryRead): void {
  attempt.gatewayStatus = storedCode(payment.status);
  const tryId = storedPaymentId(payment.id);
  if (page.mismatchTryId === null || page.mismatchTryId === tryId) attempt.mismatch = null;
  if (payment.status === "new" || payment.status === "incomplete") return;
  noteTry(page, payment.id);
  if (isDeclined(payment)) {
    noteDecline(page, payment, startedAt);
    return;
  }
  noteMoving(page, tryId, now);
  if (attempt.failure !== null && UNUSED_PAGE.has(attempt.failure.by)) reopen(attempt, now);
  if (payment.status === "process") return;
  if (attempt.mismatch === null) page.mismatchTryId = tryId;
  attempt.mismatch ??= "unknown_word";
  raise("unknown_word", attempt, attempt.gatewayStatus);
}

function noteDecline(page: Page, payment: ReadPayment, startedAt: number): void {
  const { check } = page;
  const tryId = storedPaymentId(payment.id);
  if (page.saidPaidId === tryId) page.saidPaidId = null;
  if (check !== null && startedAt > check.at && check.tryId !== null && check.tryId === tryId && !check.wasDeclined) page.check = null;
  const category = payment.failureCategory ?? "other";
  page.lastDecline = { category: isFailureCategory(category) ? category : "declined", code: storedCode(payment.error?.code), tryId };
}

/** When a read began, when its answer is applied, and how attention is raised. */
export interface TryRead {
  readonly now: number;
  readonly startedAt: number;
  raise(reason: AttentionReason, attempt: Attempt, detail: string | null): void;
}
