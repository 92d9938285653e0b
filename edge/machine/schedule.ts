/** The intervals and windows of M2 to M5, in milliseconds: when to poll, when to send again, when to give up. */
import { DAY, HOUR, MINUTE, SECOND } from "../../src/lib/time.ts";

/** A call without an answer after this counts as lost: the gateway's time-out, and a margin for an object that was evicted. */
export const CALL_LOST_AFTER: number = 25 * SECOND;

/** No create leaves later than this after the click, and no resend later than this after the first send. */
export const SEND_WINDOW: number = 2 * MINUTE;

/** The pause between two sends of the same bytes. */
export const RESEND_PAUSE: number = 10 * SECOND;

/** An answer "never seen" counts only if its poll began this long after the last send … */
export const NEVER_SEEN_AFTER: number = 5 * MINUTE;

/** … and only if two such answers are at least this far apart. */
export const NEVER_SEEN_APART: number = 30 * SECOND;

/** The same two after the Merchant API refused a create because of the card or the profile: the refusal was answered, so nothing is late. */
export const REFUSED_UNSEEN_AFTER: number = 30 * SECOND;
export const REFUSED_UNSEEN_APART: number = 15 * SECOND;

/** For so long no attempt by the other API follows one that failed by silence. Its reads after 1, 5 and 20 minutes come first (P3). */
export const SILENT_FOR_OTHER_API: number = 20 * MINUTE;

/** A new attempt begins no sooner than this after the last one failed. */
export const PAUSE_AFTER_FAILURE: number = 2 * SECOND;

/** A read that shows a held payment as paid, without the cleared amount, is repeated after this. */
export const CLEARING_POLL: number = 5 * SECOND;

/** A GET starts a poll at most this often. The poll that follows a callback begins no sooner than this after the one before. */
export const HINT_PAUSE: number = 5 * SECOND;

/** A payment dated more than this before the first send is not ours. Wider than any clock skew. */
export const MAX_PAYMENT_AGE: number = HOUR;

/** How long a page can be paid: its `pg_lifetime` (P5). */
export const PAGE_LIFETIME: number = 30 * MINUTE;

/** How long its address is shown: a minute less, so that nobody begins to enter a card as it closes. */
export const PAGE_SHOWN: number = PAGE_LIFETIME - MINUTE;

/** Only a read that begins later than this after the opening may end a page. */
export const PAGE_ENDS_AFTER: number = PAGE_LIFETIME + 15 * MINUTE;

/** So long after a check that was answered `ok` a page does not give way, because its payment may be on the way (P6). */
export const CHECK_HOLDS: number = 15 * MINUTE;

/** A GET brings the read of a page forward at most this often. */
export const PAGE_HINT_PAUSE: number = 20 * SECOND;

/** The ids of tries that are read beside the page's number. */
export const MAX_TRIES = 3;

/** Attempts of one order. Those that ended without any payment being possible or begun have a limit of their own. */
export const MAX_ATTEMPTS = 10;
export const MAX_UNUSED_PAGES = 30;

/** A new attempt begins no sooner than this after the third page in a row that could not be opened (P5). */
export const PAUSE_WITHOUT_PAGE: number = 10 * SECOND;

/** Idempotency-Keys that one order binds. Beyond it a new key on a decided order gets the charge and is not bound. */
export const MAX_KEYS = 200;

/** Sends of the same bytes. SEND_WINDOW and RESEND_PAUSE allow as many; a clock that is set back adds none. */
export const MAX_SENDS = 13;

/** A refund that is not settled after this raises attention. From then on it is polled daily … */
export const UNSETTLED_REFUND_ATTENTION: number = DAY;

/** … until it is this old. */
const UNSETTLED_REFUND_ENDS: number = 30 * DAY;

/** Attentions for unsettled refunds of one order. */
export const MAX_UNSETTLED_ATTENTION = 50;

/** How often the settings are compared while they name another gateway or merchant than the order's home. */
export const HOME_CHECK_INTERVAL: number = HOUR;

/** A charge that is still undecided this long after the click raises attention. */
export const UNDECIDED_ATTENTION = [
  ["undecided_15_minutes", 15 * MINUTE],
  ["undecided_1_day", DAY],
] as const;

/** The gateway clears an untouched hold by itself when it is this old. */
export const HOLD_ENDS_AFTER: number = 5 * DAY;

/** A hold raises attention this long after a read first showed it: a day before it ends, if it was found at once. */
export const HOLD_ATTENTION: number = HOLD_ENDS_AFTER - DAY;

