/**
 * The days on which an order changed, and the updates of their indexes that it has to send. They are a column of its record's row, so they
 * are written with the change itself. An update is due until that day's object has confirmed it.
 */
import { DAY, SECOND } from "../../src/lib/time.ts";
import { dayOf } from "../../src/lib/almaty-day.ts";

/** A day on which the order changed. */
export interface IndexDay {
  readonly day: string;
  /** What its index has to get. */
  readonly version: number;
  /** Failures since an update was last confirmed. */
  readonly tries: number;
  /** When the update is due, in milliseconds; null when the index has the newest state. */
  readonly nextAt: number | null;
}

/** Changes within this time are sent together, from memory: a charge that is paid has several in a second. */
export const UPDATE_AFTER: number = SECOND;

/** The lease of an update: after it the update is sent by the alarm, because its object was evicted or the day's object did not answer. */
const UPDATE_LEASE = 30 * SECOND;

/** The longest pause after a failure, and the failure from which on the pause does not grow. */
const MAX_PAUSE = 60 * SECOND;
const MAX_DOUBLINGS = 10;

/** A day whose index is to be updated. */
export type PendingUpdate = Pick<IndexDay, "day" | "version">;

/** The stored days as text; null without one. */
export function daysText(days: readonly IndexDay[]): string | null {
  return days.length === 0 ? null : JSON.stringify(days);
}

/** The days of a stored text. A damaged one counts as none: an index decides nothing, and must not stop an order. */
export function daysOf(text: string | null): readonly IndexDay[] {
  try {
    return text === null ? [] : (JSON.parse(text) as readonly IndexDay[]);
  } catch {
    return [];
  }
}

/**
 * The charge has changed: the index of every day on which it ever changed gets its new state.
 *
 * @param options.hasIndex whether there are daily indexes: without the binding DAYS only the days are stored
 */
export function changedDays(
  days: readonly IndexDay[],
  now: number,
  { retentionDays, hasIndex }: { readonly retentionDays: number; readonly hasIndex: boolean },
): readonly IndexDay[] {
  const today = dayOf(now);
  const newest = Math.max(0, ...days.map(({ version }) => version));
  // By the clock, so that it also grows after the shard was restored to an older state.
  const version = Math.max(now, newest + 1);
  const nextAt = hasIndex ? now + UPDATE_LEASE : null;
  const isKnown = days.some(({ day }) => day === today);
  const all = isKnown ? days : [...days, { day: today, version, tries: 0, nextAt }];
  // The indexes of days before the retention are deleted.
  const firstKept = dayOf(now - retentionDays * DAY);
  return all.filter(({ day }) => day > firstKept).map((one) => ({ ...one, version, nextAt }));
}

/** When an update is due; null when every index has the newest state. */
export function nextUpdateAt(days: readonly IndexDay[]): number | null {
  const times = days.map(({ nextAt }) => nextAt).filter((at) => at !== null);
  return times.length === 0 ? null : Math.min(...times);
}

/** The updates that are due at a time. */
export function pendingUpdates(days: readonly IndexDay[], until: number): readonly PendingUpdate[] {
  return days.filter((one) => isDue(one, until)).map(({ day, version }) => ({ day, version }));
}

/** Leases the updates that are due. */
export function leasedDays(days: readonly IndexDay[], now: number): readonly IndexDay[] {
  return days.map((one) => (isDue(one, now) ? { ...one, nextAt: now + UPDATE_LEASE } : one));
}

/** The day's index has this version. */
export function confirmedDays(days: readonly IndexDay[], update: PendingUpdate): readonly IndexDay[] {
  return days.map((one) => (isOf(one, update) ? { ...one, tries: 0, nextAt: null } : one));
}

/** The day's object could not be reached. */
export function failedDays(days: readonly IndexDay[], update: PendingUpdate, now: number): readonly IndexDay[] {
  return days.map((one) => {
    if (!isOf(one, update)) return one;
    const pause = Math.min(MAX_PAUSE, SECOND * 2 ** Math.min(one.tries, MAX_DOUBLINGS));
    return { ...one, tries: one.tries + 1, nextAt: now + pause };
  });
}

function isDue({ nextAt }: IndexDay, now: number): boolean {
  return nextAt !== null && nextAt <= now;
}

/** Whether an update is of the newest version. An answer to an older one changes nothing. */
function isOf({ day, version }: IndexDay, update: PendingUpdate): boolean {
  return day === update.day && version === update.version;
}
