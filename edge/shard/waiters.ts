/** Callers that wait for a change of an order. A commit wakes the waiters of its order alone. */

import type { Timer } from "../../src/lib/time.ts";

/** Callers that may wait in one shard, and for one order. Beyond that the answer comes at once. */
export const MAX_WAITERS = 500;
export const MAX_WAITERS_OF_ORDER = 20;

/** The waiting callers of one shard. */
export class Waiters {
  readonly #timer: Timer;
  readonly #byOrder = new Map<string, Set<() => void>>();
  #count = 0;

  constructor(timer: Timer) {
    this.#timer = timer;
  }

  /** Whether one more caller may wait for this order. */
  hasRoom(orderId: string): boolean {
    return this.#count < MAX_WAITERS && (this.#byOrder.get(orderId)?.size ?? 0) < MAX_WAITERS_OF_ORDER;
  }

  /** Resolves with the next commit of the order, or after the given time. Its timer is cleared, because an open timer keeps an object billed. */
  nextChange(orderId: string, milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#byOrder.get(orderId) ?? new Set();
      this.#byOrder.set(orderId, waiting);
      const end = (): void => {
        clear();
        if (waiting.delete(end)) this.#count -= 1;
        if (waiting.size === 0 && this.#byOrder.get(orderId) === waiting) this.#byOrder.delete(orderId);
        resolve();
      };
      const clear = this.#timer(milliseconds, end);
      waiting.add(end);
      this.#count += 1;
    });
  }

  /** Wakes everybody who waits for this order. */
  wake(orderId: string): void {
    for (const end of [...(this.#byOrder.get(orderId) ?? [])]) end();
  }
}
