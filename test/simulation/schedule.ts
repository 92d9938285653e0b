/** Virtual time: a heap of callbacks by millisecond. Within one millisecond they run in the order in which they were added. */
import { isPending } from "./pending-work.ts";

interface Item {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** The pending callbacks, and the current time. */
export class Schedule {
  /** Epoch ms. This is the true time, and the gateway's. */
  now: number;
  /** The number of callbacks that have run. */
  steps = 0;
  readonly #heap: Item[] = [];
  #order = 0;

  constructor(start: number) {
    this.now = start;
  }

  /** Runs a callback at a time, or as soon as possible if that time is past. */
  at(time: number, run: () => void): void {
    if (Number.isNaN(time)) throw new RangeError("A time is no number");
    this.#push({ at: Math.max(Math.ceil(time), this.now), order: this.#order, run });
    this.#order += 1;
  }

  /** Runs a callback after this many milliseconds. */
  after(milliseconds: number, run: () => void): void {
    this.at(this.now + milliseconds, run);
  }

  /**
   * Runs the next callback if it is due by `until`.
   * @returns false when there was none
   */
  step(until: number): boolean {
    const next = this.#heap[0];
    if (next === undefined || next.at > until) return false;
    this.#pop();
    this.now = next.at;
    this.steps += 1;
    next.run();
    return true;
  }

  #before(one: number, other: number): boolean {
    const a = this.#heap[one];
    const b = this.#heap[other];
    if (a === undefined || b === undefined) return false;
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }

  #swap(one: number, other: number): void {
    const a = this.#heap[one];
    const b = this.#heap[other];
    if (a === undefined || b === undefined) return;
    this.#heap[one] = b;
    this.#heap[other] = a;
  }

  #push(item: Item): void {
    this.#heap.push(item);
    let index = this.#heap.length - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#before(index, parent)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const smaller = this.#before(left + 1, left) ? left + 1 : left;
      if (!this.#before(smaller, index)) return;
      this.#swap(index, smaller);
      index = smaller;
    }
  }
}

/**
 * Lets all pending promises settle. Nothing in a simulation waits for anything but the schedule and Web Crypto, so one turn of the event
 * loop is enough where no signature is being made.
 */
export async function settle(): Promise<void> {
  do {
    await new Promise<void>((resolve) => setImmediate(resolve));
  } while (isPending());
}
