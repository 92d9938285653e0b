/** The abstract values that measured-time.ts computes for a file. */
import type { Node } from "./syntax.ts";

/** The kind of a value: 0 not a time, 1 an instant, 2 an instant plus a duration, 3 whether a time has passed, 4 a measured duration. */
export type Level = 0 | 1 | 2 | 3 | 4;

/** A value with its kind. */
export interface Value {
  readonly level: Level;
  /** The parts of a list or object literal, by index or key. */
  readonly parts?: ReadonlyMap<string, Value>;
  /** The result of calling a function. */
  readonly returns?: Value;
  /** The node of a function, so that its parameters get the arguments' values. */
  readonly written?: Node;
}

export const NONE: Value = { level: 0 };
export const INSTANT: Value = { level: 1 };
export const LATER: Value = { level: 2 };
export const IS_LATE: Value = { level: 3 };
export const MEASURED: Value = { level: 4 };

/** The names in a function or in the file. */
export class Scope {
  readonly names = new Map<string, Value>();
  readonly above: Scope | null;

  constructor(above: Scope | null) {
    this.above = above;
  }

  find(name: string): Value {
    return this.names.get(name) ?? this.above?.find(name) ?? NONE;
  }

  /** @returns true when this is new */
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

/** The globals: clocks, and functions that measure. */
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

/** The union of two values. */
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

/** The highest kind in a value, its parts, and its result. Results of methods do not count. */
export function most(value: Value): Level {
  return Math.max(holds(value), value.returns ? most(value.returns) : 0) as Level;
}

/** The highest kind in a value, its parts, and all results of calling them. */
export function mostOfAll(value: Value): Level {
  const below = [...(value.parts?.values() ?? []), ...(value.returns ? [value.returns] : [])];
  return Math.max(value.level, ...below.map(mostOfAll)) as Level;
}

/** The highest kind in a value and its parts. */
export function holds(value: Value): Level {
  return Math.max(value.level, ...[...(value.parts?.values() ?? [])].map(holds)) as Level;
}

/** Grows with every new fact, so that the search ends. */
export function weight(value: Value): number {
  const parts = [...(value.parts?.values() ?? [])].reduce((sum, part) => sum + 1 + weight(part), 0);
  return value.level + parts + (value.returns ? 1 + weight(value.returns) : 0);
}

/** A part of a value, by index or key; null: any part. */
export function partOf(value: Value, key: string | null): Value {
  const level: Value = { level: value.level };
  if (value.parts === undefined) return level;
  const part = key === null ? undefined : value.parts.get(key);
  if (part !== undefined) return join(level, part);
  // A pushed value can be at any index. A method's name is not an index.
  if (key !== null && !/^\d+$/.test(key)) return { level: value.level };
  return joinAll([level, ...value.parts.values()]);
}
