/**
 * How many payments a process has begun whose calls have not ended (M2.15). In memory: a limit, not a rule of money. Without it an edge that
 * gets more orders than it can take begins all of them, and each waits for the calls of all others.
 */
import { HOUR, MINUTE } from "../../src/lib/time.ts";

/** The most: more than one process can do in a second, and with a gateway that takes 15 s for an answer, 17 payments a second. */
export const MAX_OPEN_PAYMENTS = 256;

/** A payment counts no longer than this, because one whose object was reset has no end. Hardly a payment's calls take longer. */
const COUNTED_FOR = 3 * MINUTE;

/** How often it is logged that there are too many. */
const LOG_INTERVAL = HOUR;

export class OpenPayments {
  /** When each began, in milliseconds since the epoch, the oldest first. */
  readonly #begunAt = new Map<number, number>();
  #newest = 0;
  #loggedAt = Number.NEGATIVE_INFINITY;

  /** Whether no further payment may begin. */
  isFull(now: number): boolean {
    for (const [number, begunAt] of this.#begunAt) {
      if (isWithin(COUNTED_FOR, begunAt, now)) break;
      this.#begunAt.delete(number);
    }
    return this.#begunAt.size >= MAX_OPEN_PAYMENTS;
  }

  /** Whether that it is full has to be logged now: once an hour. */
  isToBeLogged(now: number): boolean {
    if (isWithin(LOG_INTERVAL, this.#loggedAt, now)) return false;
    this.#loggedAt = now;
    return true;
  }

  /** Counts a payment that begins now, until its calls have ended. @param ended never rejects */
  add(now: number, ended: Promise<void>): void {
    this.#newest += 1;
    const number = this.#newest;
    this.#begunAt.set(number, now);
    void ended.then(() => this.#begunAt.delete(number));
  }
}

/** Whether less than this has passed since then; not if the clock was set back. */
function isWithin(milliseconds: number, since: number, now: number): boolean {
  return since <= now && now - since < milliseconds;
}
