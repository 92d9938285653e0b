// node scripts/custom-elements.ts: makes the data for editors and documentation from the docstrings of widget/.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chargeStatus, failureCategory } from "../src/edge-api.ts";
import { PROBLEMS } from "../src/lib/problems.ts";
import { ROOT } from "./run.ts";

const CLASS_FILE = "widget/element.ts";
/** The module of the package that exports the class. */
const CLASS_MODULE = "dist/widget/freedom-pay-charge.js";
const EVENTS_FILE = "widget/events.ts";
const TAG = "freedom-pay-charge";

interface Named {
  readonly name: string;
  readonly description: string;
}

interface Field extends Named {
  readonly type: string;
  /** Null when it has none: it is only read. */
  readonly attribute: string | null;
  readonly reflects: boolean;
  readonly values: readonly Named[];
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

/** A docstring's text in one line, with the names of links only: what stands before its tags, or behind one of them. */
function plain(comment: string, tag = ""): string {
  const text = comment.replace(/^\s*\/?\*+\/?/gm, "").replace(/\*\/\s*$/, "");
  return (`\n@${text}`.split(/\n\s*@/).find((part, index) => (tag ? part.startsWith(`${tag} `) : index === 1)) ?? "")
    .slice(tag.length)
    .replace(/\{@link ([^}]*)\}/g, "$1")
    .replace(/\s+/g, " ")
    .trim();
}

/** The docstring that stands right before a place. */
function docBefore(code: string, place: number): string {
  const before = code.slice(0, place);
  return before.trimEnd().endsWith("*/") ? before.slice(before.lastIndexOf("/**")) : "";
}

/** The texts that a union type of a file names itself. */
function union(file: string, name: string): string[] {
  const code = read(file);
  const body = code.slice(code.indexOf(`export type ${name} =`)).split(";")[0] ?? "";
  return [...body.matchAll(/"(\w+)"/g)].map(([, text = ""]) => text);
}

/** The named types of the element, by what they stand for: whoever reads the manifest cannot look names up. */
const UNIONS: Readonly<Record<string, readonly string[]>> = {
  ElementStatus: [...chargeStatus.options, ...union(EVENTS_FILE, "ElementStatus")],
  FailureCategory: failureCategory.options,
  ErrorReason: [...Object.keys(PROBLEMS), ...union(EVENTS_FILE, "PressError"), ...union(EVENTS_FILE, "ErrorReason")],
};

/** A type with {@link UNIONS} written out. */
function written(type: string): string {
  return type.replace(/\w+/g, (name) => UNIONS[name]?.map((text) => JSON.stringify(text)).join(" | ") ?? name);
}

/** A type of the manifest, and where the class that it names is declared. */
function typeOf(text: string, name: string): object {
  const start = text.indexOf(name);
  return { text, references: [{ name, module: moduleOf(EVENTS_FILE), start, end: start + name.length }] };
}

/** The built module of a source. */
function moduleOf(file: string): string {
  return `dist/${file.replace(/\.ts$/, ".js")}`;
}

/** What a tag of the class's docstring lists: `@slot name - description`. */
function listed(doc: string, tag: string): Named[] {
  const lines = doc.match(new RegExp(`(?<=@${tag} ).*`, "g")) ?? [];
  return lines.map((line) => {
    const [name = "", description = ""] = line.replace(/^\{[^}]*\} /, "").split(" - ");
    return { name: name.trim(), description: description.trim() };
  });
}

/** The statuses and what each means, as the class's docstring says it; every member of the two union types, and no other. */
function statuses(doc: string): Named[] {
  const meant = listed(doc, "cssState");
  const names = UNIONS["ElementStatus"] ?? [];
  if (
    meant
      .map(({ name }) => name)
      .toSorted()
      .join() !== names.toSorted().join()
  )
    throw new Error(`@cssState is to name ${names.join(", ")}`);
  return meant;
}

function fields(code: string, states: readonly Named[]): Field[] {
  return [...code.matchAll(/^ {2}(?:declare (\w+): ([^;]+);|get (status)\(\): (\w+))/gm)].map((match) => {
    const [, property, type = "", status, statusType = ""] = match;
    const name = property ?? status ?? "";
    const texts = [...type.matchAll(/"(\w+)"/g)].map(([, value = ""]) => ({ name: value, description: "" }));
    const locales = ["kk", "ru", "en"].map((value) => ({ name: value, description: "" }));
    return {
      name,
      type: written(status ? statusType : type),
      description: plain(docBefore(code, match.index)),
      attribute: name,
      reflects: status !== undefined || new RegExp(`${name}: \\{[^}]*reflect: true`).test(code),
      values: status ? states : name === "locale" ? locales : texts,
    };
  });
}

function methods(code: string): object[] {
  return [...code.matchAll(/^ {2}async (\w+)\(\): (Promise<ChargeDetail>)/gm)].map(({ index, 1: name, 2: type = "" }) => ({
    kind: "method",
    name,
    description: plain(docBefore(code, index)),
    return: { type: typeOf(type, "ChargeDetail"), description: plain(docBefore(code, index), "returns") },
  }));
}

