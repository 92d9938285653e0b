/** What measured-time.ts knows of the values of a file. */
import type { Node } from "./syntax.ts";

/** What is known of a value: 0 no time, 1 an instant, 2 an instant and so much more, 3 whether it is so late, 4 how long it took. */
export type Level = 0 | 1 | 2 | 3 | 4;

/** A value as far as time is concerned. */
export interface Value {
  readonly level: Level;
  /** Of a list or an object that is written down: its parts, by index or key. */
  readonly parts?: ReadonlyMap<string, Value>;
  /** Of a function: what a call gives. */
  readonly returns?: Value;
  /** Of a function: where it is written, so that what it is called with is known inside. */
  readonly written?: Node;
}

export const NONE: Value = { level: 0 };
export const INSTANT: Value = { level: 1 };
export const LATER: Value = { level: 2 };
export const IS_LATE: Value = { level: 3 };
export const MEASURED: Value = { level: 4 };

/** The names of a function, or of the whole file. */
export class Scope {
  readonly names = new Map<string, Value>();
  readonly above: Scope | null;

  constructor(above: Scope | null) {
    this.above = above;
  }

  find(name: string): Value {
    return this.names.get(name) ?? this.above?.find(name) ?? NONE;
  }

  /** @returns true when that was not known */
  learn(name: string, value: Value): boolean {
    const owner = this.#ownerOf(name);
    const known = owner.names.get(name) ?? NONE;
    const joined = join(known, value);
    owner.names.set(name, joined);
    return weight(joined) > weight(known);
  }

  #ownerOf(name: string): Scope {
    for (let scope: Scope | null = this; scope !== null; scope = scope.above) if (scope.names.has(name)) return scope;
    return this;
  }
}

function object(parts: Readonly<Record<string, Value>>): Value {
  return { level: 0, parts: new Map(Object.entries(parts)) };
}

/** What every file has without asking: the clocks, and what measures by itself. */
export function globalScope(): Scope {
  const clock: Value = { level: 0, returns: INSTANT };
  const stopwatch: Value = { level: 0, returns: MEASURED };
  const globals = {
    Date: object({ now: clock }),
    performance: object({
      now: clock,
      measure: stopwatch,
      getEntries: stopwatch,
      getEntriesByName: stopwatch,
      getEntriesByType: stopwatch,
    }),
    process: object({
      hrtime: { ...object({ bigint: clock }), returns: INSTANT },
      uptime: clock,
      cpuUsage: stopwatch,
      resourceUsage: stopwatch,
    }),
    Temporal: object({ Now: object({ instant: clock, zonedDateTimeISO: clock, plainDateTimeISO: clock }) }),
    vi: object({ getRealSystemTime: clock }),
  };
  const scope = new Scope(null);
  for (const [name, value] of Object.entries({ ...globals, globalThis: object(globals), window: object(globals), self: object(globals) }))
    scope.names.set(name, value);
  return scope;
}

/** What is known when a value may be the one or the other. */
export function join(one: Value, other: Value): Value {
  if (one === other) return one;
  const parts = new Map(one.parts);
  for (const [key, value] of other.parts ?? []) parts.set(key, join(parts.get(key) ?? NONE, value));
  const returns = one.returns && other.returns ? join(one.returns, other.returns) : (one.returns ?? other.returns);
  return {
    level: Math.max(one.level, other.level) as Level,
    ...(parts.size > 0 && { parts }),
    ...(returns && { returns }),
    ...((one.written ?? other.written) && { written: one.written ?? other.written }),
  };
}

export function joinAll(values: readonly Value[]): Value {
  return values.reduce(join, NONE);
}

/** The most that is known of a value and its parts, and of what it gives when it is called. Not of what methods give that nobody calls. */
export function most(value: Value): Level {
  return Math.max(holds(value), value.returns ? most(value.returns) : 0) as Level;
}

/** The most that is known of a value, its parts, and everything that can be had by calling them. */
export function mostOfAll(value: Value): Level {
  const below = [...(value.parts?.values() ?? []), ...(value.returns ? [value.returns] : [])];
  return Math.max(value.level, ...below.map(mostOfAll)) as Level;
}

/** The most that is known of a value and its parts. */
export function holds(value: Value): Level {
  return Math.max(value.level, ...[...(value.parts?.values() ?? [])].map(holds)) as Level;
}

/** Grows with every thing that is learned, so that looking comes to an end. */
export function weight(value: Value): number {
  const parts = [...(value.parts?.values() ?? [])].reduce((sum, part) => sum + 1 + weight(part), 0);
  return value.level + parts + (value.returns ? 1 + weight(value.returns) : 0);
}

/** A part of a value, by index or key; null: whichever. */
export function partOf(value: Value, key: string | null): Value {
  const level: Value = { level: value.level };
  if (value.parts === undefined) return level;
  const part = key === null ? undefined : value.parts.get(key);
  if (part !== undefined) return join(level, part);
  // What was pushed is at any index; a method's name is at none.
  if (key !== null && !/^\d+$/.test(key)) return { level: value.level };
  return joinAll([level, ...value.parts.values()]);
}
