/**
 * The rules of a payment page: when it is shown, what its reads say, when it lets go, and how it ends (P4 to P6). The functions change the
 * attempt they are given; it is the copy that transition.ts made.
 */
import { CHECK_HOLDS, MAX_TRIES, PAGE_ENDS_AFTER, PAGE_SHOWN } from "./schedule.ts";
import type { Page, PageRequest, PageTry } from "./page-record.ts";
import type { Attempt, ChargeRecord, FailedBy } from "./record.ts";
import { storedPaymentId } from "./record.ts";

/** Failures of a page that was never opened, or on which nothing was paid. */
export const UNUSED_PAGE: ReadonlySet<FailedBy> = new Set(["no_page", "page_expired", "replaced"]);

const PROVISIONAL: ReadonlySet<FailedBy> = new Set(["silence", "page_expired", "replaced"]);

/**
 * Whether a failed attempt is polled for a day, because a payment may still appear (M5.7, P5, P6). So is a page whose opening a reset cut, or
 * whose number was used: an older state may have been restored, and somebody has its address.
 */
export function isProvisional({ failure, sends }: Pick<Attempt, "failure" | "sends">): boolean {
  if (failure === null) return false;
  const end = sends.at(-1)?.end ?? null;
  const isUnsure = end !== null && (end.how === "not_known" || (end.how === "refused" && end.code === "9991"));
  return PROVISIONAL.has(failure.by) || (failure.by === "no_page" && isUnsure);
}

/** A page that nobody has opened yet. */
export function newPage(request: PageRequest): Page {
  return {
    ...request,
    url: null,
    openedAt: null,
    tries: [],
    shownTryId: null,
    mismatchTryId: null,
    lastDecline: null,
    lastSignAt: null,
    hiddenAt: null,
    check: null,
    saidPaidId: null,
    quietAt: null,
    hasGivenWay: false,
    hasReturnedFailed: false,
    isCodeGiven: false,
    offers: [],
    profile: null,
    cardDigest: null,
    lookupsFrom: null,
    lookups: 0,
    lookedUpAt: null,
  };
}

/** An id of the Merchant API. Anything else cannot be read. */
const TRY_ID = /^\d{1,20}$/;

/** Remembers the id of a try, so that it is read too. Beyond the limit the newest takes the place of the oldest that came to nothing. */
export function noteTry(page: Page, id: string | null | undefined): void {
  const stored = storedPaymentId(id ?? undefined);
  if (stored === null || !TRY_ID.test(stored) || page.tries.some((one) => one.id === stored)) return;
  if (page.tries.length >= MAX_TRIES) {
    const ended = page.tries.findIndex(({ said }) => said === "unpaid");
    if (ended < 0) return;
    page.tries.splice(ended, 1);
  }
  page.tries.push({ id: stored, said: null });
}

/** A read shows a try under way. That is a sign of life the first time, so that one that stays so is not read every few seconds (P5). */
export function noteMoving(page: Page, id: string | null, now: number): void {
  if (page.tries.every((one) => one.id !== id || one.said !== "moving")) page.lastSignAt = now;
}

/** Notes what a read said of a try. */
export function noteSaid(page: Page, id: string | null, said: PageTry["said"]): void {
  for (const one of page.tries) if (one.id === id) one.said = said;
}

/** Whether a try other than the attempt's payment is under way, or was named and not read yet. */
export function hasOpenTry({ page, paymentId }: Pick<Attempt, "page" | "paymentId">): boolean {
  const others = (page?.tries ?? []).filter(({ id }) => id !== paymentId);
  return others.some(({ said }) => said === null || said === "moving");
}

/** Whether the page's address may be shown: it is open, nobody has just returned or paid, and the order is not closed (P5, P7). */
export function shownPage(
  { closedAt }: Pick<ChargeRecord, "closedAt">,
  { state, page }: Pick<Attempt, "state" | "page">,
): ShownPage | null {
  if (state !== "undecided" || page === null || page.url === null || page.openedAt === null) return null;
  if (closedAt !== null || page.hiddenAt !== null || page.hasGivenWay || page.saidPaidId !== null) return null;
  return { url: page.url, expiresAt: page.openedAt + PAGE_SHOWN, lastDecline: page.lastDecline };
}

/** A page as a browser may be sent to it. */
export interface ShownPage {
  readonly url: string;
  readonly expiresAt: number;
  readonly lastDecline: Page["lastDecline"];
}

/** Takes the addresses of pages away whose time is over. The object's alarm comes for it, so that callers who wait are woken (P5). */
export function closeExpiredPages(record: ChargeRecord, now: number): void {
  for (const attempt of record.attempts) {
    const until = shownUntil(attempt);
    if (attempt.page !== null && until !== null && now >= until) attempt.page.url = null;
  }
}

/** Until when the address is shown; null without one. */
export function shownUntil({ state, page }: Pick<Attempt, "state" | "page">): number | null {
  return state !== "undecided" || page === null || page.url === null || page.openedAt === null ? null : page.openedAt + PAGE_SHOWN;
}

/**
 * Whether a page may give way now (P6): its last read said that nothing is being paid, and no check of it was answered `ok` in the last 15
 * minutes. Without checks nothing stops a payment on it, so it does not give way.
 */
export function letsGo(attempt: Pick<Attempt, "page" | "urls">, now: number): boolean {
  return attempt.page !== null && attempt.page.quietAt !== null && mayLetGo(attempt, now);
}

/** {@link letsGo} as far as it is known before a read. */
export function mayLetGo(attempt: Pick<Attempt, "page" | "urls">, now: number): boolean {
  return attempt.page !== null && attempt.urls?.check_url !== undefined && !isHeld(attempt, now);
}

/** When a page was opened. Where that is not known, after a restore, its time counts from the send. */
export function openedAtOf({ page, sends, createdAt }: Pick<Attempt, "page" | "sends" | "createdAt">): number {
  return page?.openedAt ?? sends[0]?.at ?? createdAt;
}

/** Whether a read that began then may end the page, if it says that nothing was paid. A payment that a check has just allowed may be on the way. */
export function isOver(attempt: Attempt, startedAt: number, now: number): boolean {
  return startedAt > openedAtOf(attempt) + PAGE_ENDS_AFTER && !isHeld(attempt, now);
}

/** Whether a check was answered `ok`, or a result came, less than 15 minutes ago (P6). */
export function isHeld({ page }: Pick<Attempt, "page">, now: number): boolean {
  return page !== null && page.check !== null && now - page.check.at < CHECK_HOLDS;
}
