/**
 * A reproducible PRNG: sfc32 (Chris Doty-Humphrey's "small fast counter", of PractRand, public domain), its state filled from the seed by
 * splitmix32. Small and fast, with four words of state. Not fit for secrets.
 */

function splitmix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
}

/** The 32-bit FNV-1a hash of a text. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

/** One stream of random numbers. A seed gives the same stream on every machine. */
export class Prng {
  readonly #seed: number;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    this.#seed = seed;
    const fill = splitmix32(seed);
    this.#a = fill();
    this.#b = fill();
    this.#c = fill();
    for (let turn = 0; turn < 12; turn += 1) this.uint32();
  }

  /** A 32-bit whole number. */
  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A number from 0 up to, but not including, 1. */
  fraction(): number {
    return this.uint32() / 2 ** 32;
  }

  /** A whole number, both ends included. */
  int(from: number, to: number): number {
    return from + Math.floor(this.fraction() * (to - from + 1));
  }

  /** A whole number, distributed logarithmically: each doubling is equally likely. */
  logUniform(from: number, to: number): number {
    return Math.round(from * (to / from) ** this.fraction());
  }

  /** True with the given probability. */
  bool(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<Value>(values: readonly Value[]): Value {
    const value = values[this.int(0, values.length - 1)];
    if (value === undefined) throw new RangeError("There is no value to pick");
    return value;
  }

  /** One value of a table of `[weight, value]`. */
  weighted<Value>(table: readonly (readonly [number, Value])[]): Value {
    let left = this.fraction() * table.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of table) {
      left -= weight;
      if (left < 0) return value;
    }
    const last = table.at(-1);
    if (last === undefined) throw new RangeError("There is no value to pick");
    return last[1];
  }

  /** A list of random length, both ends included. */
  listOf<Value>(from: number, to: number, make: (index: number) => Value): Value[] {
    return Array.from({ length: this.int(from, to) }, (_, index) => make(index));
  }

  /** An independent stream. Numbers taken from it do not change any other stream. */
  fork(purpose: string): Prng {
    return new Prng(hashOf(`${this.#seed} ${purpose}`));
  }
}
