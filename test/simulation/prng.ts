/**
 * Chance that replays: sfc32 (Chris Doty-Humphrey's "small fast counter", of PractRand, public domain), its state filled from the
 * seed by splitmix32. Small, fast, no state but four words; nothing here is fit for a secret.
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

/** A 32 bit number from a text (FNV-1a). */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

/** One stream of chance. The same seed gives the same stream on every machine. */
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

  /** A whole number of 32 bits. */
  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A number from 0 up to 1. */
  fraction(): number {
    return this.uint32() / 2 ** 32;
  }

  /** A whole number, both ends included. */
  int(from: number, to: number): number {
    return from + Math.floor(this.fraction() * (to - from + 1));
  }

  /** A whole number between two others, small ones as likely as large ones: each doubling has the same chance. */
  logUniform(from: number, to: number): number {
    return Math.round(from * (to / from) ** this.fraction());
  }

  /** True in so many of one cases. */
  bool(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<Value>(values: readonly Value[]): Value {
    const value = values[this.int(0, values.length - 1)];
    if (value === undefined) throw new RangeError("There is nothing to pick from");
    return value;
  }

  /** One of a table of `[weight, value]`. */
  weighted<Value>(table: readonly (readonly [number, Value])[]): Value {
    let left = this.fraction() * table.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of table) {
      left -= weight;
      if (left < 0) return value;
    }
    const last = table.at(-1);
    if (last === undefined) throw new RangeError("There is nothing to pick from");
    return last[1];
  }

  /** As many values as a number between `from` and `to` says. */
  listOf<Value>(from: number, to: number, make: (index: number) => Value): Value[] {
    return Array.from({ length: this.int(from, to) }, (_, index) => make(index));
  }

  /** A stream of its own for one purpose: what is taken from it moves no other. */
  fork(purpose: string): Prng {
    return new Prng(hashOf(`${this.#seed} ${purpose}`));
  }
}