/** The longest pause between two polls of an undecided charge up to each age (M5, "Pace"); after a day it is an hour. */
const POLL_INTERVALS: readonly (readonly [upToAge: number, pause: number])[] = [
  [10 * SECOND, 2 * SECOND],
  [MINUTE, 5 * SECOND],
  [10 * MINUTE, 20 * SECOND],
  [3 * HOUR, MINUTE],
  [DAY, 5 * MINUTE],
];

/** A provisional `failed` is polled again this long after it was decided; then hourly for a day. */
const PROVISIONAL_POLLS = [MINUTE, 5 * MINUTE, 20 * MINUTE, ...Array.from({ length: 24 }, (_, hour) => 20 * MINUTE + (hour + 1) * HOUR)];

/** Shortens a pause by up to a fifth, so that a thousand orders do not poll at the same moment. */
function jittered(pause: number, fraction: number): number {
  return Math.round(pause * (1 - fraction / 5));
}

/** A moment, and a random number from 0 up to 1 that shortens the pause. */
interface Moment {
  readonly now: number;
  readonly fraction: number;
}

/**
 * When to poll next. The older the matter, the longer the pause. Never sooner than half a second from now.
 * @param moment.startedAt from when the pause counts: usually the start of the last poll
 * @param moment.age the age of what is polled for: of the first send, of a callback, or of a hold
 */
export function nextPoll({ now, startedAt, age, fraction }: Moment & { readonly startedAt: number; readonly age: number }): number {
  const pause = POLL_INTERVALS.find(([upToAge]) => age < upToAge)?.[1] ?? HOUR;
  return Math.max(now + SECOND / 2, startedAt + jittered(pause, fraction));
}

/** The longest pause between two polls of a page, by the time since its last sign of life; later it is 5 minutes (P5). */
const PAGE_INTERVALS: readonly (readonly [upToAge: number, pause: number])[] = [
  [MINUTE, 5 * SECOND],
  [10 * MINUTE, 20 * SECOND],
];

/**
 * When to poll a page next: by the time since its last sign of life, and once its end is due.
 * @param moment.signAt the last sign of life, or the opening
 */
export function nextPagePoll({ now, signAt, openedAt, fraction }: Moment & { readonly signAt: number; readonly openedAt: number }): number {
  const pause = PAGE_INTERVALS.find(([upToAge]) => now - signAt < upToAge)?.[1] ?? 5 * MINUTE;
  const next = now + jittered(pause, fraction);
  const endsAt = openedAt + PAGE_ENDS_AFTER + SECOND;
  return now < endsAt ? Math.min(next, endsAt) : next;
}

/** The first poll after a send has ended: within half a second. */
export function firstPoll({ now, fraction }: Moment): number {
  return now + jittered(SECOND / 2, fraction);
}

/** When to poll a provisional failure next; null once it is older than a day. */
export function nextProvisionalPoll({ now, decidedAt }: { readonly now: number; readonly decidedAt: number }): number | null {
  const after = PROVISIONAL_POLLS.find((pause) => decidedAt + pause > now);
  return after === undefined ? null : decidedAt + after;
}

/**
 * When to poll next for a refund that is neither done nor refused: for a day at the intervals of an undecided charge, then daily.
 * @param moment.firstSeenAt when a read first showed that refund
 * @returns null if the next daily poll would come after day 30
 */
export function nextUnsettledPoll({ now, firstSeenAt, fraction }: Moment & { readonly firstSeenAt: number }): number | null {
  const age = now - firstSeenAt;
  if (age < UNSETTLED_REFUND_ATTENTION) return nextPoll({ now, startedAt: now, age, fraction });
  return age + DAY <= UNSETTLED_REFUND_ENDS ? now + DAY : null;
}

/**
 * When to poll a hold next (M6.12).
 * @param moment.heldAt when a read first showed the hold. The gateway's own time of it is not known, so a hold that was found late ends
 * earlier than this schedule expects; the daily polls show that
 * 1. A hold with auto_clearing, less than a day old: as often as an undecided charge, because the gateway may clear (capture) it at any
 *    moment.
 * 2. Until it has been known for HOLD_ENDS_AFTER: daily, and once at exactly that time.
 * 3. For the next 24 hours: hourly, to see soon how it ended. After that: daily.
 */
export function nextHoldPoll({
  now,
  heldAt,
  autoClearing,
  fraction,
}: Moment & { readonly heldAt: number; readonly autoClearing: boolean }): number {
  const age = now - heldAt;
  if (autoClearing && age < DAY) return nextPoll({ now, startedAt: now, age, fraction });
  if (age < HOLD_ENDS_AFTER) return Math.min(now + DAY, heldAt + HOLD_ENDS_AFTER);
  return now + (age < HOLD_ENDS_AFTER + DAY ? HOUR : DAY);
}
