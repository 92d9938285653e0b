/** The switch in the instrumented files: it selects the active mutant. */

/** `globalThis.__mutation` of the worker. */
export class Switch {
  /** The active mutant; -1: none. */
  active = -1;
  /** Number of evaluated switches since the test began. */
  steps = 0;
  /** Number of evaluated switches at which the test counts as endless. */
  limit: number = Number.POSITIVE_INFINITY;
  #passed: Uint8Array;

  constructor(count: number) {
    this.#passed = new Uint8Array(count);
  }

  readonly is = (id: number): boolean => {
    this.steps += 1;
    if (this.steps > this.limit) throw new EndlessError("The test does not end");
    this.#passed[id] = 1;
    return id === this.active;
  };

  /** The mutants that were executed since the last call. */
  takePassed(): readonly number[] {
    const passed = [...this.#passed.keys()].filter((id) => this.#passed[id] === 1);
    this.#passed.fill(0);
    return passed;
  }

  get isEndless(): boolean {
    return this.steps > this.limit;
  }
}

/** Thrown to end an endless loop. */
class EndlessError extends Error {
  override readonly name = "EndlessError";
}

declare global {
  var __mutation: Switch;
}
