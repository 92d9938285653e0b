/** Makes the mutants of a file, and the instrumented file that contains all of them. */
import { changesAt, isFunctionBody } from "./operators.ts";
import type { Node, Place } from "./tree.ts";
import { nodeOf, placesOf, textOf } from "./tree.ts";

/** One small mistake in one file. */
export interface Mutant {
  /** Unique within a run. */
  readonly id: number;
  /** Relative to the project's folder, with slashes. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The enclosing function or constant; empty at the top of a file. */
  readonly within: string;
  readonly operator: string;
  /** The node before and after, with single spaces. */
  readonly was: string;
  readonly becomes: string;
}

/** A site with a switch: one expression or statement, and its replacement for each mutant. */
interface Site {
  readonly kind: "expression" | "statement" | "block" | "function";
  readonly start: number;
  readonly end: number;
  readonly mutants: { readonly id: number; readonly text: string }[];
}

/** A file with its mutants. */
export interface MutatedFile {
  readonly mutants: readonly Mutant[];
  /** The source with a switch at every site: `globalThis.__mutation.is(id)` chooses the mutant. Line numbers do not change. */
  readonly instrumented: string;
}

/** The node that gets the switch for a change. The links of an optional chain cannot be separated. */
function switchedAt(place: Place): Place {
  let climbed = place;
  while (climbed.parent !== null && isLink(climbed)) climbed = climbed.parent;
  return climbed.node.type === "ChainExpression" ? climbed : place;
}

function isLink({ role, parent }: Place): boolean {
  if (parent?.node.type === "ChainExpression") return true;
  return (role === "object" && parent?.node.type === "MemberExpression") || (role === "callee" && parent?.node.type === "CallExpression");
}

function kindOf(place: Place, node: Node): Site["kind"] {
  if (node.type === "BlockStatement") return isFunctionBody(place) ? "function" : "block";
  return node.type.endsWith("Statement") ? "statement" : "expression";
}

function nameOf(place: Place | null): string {
  for (let at = place; at !== null; at = at.parent) {
    const name = nodeOf(at.node, "id") ?? nodeOf(at.node, "key");
    const isNamed = /Function|Declarator|Definition|Property/.test(at.node.type);
    if (isNamed && name !== null && textOf(name, "name") !== "" && isOutermost(at)) return textOf(name, "name");
  }
  return "";
}

/** Whether a node has a name for the report: a function, a method, or a constant at the top of a file. */
function isOutermost({ node, parent }: Place): boolean {
  if (node.type.endsWith("Declaration") || node.type === "MethodDefinition") return true;
  return node.type === "VariableDeclarator" && ["Program", "ExportNamedDeclaration"].includes(parent?.parent?.node.type ?? "");
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/**
 * All mutants of a file.
 *
 * @param firstId the id of the first mutant; the others follow
 */
export function mutate(file: string, source: string, firstId: number): MutatedFile {
  const mutants: Mutant[] = [];
  const sites = new Map<string, Site>();
  for (const place of placesOf(file, source)) {
    for (const { operator, start, end, becomes } of changesAt(place, source)) {
      // The returned expression is a node below the place.
      const isBelow = operator === "return value";
      const shown = isBelow ? { start, end } : place.node;
      const at = isBelow ? { start, end } : switchedAt(place).node;
      const changed = (from: number, to: number): string => source.slice(from, start) + becomes + source.slice(end, to);
      const id = firstId + mutants.length;
      mutants.push({
        id,
        file,
        line: source.slice(0, shown.start).split("\n").length,
        within: nameOf(place),
        operator,
        was: oneLine(source.slice(shown.start, shown.end)),
        becomes: oneLine(changed(shown.start, shown.end)),
      });
      const key = `${at.start}:${at.end}`;
      const site: Site = sites.get(key) ?? {
        kind: isBelow ? "expression" : kindOf(place, place.node),
        start: at.start,
        end: at.end,
        mutants: [],
      };
      site.mutants.push({ id, text: changed(at.start, at.end) });
      sites.set(key, site);
    }
  }
  return { mutants, instrumented: switched(source, [...sites.values()]) };
}

/** The source with a switch at every site. Sites may be nested. */
function switched(source: string, sites: readonly Site[]): string {
  const inOrder = sites.toSorted((one, other) => one.start - other.start || other.end - one.end);
  let next = 0;
  const upTo = (from: number, end: number): string => {
    let text = "";
    let at = from;
    for (let site = inOrder[next]; site !== undefined && site.end <= end; site = inOrder[next]) {
      next += 1;
      text += source.slice(at, site.start) + SWITCHES[site.kind](site, upTo(site.start, site.end));
      at = site.end;
    }
    return text + source.slice(at, end);
  };
  return `const __is=globalThis.__mutation.is;${upTo(0, source.length)}`;
}

const SWITCHES: Readonly<Record<Site["kind"], (site: Site, original: string) => string>> = {
  expression: ({ mutants }, original) => `(${mutants.map(({ id, text }) => `__is(${id})?(${text}):`).join("")}(${original}))`,
  statement: ({ mutants: [mutant] }, original) => `{if(!__is(${mutant?.id})){${original}}}`,
  block: ({ mutants: [mutant] }, original) => `{if(!__is(${mutant?.id}))${original}}`,
  function: ({ mutants: [mutant] }, original) => `{if(__is(${mutant?.id}))return;${original.slice(1)}`,
};
