/**
 * `pg_sig` over nested fields, written a second time: the simulator shares no code with the core, so that each checks the other. Here every
 * text gets the path to it, and the paths are sorted.
 */
import type { Field } from "../merchant-api/field.ts";
import { md5 } from "./md5.ts";

/** A step from a field to a field in it: the name, and the place among its siblings. */
interface PathStep {
  readonly name: string;
  readonly place: number;
}

interface Leaf {
  readonly path: readonly PathStep[];
  readonly text: string;
}

function leavesOf(fields: readonly Field[], above: readonly PathStep[]): Leaf[] {
  const leaves: Leaf[] = [];
  fields.forEach(({ name, value }, place) => {
    const path = [...above, { name, place }];
    if (typeof value === "string") leaves.push({ path, text: value });
    else leaves.push(...leavesOf(value, path));
  });
  return leaves;
}

/** Negative if the first text is before the other by code units: the shorter of two texts that begin alike comes first. */
function byCodeUnits(one: string, other: string): number {
  for (let at = 0; at < Math.min(one.length, other.length); at += 1) {
    const difference = one.charCodeAt(at) - other.charCodeAt(at);
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

function byPath({ path: one }: Leaf, { path: other }: Leaf): number {
  for (const [level, step] of one.entries()) {
    const against = other[level];
    if (against === undefined) return 1;
    const difference = byCodeUnits(step.name, against.name) || step.place - against.place;
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

/**
 * The lower-case hex MD5 of `script;values in the order of their names;secret_key`. `pg_sig` itself is left out.
 *
 * @param script - the last segment of the called path.
 * @param fields - in the order in which they are sent.
 */
export function signNested(script: string, fields: readonly Field[], secretKey: string): string {
  const leaves = leavesOf(
    fields.filter(({ name }) => name !== "pg_sig"),
    [],
  ).sort(byPath);
  return md5([script, ...leaves.map(({ text }) => text), secretKey].join(";"));
}
