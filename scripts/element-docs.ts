// node scripts/element-docs.ts: the README's tables of the element, made from custom-elements.json.
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

/** The declaration of the element in `custom-elements.json`, as far as it is shown. */
interface Declaration {
  readonly attributes: readonly Typed[];
  readonly members: readonly (Named & { readonly kind: string })[];
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

function folded(summary: string, content: string): string {
  return `<details><summary>${summary}</summary>\n\n${content}\n\n</details>`;
}

/** The tables, without the marks around them. */
export function elementTables(): string {
  const manifest = JSON.parse(read("custom-elements.json")) as {
    readonly modules: readonly { readonly declarations: readonly Declaration[] }[];
  };
  const declared = manifest.modules[0]?.declarations[0];
  if (declared === undefined) throw new Error("custom-elements.json declares no element");
  const attributes = declared.attributes.map(({ name, type, description }) => [
    `\`${name}\``,
    name === "status" ? "read only" : `\`${type.text.replace(" | null", "")}\``,
    description,
  ]);
  const methods = declared.members
    .filter(({ kind }) => kind === "method")
    .map(({ name, description }) => ({ name: `${name}()`, description }));
  return [
    table(["attribute and property", "", ""], attributes),
    named("method", methods),
    named("event", declared.events),
    named("slot", declared.slots),
    folded(
      "Parts, CSS properties and states",
      [
        named("`::part(…)`", declared.cssParts),
        named("CSS property", declared.cssProperties),
        named("`status`, and `:state(…)`", declared.cssStates),
      ].join("\n\n"),
    ),
    "Its space on the page, its languages, words of your own in its slots, and how it was checked: [docs/element.md](docs/element.md).",
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

if (import.meta.main) writeFileSync(join(ROOT, "README.md"), between(read("README.md"), "element", elementTables()));
