/**
 * The alarm of a simulated object: when the platform calls the object, late or twice, and how the platform loses it. A lost alarm may delay
 * the order from its time on, until a call reaches the object.
 */
import type { Scenario } from "./scenario.ts";
import { MINUTE, SECOND } from "./scenario.ts";
import type { Schedule } from "./schedule.ts";
import type { SimulatedStorage } from "./shard-storage.ts";
import { LONGEST_FLUSH } from "./shard-storage.ts";
import type { ReachedBy, SimulationEvent } from "./simulation-event.ts";

/** An open object compares its alarm with the rows once it is this late. */
const NOTICED_AFTER = MINUTE;

export interface AlarmWorld {
  readonly schedule: Schedule;
  readonly scenario: Scenario;
  clockOffset(): number;
  noteDisturbance(milliseconds?: number): void;
  emit(event: SimulationEvent): void;
}

export interface AlarmHost {
  readonly storage: SimulatedStorage;
  isOffline(): boolean;
  /** Whether the order is due at any time, so that it needs an alarm. */
  isDue(): boolean;
  fire(): void;
}

export class SimulatedAlarm {
  readonly #world: AlarmWorld;
  readonly #host: AlarmHost;
  #fired = 0;
  #scheduled: { readonly at: number } | null = null;
  #wasEverLost = false;
  /** The alarm that was lost and is not set again: its time by the edge's clock, and how the object was reached since. */
  #lost: { readonly at: number; reachedBy: ReachedBy | null } | null = null;
  /** When the lost alarm was set again. True time. */
  #setAgainAt = Number.NEGATIVE_INFINITY;

  #delayedUntil = Number.NEGATIVE_INFINITY;

  constructor(world: AlarmWorld, host: AlarmHost) {
    this.#world = world;
    this.#host = host;
  }

  /** Whether the alarm was lost and not set again. */
  get isLost(): boolean {
    return this.#lost !== null;
  }

  /** Whether a crash now would bring back the lost alarm: the new one is not durable yet. */
  get isDurablyLost(): boolean {
    return this.isLost || this.#world.schedule.now <= this.#setAgainAt + LONGEST_FLUSH;
  }

  /** Whether the order may be delayed now because its alarm was lost. */
  get isDelaying(): boolean {
    return this.#lost !== null && this.#lost.at <= this.#now;
  }

  /** Until when a lost alarm has delayed the order. True time. */
  get delayedUntil(): number {
    return this.isDelaying ? this.#world.schedule.now : this.#delayedUntil;
  }

  /** Whether the edge should have set the lost alarm again. */
  get isNotSetAgain(): boolean {
    return this.#lost !== null && this.#lost.reachedBy !== null && this.#host.isDue();
  }

  get #now(): number {
    return this.#world.schedule.now + this.#world.clockOffset();
  }

  /** The platform loses the alarm, without a call of the object. */
  lose(): void {
    const { storage } = this.#host;
    const { alarm } = storage;
    if (alarm === null) return;
    storage.loseAlarm();
    this.#scheduled = null;
    this.#wasEverLost = true;
    this.#lost = { at: alarm, reachedBy: null };
    this.#world.emit({ type: "alarm_lost" });
  }

  /** The object has other rows after a crash or a restore: those of a time when the alarm was lost have none. */
  rowsChanged(): void {
    if (this.#wasEverLost && this.#lost === null && this.#host.storage.alarm === null) this.#lost = { at: this.#now, reachedBy: null };
  }

  /** A call or the alarm reaches the object. An open object notices a lost alarm once it is late. */
  reached(by: ReachedBy, opens: boolean): void {
    const lost = this.#lost;
    if (lost !== null && (opens || lost.at + NOTICED_AFTER < this.#now)) lost.reachedBy ??= opens && by === "a call" ? "an opening" : by;
  }

  /** The edge's clock was set: the alarm may be due earlier or later. */
  clockChanged(): void {
    this.#scheduled = null;
    this.schedule();
  }

  /** The alarm was set, or the rows with it. */
  schedule(): void {
    const { alarm } = this.#host.storage;
    if (alarm === null) {
      this.#scheduled = null;
      return;
    }
    if (this.#lost !== null) this.#setAgain(this.#lost.reachedBy ?? "another event");
    if (this.#scheduled?.at === alarm) return;
    const scheduled = { at: alarm };
    this.#scheduled = scheduled;
    const { schedule, scenario } = this.#world;
    const fault = scenario.alarms.find(({ nth }) => nth === this.#fired + 1);
    const firesAt = alarm - this.#world.clockOffset() + (fault?.late ?? 0);
    if (fault !== undefined && fault.late > 0) this.#world.noteDisturbance(firesAt - schedule.now);
    schedule.at(firesAt, () => {
      if (this.#scheduled !== scheduled) return;
      this.#scheduled = null;
      if (this.#host.isOffline()) {
        schedule.after(SECOND, () => this.schedule());
        return;
      }
      this.#fired += 1;
      this.#world.emit({ type: "alarm_fired", late: fault?.late ?? 0 });
      this.#host.storage.setAlarm(null);
      this.#host.fire();
      if (fault !== undefined && fault.again !== null) schedule.after(fault.again, () => this.#host.fire());
    });
  }

  #setAgain(by: ReachedBy | "another event"): void {
    const wasDelaying = this.isDelaying;
    this.#lost = null;
    this.#setAgainAt = this.#world.schedule.now;
    if (wasDelaying) {
      this.#delayedUntil = this.#world.schedule.now;
      this.#world.noteDisturbance();
    }
    this.#world.emit({ type: "alarm_set_again", by });
  }
}
