/** A shopper came back from a payment page (P7). It proves nothing: it is a reason to poll, and hides the page until that poll has ended. */
import type { ChargeEvent } from "../event.ts";
import type { TransitionContext } from "../state.ts";

/** Records the return at the attempt whose page has this ticket. */
export function onReturned({ record, now }: TransitionContext, { ticket, by }: Extract<ChargeEvent, { type: "returned" }>): void {
  const attempt = record.attempts.find(({ page }) => page?.returnTicket === ticket);
  if (attempt === undefined || attempt.page === null) return;
  const { page } = attempt;
  page.lastSignAt = now;
  page.hiddenAt = now;
  if (by === "paid" && page.returnCode !== null) page.isCodeGiven = true;
  if (by === "failed") page.hasReturnedFailed = true;
  attempt.hint = { at: now, hasLedToPoll: false };
}
