/** For how long after the click an unanswered POST is repeated, in milliseconds (design: "A charge never happens without a click of the last two minutes"). */
export const REPEAT_WINDOW = 120_000;

/** Milliseconds: two days, written out because the element imports only types of src. A token lives one at most, and so does a click that was never answered; a clock may be set by another meanwhile. */
const KEPT_FOR = 172_800_000;

/** The one entry of the storage that the element uses. */
export const STORAGE_KEY = "freedom-pay-charge";

/** A point in time by two clocks: the wall's may be set, the steady one may stand still while the machine sleeps. Milliseconds. */
export interface Moment {
  readonly wall: number;
  readonly steady: number;
}

/** This moment. */
export function now(): Moment {
  return { wall: Date.now(), steady: performance.now() };
}

/** A click that the edge has not answered yet, as far as this browser knows. */
export interface OpenClick {
  /** Its Idempotency-Key. */
  readonly key: string;
  /** Epoch milliseconds by the wall clock of the time. */
  readonly at: number;
  /** How many attempts the charge had when it was clicked. */
  readonly attempt: number;
}

/** The part of `Storage` that is needed. */
export type KeyStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** The keys of this browser's clicks, by order. */
export interface AttemptKeys {
  /** The unanswered click on an order, or null. */
  open(orderId: string, now: number): OpenClick | null;
  /**
   * The key for a click, stored before it is returned. While an earlier click on the order is unanswered and no attempt
   * has begun since, its POST may still be on its way: this click takes the same key, so that both are one attempt.
   */
  take(orderId: string, attempt: number, now: number): string;
  /** Forgets the click: the edge has answered. */
  close(orderId: string, now: number): void;
}

type Entry = readonly [orderId: string, key: string, at: number, attempt: number];

function isEntry(value: unknown): value is Entry {
  return Array.isArray(value) && ["string", "string", "number", "number"].every((type, place) => typeof value[place] === type);
}

/**
 * How much time has gone by from one moment to the next, in milliseconds: what the clock says that says more. One may have been set back
 * and the other may have slept; for ever, when the wall's went backwards. Moments that are close to each other leave less room for both.
 */
export function elapsed(from: Moment, to: Moment): number {
  const wall = to.wall - from.wall;
  return wall < 0 ? Number.POSITIVE_INFINITY : Math.max(wall, to.steady - from.steady);
}

/**
 * Keeps the keys in a storage, all orders under {@link STORAGE_KEY}. Where the storage is barred or holds something else,
 * it keeps them in memory: a reload then shows what the edge says, as it does anyway.
 *
 * @param storage - gives the storage; may throw, as `localStorage` does where site data are blocked
 * @param newKey - a fresh key of visible ASCII
 */
export function createAttemptKeys(storage: () => KeyStorage, newKey: () => string): AttemptKeys {
  let entries: readonly Entry[] = [];

  const load = (now: number): void => {
    try {
      const stored: unknown = JSON.parse(storage().getItem(STORAGE_KEY) ?? "[]");
      entries = Array.isArray(stored) ? stored.filter(isEntry) : [];
    } catch {}
    entries = entries.filter(([, , at]) => Math.abs(now - at) < KEPT_FOR);
  };

  const save = (orderId: string, now: number, ...added: Entry[]): void => {
    load(now);
    entries = [...entries.filter(([order]) => order !== orderId), ...added];
    try {
      if (entries.length > 0) storage().setItem(STORAGE_KEY, JSON.stringify(entries));
      else storage().removeItem(STORAGE_KEY);
    } catch {}
  };

  const open = (orderId: string, now: number): OpenClick | null => {
    load(now);
    const entry = entries.find(([order]) => order === orderId);
    return entry ? { key: entry[1], at: entry[2], attempt: entry[3] } : null;
  };

  return {
    open,
    take(orderId, attempt, now) {
      const earlier = open(orderId, now);
      const key = earlier?.attempt === attempt ? earlier.key : newKey();
      save(orderId, now, [orderId, key, now, attempt]);
      return key;
    },
    close(orderId, now) {
      if (open(orderId, now)) save(orderId, now);
    },
  };
}
