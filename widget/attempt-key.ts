/** How long after the press an unanswered POST is repeated, in milliseconds. */
export const REPEAT_WINDOW = 120_000;

/** Two days in milliseconds: a token lives one day at most, and the clock may be wrong by another. */
const KEPT_FOR = 172_800_000;

/** The one entry of the storage that the element uses. */
export const STORAGE_KEY = "freedom-pay-charge";

/** A press that the edge has not answered yet, as far as this browser knows. */
export interface OpenClick {
  /** Its Idempotency-Key. */
  readonly key: string;
  /** When it was made: epoch milliseconds by the wall clock. */
  readonly at: number;
  /** How many attempts the charge had then. */
  readonly attempt: number;
}

/** The part of `Storage` that is needed. */
export type KeyStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** The Idempotency-Keys of this browser's presses, by order. */
export interface AttemptKeys {
  /** The unanswered press on an order, or null. */
  open(orderId: string, now: number): OpenClick | null;
  /**
   * The key of a press, stored before it is returned. While an earlier press on the order is unanswered and no attempt has begun since,
   * its POST may still arrive: this press takes the same key, so that both are one attempt.
   */
  take(orderId: string, attempt: number, now: number): string;
  /** Removes the press: the edge has answered it. */
  close(orderId: string, now: number): void;
}

type Entry = readonly [orderId: string, key: string, at: number, attempt: number];

function isEntry(value: unknown): value is Entry {
  return Array.isArray(value) && ["string", "string", "number", "number"].every((type, place) => typeof value[place] === type);
}

/**
 * A fresh Idempotency-Key: four random numbers. `crypto.randomUUID` is younger than some supported browsers. Where the page has no `crypto`
 * either, `Math.random` has to do: the key only has to differ from the keys of other presses on the order.
 */
export function newAttemptKey(): string {
  try {
    return crypto.getRandomValues(new Uint32Array(4)).join("-");
  } catch {
    return [1, 2, 3, 4].map(Math.random).join("-");
  }
}

/**
 * Keeps the keys in a storage, all orders under {@link STORAGE_KEY}. What the storage does not take is kept in memory and outranks what is
 * stored: a storage may be blocked, full, or drop what it is given without a word.
 *
 * @param storage - gives the storage; may throw, as `localStorage` does where site data are blocked
 * @param newKey - a fresh key of visible ASCII
 */
export function createAttemptKeys(storage: () => KeyStorage, newKey: () => string): AttemptKeys {
  /** By order: what the storage did not take. Null for a press that was closed. */
  const unwritten = new Map<string, Entry | null>();

  const stored = (): readonly Entry[] => {
    try {
      const value: unknown = JSON.parse(storage().getItem(STORAGE_KEY) ?? "[]");
      return Array.isArray(value) ? value.filter(isEntry) : [];
    } catch {
      return [];
    }
  };

  const load = (now: number): readonly Entry[] =>
    [...stored().filter(([orderId]) => !unwritten.has(orderId)), ...unwritten.values()].filter(
      (entry): entry is Entry => entry !== null && Math.abs(now - entry[2]) < KEPT_FOR,
    );

  const save = (orderId: string, entry: Entry | null, now: number): void => {
    unwritten.set(orderId, entry);
    const entries = load(now);
    const text = entries.length > 0 ? JSON.stringify(entries) : null;
    try {
      if (text) storage().setItem(STORAGE_KEY, text);
      else storage().removeItem(STORAGE_KEY);
      if (storage().getItem(STORAGE_KEY) === text) unwritten.clear();
    } catch {}
  };

  const open = (orderId: string, now: number): OpenClick | null => {
    const entry = load(now).find(([order]) => order === orderId);
    return entry ? { key: entry[1], at: entry[2], attempt: entry[3] } : null;
  };

  return {
    open,
    take(orderId, attempt, now) {
      const earlier = open(orderId, now);
      const key = earlier?.attempt === attempt ? earlier.key : newKey();
      save(orderId, [orderId, key, now, attempt], now);
      return key;
    },
    close(orderId, now) {
      if (open(orderId, now)) save(orderId, null, now);
    },
  };
}
