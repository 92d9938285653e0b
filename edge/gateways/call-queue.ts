/**
 * The calls of one shard. Cloudflare lets six connections of an object wait for response headers ("Workers, limits: simultaneous open
 * connections"), so no more than six are open. Reads and notifications have lower limits: reads that hang leave room for sends, and a
 * receiver that hangs leaves room for both.
 */

/** What a call is for. A send is a create or an operation. */
export type CallKind = "send" | "read" | "notification";

/** Calls of all kinds that may be open at once. */
export const MAX_OPEN_CALLS = 6;

/** Calls of each kind that may be open at once. */
const MAX_OPEN: Readonly<Record<CallKind, number>> = { send: MAX_OPEN_CALLS, read: 3, notification: 1 };

/** Kinds by priority. */
const KINDS = ["send", "read", "notification"] as const satisfies readonly CallKind[];

interface Waiting {
  readonly expiresAt: number;
  readonly start: () => Promise<void>;
  readonly drop: () => void;
}

/** A call that ended, or whose window passed before it could leave. */
export type QueuedCall<Value> = { readonly left: true; readonly leftAt: number; readonly value: Value } | { readonly left: false };

/** Lets calls leave, first come first served within a kind. */
export class CallQueue {
  readonly #now: () => number;
  readonly #waiting: Readonly<Record<CallKind, Waiting[]>> = { send: [], read: [], notification: [] };
  readonly #open: Record<CallKind, number> = { send: 0, read: 0, notification: 0 };

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** How many calls of a kind wait for their turn. */
  waiting(kind: CallKind): number {
    return this.#waiting[kind].length;
  }

  /**
   * Makes a call when it is its turn. Its time-out starts then.
   * @param options.expiresAt the end of its window: a call that still waits then does not leave
   * @throws the error of the call
   */
  run<Value>(kind: CallKind, options: { readonly expiresAt: number }, call: () => Promise<Value>): Promise<QueuedCall<Value>> {
    return new Promise((resolve, reject) => {
      const start = async (): Promise<void> => {
        const leftAt = this.#now();
        try {
          resolve({ left: true, leftAt, value: await call() });
        } catch (error) {
          reject(error);
        }
      };
      this.#waiting[kind].push({ expiresAt: options.expiresAt, start, drop: () => resolve({ left: false }) });
      this.#next();
    });
  }

  #next(): void {
    for (const kind of KINDS) {
      for (let next = this.#take(kind); next !== null; next = this.#take(kind)) this.#start(kind, next);
    }
  }

  #start(kind: CallKind, { start }: Waiting): void {
    this.#open[kind] += 1;
    void start().finally(() => {
      this.#open[kind] -= 1;
      this.#next();
    });
  }

  /** The next call of a kind that may leave now; null without one. Drops those whose window has passed. */
  #take(kind: CallKind): Waiting | null {
    const waiting = this.#waiting[kind];
    const open = KINDS.reduce((sum, one) => sum + this.#open[one], 0);
    if (open >= MAX_OPEN_CALLS || this.#open[kind] >= MAX_OPEN[kind]) return null;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (this.#now() <= next.expiresAt) return next;
      next.drop();
    }
    return null;
  }
}
