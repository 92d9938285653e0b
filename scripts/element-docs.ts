// node scripts/element-docs.ts: the tables of docs/element-reference.md, made from custom-elements.json.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./run.ts";

interface Named {
  readonly name: string;
  readonly description: string;
}

interface Typed extends Named {
  readonly type: { readonly text: string };
}

interface Member extends Typed {
  readonly kind: string;
  /** Of a method. */
  readonly return?: { readonly description: string };
}

/** A declaration in `custom-elements.json`, as far as it is shown: the element's, or what its events tell. */
interface Declaration {
  readonly name: string;
  readonly attributes: readonly Typed[];
  readonly members: readonly Member[];
  readonly events: readonly Named[];
  readonly slots: readonly Named[];
  readonly cssParts: readonly Named[];
  readonly cssProperties: readonly Named[];
  readonly cssStates: readonly Named[];
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(heading), `|${"---|".repeat(heading.length)}`, ...rows.map(line)].join("\n");
}

function named(heading: string, list: readonly Named[]): string {
  return table(
    [heading, ""],
    list.map(({ name, description }) => [`\`${name}\``, description]),
  );
}

/** A type in which the texts of a long union are left out. */
function shortened(type: string): string {
  return type.replace(/"\w+"( \| "\w+"){3,}/, "string");
}

/** The events that a status always comes with, for their descriptions name it. */
function eventsOf(status: string, events: readonly Named[]): string {
  const named = events.filter(({ description }) => description.includes(`\`${status}\``));
  return named.map(({ name }) => `\`${name}\``).join(", ");
}

function folded(summary: string, content: string): string {
  return `<details><summary>${summary}</summary>\n\n${content}\n\n</details>`;
}

/** The tables, without the marks around them. */
export function elementTables(): string {
  const manifest = JSON.parse(read("custom-elements.json")) as {
    readonly modules: readonly { readonly declarations: readonly Declaration[] }[];
  };
  const declarations = manifest.modules.flatMap((module) => module.declarations);
  const [declared, told] = ["FreedomPayCharge", "ChargeDetail"].map((name) =>
    declarations.find((declaration) => declaration.name === name),
  );
  if (declared === undefined || told === undefined)
    throw new Error("custom-elements.json declares no element, or not what its events tell");
  const attributes = declared.attributes.map(({ name, type, description }) => [
    `\`${name}\``,
    name === "status" ? "read only" : `\`${type.text.replace(" | null", "")}\``,
    description,
  ]);
  const methods = declared.members
    .filter(({ kind }) => kind === "method")
    .map(({ name, description, return: comes }) => [`\`${name}()\``, description, comes?.description ?? ""]);
  const detail = told.members.map(({ name, type, description }) => [`\`${name}\``, `\`${shortened(type.text)}\``, description]);
  const states = declared.cssStates.map(({ name, description }) => [`\`${name}\``, description, eventsOf(name, declared.events)]);
  return [
    table(["attribute and property", "", ""], attributes),
    table(["method", "", "a promise of"], methods),
    named("event", declared.events),
    table(["what an event tells: `event.detail`", "", ""], detail),
    "Each category and reason: [element.md](element.md#what-its-events-tell).",
    named("slot", declared.slots),
    folded(
      "Parts, CSS properties and states",
      [
        named("`::part(…)`", declared.cssParts),
        named("CSS property", declared.cssProperties),
        table(["`status`, and `:state(…)`", "", "its event, before `freedom-pay-change`"], states),
      ].join("\n\n"),
    ),
    "Its space on the page, its languages, words of your own in its slots, and how it was checked: [element.md](element.md).",
  ].join("\n\n");
}

/**
 * A text with what stands between two marks replaced.
 *
 * @param name - of the marks: `<!-- name: begin -->` and `<!-- name: end -->`
 * @throws when the text has no such marks
 */
export function between(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`There is no place for ${name}`);
  return `${before}${begin}\n\n${content}\n\n${end}${after}`;
}

/** The page of the tables. */
export const REFERENCE = "docs/element-reference.md";

if (import.meta.main) writeFileSync(join(ROOT, REFERENCE), between(read(REFERENCE), "element", elementTables()));
