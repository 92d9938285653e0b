/** The switch that the instrumented files ask which mutant is on. */

/** `globalThis.__mutation` of the worker. */
export class Switch {
  /** The mutant that is on; -1: none. */
  active = -1;
  /** How often a switch was asked since the test began … */
  steps = 0;
  /** … and how often it may be asked before the test is taken for endless. */
  limit: number = Number.POSITIVE_INFINITY;
  #passed: Uint8Array;

  constructor(count: number) {
    this.#passed = new Uint8Array(count);
  }

  readonly is = (id: number): boolean => {
    this.steps += 1;
    if (this.steps > this.limit) throw new EndlessError("The test does not come to an end");
    this.#passed[id] = 1;
    return id === this.active;
  };

  /** The mutants that were passed since the last call. */
  takePassed(): readonly number[] {
    const passed = [...this.#passed.keys()].filter((id) => this.#passed[id] === 1);
    this.#passed.fill(0);
    return passed;
  }

  get isEndless(): boolean {
    return this.steps > this.limit;
  }
}

/** Thrown into a loop that would never end. */
class EndlessError extends Error {
  override readonly name = "EndlessError";
}

declare global {
  var __mutation: Switch;
}
