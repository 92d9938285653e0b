/**
 * The one alarm of a shard. Each arming is a written row, so a commit arms it only when it becomes earlier. It is never in the past. An order
 * has a due time; the alarm is no later than the earliest of them.
 */
import { MINUTE } from "../../src/lib/time.ts";

/** The platform's alarm. */
export interface AlarmPort {
  /** The time it is set to, in milliseconds since the epoch; null without one. */
  get(): Promise<number | null>;
  set(at: number): void;
}

/** An alarm that has not fired this long after its time is lost. The platform may delay one by up to a minute. */
const LOST_AFTER = MINUTE;

export class AlarmClock {
  readonly #alarm: AlarmPort;
  readonly #now: () => number;
  readonly #earliest: () => number | null;
  /** The time that the alarm is known to be set to; null while that is not known. */
  #armedAt: number | null = null;
  #isFiring = false;
  /** How often it has fired in this object. */
  #firings = 0;

  /** @param earliest the earliest due time of all rows; null without one */
  constructor(alarm: AlarmPort, now: () => number, earliest: () => number | null) {
    this.#alarm = alarm;
    this.#now = now;
    this.#earliest = earliest;
  }

  /**
   * Arms the alarm for this time, unless it fires earlier anyway. While it is not known what the alarm is set to, all rows count, because
   * this would replace an earlier alarm of another order.
   */
  arm(at: number | null): void {
    if (at === null || this.#isFiring) return;
    if (this.isLost()) this.#armedAt = null;
    const wanted = this.#armedAt === null ? Math.min(at, this.#earliest() ?? at) : at;
    if (this.#armedAt !== null && this.#armedAt <= wanted) return;
    this.#armedAt = Math.max(wanted, this.#now());
    this.#alarm.set(this.#armedAt);
  }

  /** The alarm has fired: none is set. While the due orders are taken none is armed either, because each arming is a written row. */
  fired(): void {
    this.#armedAt = null;
    this.#isFiring = true;
    this.#firings += 1;
  }

  /** Sets the alarm after it has fired, also to a later time than the earliest row's: an order that failed keeps its due time. */
  setAfterFiring(at: number | null): void {
    this.#isFiring = false;
    if (at === null) return;
    this.#armedAt = Math.max(at, this.#now());
    this.#alarm.set(this.#armedAt);
  }

  /** Whether the alarm should have fired a while ago. */
  isLost(): boolean {
    return this.#armedAt !== null && this.#armedAt + LOST_AFTER < this.#now();
  }

  /** Compares the alarm with the rows, when an object is opened or its alarm did not fire: an alarm that was lost is set again. */
  async compare(): Promise<void> {
    const firings = this.#firings;
    const at = await this.#alarm.get();
    // Meanwhile it has fired, or a commit has armed it: by all rows.
    if (firings !== this.#firings || (this.#armedAt !== null && !this.isLost())) return;
    this.#armedAt = at;
    if (this.isLost()) this.#armedAt = null;
    this.arm(this.#earliest());
  }
}
