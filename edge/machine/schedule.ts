/** When to look, when to send again, when to give up: M3 to M5, as numbers. All in milliseconds. */
import { DAY, HOUR, MINUTE, SECOND } from "../../src/lib/time.ts";

/** A call that is still open after this is taken for lost: the gateway's time-out and a margin for an object that was evicted. */
export const CALL_LOST_AFTER: number = 25 * SECOND;

/** Nothing is asked to pay later than this after the click, or after the first send. */
export const SEND_WINDOW: number = 2 * MINUTE;

/** The pause between two sends of the same bytes. */
export const RESEND_PAUSE: number = 10 * SECOND;

/** "Never seen" counts only when it was asked this long after the last send … */
export const NEVER_SEEN_AFTER: number = 5 * MINUTE;

/** … and twice, this far apart. */
export const NEVER_SEEN_APART: number = 30 * SECOND;

/** How long a new click has to wait after `failed`. */
export const PAUSE_AFTER_FAILURE: number = 2 * SECOND;

/** When a payment that was held is read again, after a read that says it is paid and not how much was cleared. */
export const CLEARING_POLL: number = 5 * SECOND;

/** A GET brings a look forward at most this often; a callback brings the next one no nearer to the one before. */
export const HINT_PAUSE: number = 5 * SECOND;

/** How much older than the first send a payment may say it is. Clocks differ; an hour is no clock. */
export const MAX_PAYMENT_AGE: number = HOUR;

/** An order takes at most this many attempts. */
export const MAX_ATTEMPTS = 10;

/** Keys that an order binds before a key of what is decided already is answered without being bound. */
export const MAX_KEYS = 200;

/** The same bytes leave at most this often. The window and the pause allow 13; a clock that is set back does not add to that. */
export const MAX_SENDS = 14;

/** The merchant is told of a refund that is not settled after this. It is read daily from then on … */
export const UNSETTLED_REFUND_ATTENTION: number = DAY;

/** … and not at all after this. */
const UNSETTLED_REFUND_ENDS: number = 30 * DAY;

/** The merchant is told of unsettled refunds this often for one order. */
export const MAX_UNSETTLED_ATTENTION = 50;

/** How often the settings are compared while they name another gateway or merchant than the order's home. */
export const HOME_CHECK_INTERVAL: number = HOUR;

/** When the merchant is told that a charge is still undecided. */
export const UNDECIDED_ATTENTION = [
  ["undecided_15_minutes", 15 * MINUTE],
  ["undecided_1_day", DAY],
] as const;

/** The gateway clears an untouched hold by itself after this. */
export const HOLD_ENDS: number = 5 * DAY;

/** The merchant is told of that a day before. */
export const HOLD_ATTENTION: number = HOLD_ENDS - DAY;

/** The longest pause between two looks at an undecided charge of less than this age (M5: "Pace"); after a day an hour. */
const POLL_INTERVALS: readonly (readonly [upToAge: number, pause: number])[] = [
  [10 * SECOND, 2 * SECOND],
  [MINUTE, 5 * SECOND],
  [10 * MINUTE, 20 * SECOND],
  [3 * HOUR, MINUTE],
  [DAY, 5 * MINUTE],
];

/** How long after its silent end a provisional `failed` is read again; then hourly for a day. */
const PROVISIONAL_POLLS = [MINUTE, 5 * MINUTE, 20 * MINUTE, ...Array.from({ length: 24 }, (_, hour) => 20 * MINUTE + (hour + 1) * HOUR)];

/** Takes up to a fifth off a pause, so that a thousand orders do not look in step. */
function jittered(pause: number, fraction: number): number {
  return Math.round(pause * (1 - fraction / 5));
}

/**
 * When to look next at an undecided attempt.
 * @param askedAt when the last look was asked; the pause counts from there, but it is never less than half a second from now
 * @param age how long ago the first send left
 * @param fraction a random number from 0 up to 1
 */
export function nextPoll(now: number, askedAt: number, age: number, fraction: number): number {
  const pause = POLL_INTERVALS.find(([upToAge]) => age < upToAge)?.[1] ?? HOUR;
  return Math.max(now + SECOND / 2, askedAt + jittered(pause, fraction));
}

/** The first look after a send has ended: within a second. */
export function firstPoll(now: number, fraction: number): number {
  return now + jittered(SECOND / 2, fraction);
}

/** When to look next at an attempt that ended in silence at `decidedAt`: null when a day has gone by. */
export function nextProvisionalPoll(now: number, decidedAt: number): number | null {
  const after = PROVISIONAL_POLLS.find((pause) => decidedAt + pause > now);
  return after === undefined ? null : decidedAt + after;
}

/**
 * When to look next at a payment with a refund that is neither done nor refused: as at an undecided charge for a day, then daily.
 * @param since when a read first showed that refund
 * @returns null after day 30
 */
export function nextUnsettledPoll(now: number, since: number, fraction: number): number | null {
  const age = now - since;
  if (age < UNSETTLED_REFUND_ATTENTION) return nextPoll(now, now, age, fraction);
  return age + DAY <= UNSETTLED_REFUND_ENDS ? now + DAY : null;
}

/**
 * When to look next at a hold of this age. One that the gateway is to clear by itself (auto_clearing) keeps the pace of an
 * undecided charge for its first day; any other is read daily, at the end of day 5, and hourly for a day after that.
 */
export function nextHoldPoll(now: number, heldAt: number, autoClearing: boolean, fraction: number): number {
  const age = now - heldAt;
  if (autoClearing && age < DAY) return nextPoll(now, now, age, fraction);
  if (age < HOLD_ENDS) return Math.min(now + DAY, heldAt + HOLD_ENDS);
  return now + (age < HOLD_ENDS + DAY ? HOUR : DAY);
}