/** The module of the events: what each tells, and their classes. */
function eventsModule(): object {
  const code = read(EVENTS_FILE);
  const path = moduleOf(EVENTS_FILE);
  const begin = code.indexOf("export interface ChargeDetail");
  const detail = code.slice(begin, code.indexOf("\n}", begin));
  const classes = [...code.matchAll(/^export class (\w+) extends (\w+) /gm)].map(({ index, 1: name = "", 2: base = "" }) => ({
    kind: "class",
    name,
    description: plain(docBefore(code, index)),
    superclass: base === "Event" ? { name: base, package: "global:" } : { name: base, module: path },
    ...(base === "Event" && {
      members: [
        {
          kind: "field",
          name: "detail",
          type: typeOf("ChargeDetail", "ChargeDetail"),
          description: "What the event tells.",
          readonly: true,
        },
      ],
    }),
  }));
  return {
    kind: "javascript-module",
    path,
    declarations: [
      {
        kind: "class",
        name: "ChargeDetail",
        description: `${plain(docBefore(code, begin))} A type alone: there is no such class when it runs.`,
        members: [...detail.matchAll(/^ {2}readonly (\w+): ([^;]+);/gm)].map(({ index, 1: name, 2: type = "" }) => ({
          kind: "field",
          name,
          type: { text: written(type) },
          description: plain(docBefore(detail, index)),
          readonly: true,
        })),
      },
      ...classes,
    ],
    exports: classes.map(({ name }) => ({ kind: "js", name, declaration: { name, module: path } })),
  };
}

/** The generated files by name: the manifest of custom elements, VS Code's custom data, web-types for JetBrains. */
export function elementData(): Readonly<Record<string, string>> {
  const code = read(CLASS_FILE);
  const { version } = JSON.parse(read("package.json")) as { version: string };
  const doc = docBefore(code, code.indexOf("export class FreedomPayCharge"));
  const description = plain(doc);
  const states = statuses(doc);
  const attributes = fields(code, states);
  const settable = attributes.filter(({ name }) => name !== "status");
  const slots = listed(doc, "slot");
  const parts = listed(doc, "csspart");
  const properties = listed(doc, "cssprop");
  const events = [...doc.matchAll(/@fires \{(\w+)\} ([\w-]+) - (.*)/g)].map(([, type = "", name = "", text = ""]) => ({
    name,
    type: typeOf(type, type),
    description: text,
  }));
  const manifest = {
    schemaVersion: "2.1.0",
    modules: [
      {
        kind: "javascript-module",
        path: CLASS_MODULE,
        declarations: [
          {
            kind: "class",
            name: "FreedomPayCharge",
            tagName: TAG,
            customElement: true,
            description,
            superclass: { name: "LitElement", package: "lit" },
            attributes: attributes.map(({ name, type, description: text }) => ({
              name,
              fieldName: name,
              type: { text: type },
              description: text,
            })),
            members: [
              ...attributes.map(({ name, type, description: text, reflects }) => ({
                kind: "field",
                name,
                type: { text: type },
                description: text,
                attribute: name,
                reflects,
                ...(name === "status" && { readonly: true }),
              })),
              ...methods(code),
            ],
            events,
            slots,
            cssParts: parts,
            cssProperties: properties,
            cssStates: states,
          },
        ],
        exports: [{ kind: "js", name: "FreedomPayCharge", declaration: { name: "FreedomPayCharge" } }],
      },
      {
        kind: "javascript-module",
        path: "dist/widget/define.js",
        declarations: [],
        exports: [
          {
            kind: "custom-element-definition",
            name: TAG,
            declaration: { name: "FreedomPayCharge", module: CLASS_MODULE },
          },
        ],
      },
      eventsModule(),
    ],
  };
  const customData = {
    version: 1.1,
    tags: [
      { name: TAG, description, attributes: settable.map(({ name, description: text, values }) => ({ name, description: text, values })) },
    ],
  };
  const webTypes = {
    $schema: "https://json.schemastore.org/web-types",
    name: TAG,
    version,
    "description-markup": "markdown",
    contributions: {
      html: {
        elements: [
          {
            name: TAG,
            description,
            attributes: settable.map(({ name, type, description: text }) => ({ name, description: text, value: { type } })),
            slots,
            js: {
              properties: attributes.map(({ name, type, description: text }) => ({ name, description: text, value: { type } })),
              events: events.map(({ name, description: text }) => ({ name, description: text })),
            },
            css: { parts, properties },
          },
        ],
      },
    },
  };
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  return { "custom-elements.json": json(manifest), "html-custom-data.json": json(customData), "web-types.json": json(webTypes) };
}

if (import.meta.main) for (const [name, text] of Object.entries(elementData())) writeFileSync(join(ROOT, name), text);
