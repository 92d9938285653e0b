/** The receivers of a simulated object: the merchant's server and the daily indexes. Most deliveries arrive. */
import type { DayEntry } from "../../edge/rpc.ts";
import type { Prng } from "./prng.ts";
import type { Schedule } from "./schedule.ts";
import type { SimulationEvent } from "./simulation-event.ts";

/** The part of the world that deliveries use. */
export interface DeliveryWorld {
  readonly schedule: Schedule;
  /** Stores the order's state in the index of a day. */
  putIntoIndex(entry: DayEntry): void;
  emit(event: SimulationEvent): void;
}

interface FailedDelivery {
  readonly end: null;
  readonly status: number;
  readonly retryAfter: null;
}

/** The object of a day does not answer. */
export class IndexUnreachable extends Error {
  override readonly name: string = "IndexUnreachable";
}

export class Deliveries {
  readonly #world: DeliveryWorld;
  readonly #prng: Prng;

  constructor(world: DeliveryWorld, prng: Prng) {
    this.#world = world;
    this.#prng = prng;
  }

  notify(isAlive: () => boolean): Promise<{ readonly end: "delivered"; readonly status: number } | FailedDelivery> {
    this.#world.emit({ type: "delivery_sent", what: "a notification" });
    const arrives = this.#prng.bool(0.9);
    return this.#afterLatency(isAlive, () => (arrives ? { end: "delivered", status: 204 } : { end: null, status: 500, retryAfter: null }));
  }

  updateIndex(entry: DayEntry, isAlive: () => boolean): Promise<void> {
    this.#world.emit({ type: "delivery_sent", what: "an index update" });
    const arrives = this.#prng.bool(0.9);
    return this.#afterLatency(isAlive, () => {
      if (!arrives) throw new IndexUnreachable();
      this.#world.putIntoIndex(entry);
    });
  }

  #afterLatency<Value>(isAlive: () => boolean, end: () => Value): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#world.schedule.after(this.#prng.int(2, 40), () => {
        if (!isAlive()) return;
        try {
          resolve(end());
        } catch (error) {
          reject(error);
        }
      });
    });
  }
}
