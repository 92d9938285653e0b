/**
 * Reads the XML of a callback: elements and their text. Attributes, comments, instructions and a document type are skipped. Only the five
 * predefined entities and numeric characters are expanded. Each character is read a fixed number of times: the first construct that is not
 * closed ends the reading.
 */
import type { Field } from "./field.ts";

/** The deepest nesting of elements. */
const MAX_DEPTH = 32;

/** A piece of markup, and the index after it. */
type Markup = { readonly end: number } & (
  | { readonly kind: "skipped" }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "opening"; readonly name: string; readonly isEmpty: boolean }
  | { readonly kind: "closing"; readonly name: string }
);

interface OpenElement {
  readonly name: string;
  readonly fields: Field[];
  text: string;
}

/**
 * The fields of an XML document. Text after its outermost element is not read.
 *
 * @returns the elements inside the outermost one; the outermost one itself if it holds text alone; null if the text is not well-formed
 */
export function readXml(text: string): readonly Field[] | null {
  const open: OpenElement[] = [];
  for (let at = 0; ; ) {
    const begin = text.indexOf("<", at);
    const markup = begin < 0 ? null : markupAt(text, begin);
    if (markup === null) return null;
    const inside = open.at(-1);
    if (inside !== undefined) inside.text += unescapeXml(text.slice(at, begin)) + (markup.kind === "text" ? markup.text : "");
    at = markup.end;
    if (markup.kind === "opening") {
      if (open.length === MAX_DEPTH) return null;
      open.push({ name: markup.name, fields: [], text: "" });
    }
    if (markup.kind === "closing" && markup.name !== inside?.name) return null;
    if (markup.kind === "closing" || (markup.kind === "opening" && markup.isEmpty)) {
      const closed = open.pop();
      if (closed === undefined) return null;
      const outer = open.at(-1);
      if (outer === undefined) return closed.fields.length > 0 ? closed.fields : [fieldOf(closed)];
      outer.fields.push(fieldOf(closed));
    }
  }
}

/** Text beside elements is dropped: it is white space, or has no field. */
function fieldOf({ name, fields, text }: OpenElement): Field {
  return { name, value: fields.length > 0 ? fields : text };
}

function markupAt(text: string, begin: number): Markup | null {
  if (text.startsWith("<![CDATA[", begin)) {
    const close = text.indexOf("]]>", begin);
    return close < 0 ? null : { kind: "text", text: text.slice(begin + "<![CDATA[".length, close), end: close + "]]>".length };
  }
  if (text.startsWith("<!--", begin)) return skippedTo(text, begin + "<!--".length, "-->");
  if (text.startsWith("<?", begin)) return skippedTo(text, begin, "?>");
  const close = endOfTag(text, begin);
  if (close < 0) return null;
  const end = close + 1;
  if (text.startsWith("<!", begin)) return { kind: "skipped", end };
  if (text.startsWith("</", begin)) return { kind: "closing", name: text.slice(begin + 2, close).trimEnd(), end };
  const isEmpty = text[close - 1] === "/";
  const [name] = /^[^\s/]+/.exec(text.slice(begin + 1, close)) ?? [];
  return name === undefined ? null : { kind: "opening", name, isEmpty, end };
}

function skippedTo(text: string, from: number, closing: string): Markup | null {
  const close = text.indexOf(closing, from);
  return close < 0 ? null : { kind: "skipped", end: close + closing.length };
}

/** The index of the `>` that ends a tag or a document type, outside its quoted texts and brackets. -1 if there is none. */
function endOfTag(text: string, begin: number): number {
  let depth = 0;
  for (let at = begin; at < text.length; at += 1) {
    const character = text[at];
    if (character === ">" && depth <= 0) return at;
    if (character === "[") depth += 1;
    if (character === "]") depth -= 1;
    if (character !== '"' && character !== "'") continue;
    at = text.indexOf(character, at + 1);
    if (at < 0) return -1;
  }
  return -1;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Unknown entities stay unchanged. */
function unescapeXml(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));/g,
    (whole, decimal?: string, hex?: string, name = "") => {
      if (decimal === undefined && hex === undefined) return ENTITIES[name] ?? whole;
      return characterOf(decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal)) ?? whole;
    },
  );
}

/** The character of a number, or null for NUL, surrogates and numbers beyond Unicode. */
function characterOf(code: number): string | null {
  const isNone = code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff);
  return isNone ? null : String.fromCodePoint(code);
}
