// node scripts/custom-elements.ts: the data of the element for editors and documentation, from the docstrings of widget/. The manifest comes
// from its analyzer, the data for VS Code and JetBrains from their generators.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { getWebTypesData } from "custom-element-jet-brains-integration";
import { getVsCodeHtmlCustomData } from "custom-element-vs-code-integration";
import { exportsOf } from "./compiler.ts";
import { ROOT } from "./run.ts";

type Manifest = Parameters<typeof getWebTypesData>[0];

/** A part of the manifest. */
interface Part {
  readonly name?: string;
  readonly kind?: string;
  readonly static?: boolean;
  readonly privacy?: string;
  readonly readonly?: boolean;
  readonly return?: object;
  /** Of a type. */
  readonly text?: string;
}

/** The analyzer, whose types leave out what it exports. */
interface Analyzer {
  create(options: { readonly modules: readonly object[]; readonly plugins: readonly object[]; readonly context: object }): Manifest;
  readonly ts: { createSourceFile(name: string, code: string, target: number, setParents: boolean, kind: number): object };
}

const ANALYZER: string = "@custom-elements-manifest/analyzer";
const { create, ts } = (await import(ANALYZER)) as Analyzer;
const { litPlugin } = (await import(`${ANALYZER}/src/features/framework-plugins/lit/lit.js`)) as { litPlugin(): object[] };

/** ES2022 and TypeScript, as the analyzer's compiler numbers them. */
const [TARGET, KIND] = [9, 3];

function read(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

/** The modules of the package, with the code that is analyzed. */
function modules(): readonly object[] {
  const codes = {
    // It takes a getter for an attribute only by tags, and editors are to offer the languages.
    "dist/widget/freedom-pay-charge.js": read("widget/element.ts")
      .replace(" */\n  get status", "\n * @attr\n * @reflect\n */\n  get status")
      .replace("declare locale: string", 'declare locale: "kk" | "ru" | "en" | string'),
    // The analyzer knows no function that registers an element.
    "dist/widget/define.js":
      'import { FreedomPayCharge } from "./freedom-pay-charge.js"; customElements.define("freedom-pay-charge", FreedomPayCharge);',
    // It passes over interfaces.
    "dist/widget/events.js": read("widget/events.ts").replace("export interface ChargeDetail", "export class ChargeDetail"),
  };
  return Object.entries(codes).map(([name, code]) => ts.createSourceFile(name, code, TARGET, true, KIND));
}

/** The types that are texts, written out, because no reader of the manifest can look names up. */
const TEXTS: ReadonlyMap<string, string> = new Map(
  exportsOf("widget/events.ts", "src/edge-api.ts")
    .flat()
    .filter(({ isType, text }) => isType && text.startsWith('"'))
    .map(({ name, text }) => [name, text]),
);

/** A type with {@link TEXTS} written out. One may name another. */
function written(type: string): string {
  const text = type.replace(/\b[A-Z]\w+/g, (name) => TEXTS.get(name) ?? name);
  return text === type ? text : written(text);
}

/** A type written out, and where the classes that it names are declared. */
function typed(type: string): object {
  const text = written(type);
  const references = Array.from(text.matchAll(/\b(?:ChargeDetail|FreedomPay\w+)/g), ({ index, 0: name }) => ({
    name,
    module: "dist/widget/events.js",
    start: index,
    end: index + name.length,
  }));
  return references.length === 0 ? { text } : { text, references };
}

/** What the methods return, in words: the analyzer takes the type alone. */
function returned(method: string): string {
  const [, text = ""] = new RegExp(`@returns \\{.*\\} ((?:(?!\\*/)[^])*)\\*/\\s*async ${method}\\(`).exec(read("widget/element.ts")) ?? [];
  return text.replace(/\s+(?:\* +)?/g, " ").trim();
}

/** Corrects a part of the manifest: what no page can use is left out, lines are joined, types written out, and the analyzer's gaps filled. */
function corrected(key: string, value: unknown): unknown {
  if (key === "schemaVersion") return "2.1.0"; // It has CSS states.
  if (key === "module") return String(value).replace(/^\//, "");
  if (key === "description") return String(value).replace(/\s+/g, " ").trim();
  if (key === "type") return typed((value as Part).text ?? "");
  if (key === "superclass" && (value as Part).name === "Event") return { name: "Event", package: "global:" };
  if (!Array.isArray(value)) return value;
  const parts = value as readonly Part[];
  if (key === "declarations") return parts.filter(({ kind }) => kind === "class");
  if (key === "exports") return parts.filter(({ name }) => name !== "ChargeDetail" && name !== "EVENT_OF");
  if (key === "events") return parts.filter(({ name }) => name !== undefined);
  if (key === "attributes") return parts.toSorted((one, other) => Number(one.readonly ?? false) - Number(other.readonly ?? false));
  if (key !== "members") return value;
  return parts
    .filter((part) => part.static !== true && part.privacy !== "private")
    .map((part) => (part.return === undefined ? part : { ...part, return: { ...part.return, description: returned(part.name ?? "") } }));
}

/** The attributes that a page sets: editors are to offer no others. */
function settable(key: string, value: unknown): unknown {
  return key === "attributes" ? (value as readonly Part[]).filter((part) => part.readonly !== true) : value;
}

/** The generated files by name: the manifest of custom elements, VS Code's custom data, web-types for JetBrains. */
export function elementData(): Readonly<Record<string, string>> {
  const analyzed = create({ modules: modules(), plugins: litPlugin(), context: { dev: false } });
  const manifest = JSON.parse(JSON.stringify(analyzed), corrected) as Manifest;
  const forEditors = JSON.parse(JSON.stringify(manifest), settable) as Manifest;
  const options = { hideLogs: true, hideCssPropertiesDocs: true };
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  return {
    "custom-elements.json": json(manifest),
    "html-custom-data.json": json(JSON.parse(getVsCodeHtmlCustomData(forEditors, options))),
    "web-types.json": json(JSON.parse(getWebTypesData(forEditors, options))),
  };
}

if (import.meta.main) for (const [name, text] of Object.entries(elementData())) writeFileSync(join(ROOT, name), text);
