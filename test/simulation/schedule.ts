/** Virtual time: a heap of what is to happen, each at its millisecond, first come first served within one. */

interface Item {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** What is to happen, and the time it is. */
export class Schedule {
  /** Epoch ms: the true time, which is also the gateway's. */
  now: number;
  /** Counts what has happened. */
  steps = 0;
  readonly #heap: Item[] = [];
  #order = 0;

  constructor(start: number) {
    this.now = start;
  }

  /** Lets something happen at a time, or at once when that is past. */
  at(time: number, run: () => void): void {
    if (Number.isNaN(time)) throw new RangeError("A time is no number");
    this.#push({ at: Math.max(Math.ceil(time), this.now), order: this.#order, run });
    this.#order += 1;
  }

  /** Lets something happen so many milliseconds from now. */
  after(milliseconds: number, run: () => void): void {
    this.at(this.now + milliseconds, run);
  }

  /**
   * Lets the next thing happen, should it not be later than `until`.
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
 * Lets all promises that can go on do so, to the last one. Nothing in a simulation waits for anything but the schedule, so one turn
 * of the event loop sees the end of it.
 */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
