/**
 * Reads the form of a callback, from a body or a query. A form is ambiguous: is `+` a space, is `a[b]` a nested field, is the XML in
 * `pg_xml` percent-encoded? The likeliest reading gives the content. The signature shows which reading the sender meant.
 */
import type { Field } from "./field.ts";
import { readXml } from "./xml.ts";

/** A parsed form: its fields, or the XML in its field `pg_xml`. */
export interface CallbackForm {
  readonly shape: "form" | "xml";
  /** The likeliest first. */
  readonly readings: readonly (readonly Field[])[];
}

/** The start of the field in which the older API sends XML. */
const XML_FIELD = /(?:^[?\s]*|[?&])pg_xml=/;

/** The deepest nesting of fields, in a name such as `a[b][c]`. */
const MAX_DEPTH = 16;

/** Reads `a=1&b=2`. Never fails. */
export function readForm(text: string): CallbackForm {
  const trimmed = text.trim();
  const xml = XML_FIELD.exec(trimmed);
  const fields = fieldsOf(trimmed);
  if (xml !== null) return { shape: "xml", readings: [...xmlReadings(trimmed.slice(xml.index + xml[0].length), fields), fields] };
  const spellings = [trimmed, keepingPlus(trimmed), ...(text === trimmed ? [] : [text])];
  return { shape: "form", readings: spellings.map(fieldsOf).flatMap(flatAndNested) };
}

/** Reads `multipart/form-data`, without files. Never fails: a body that cannot be read has no fields. */
export async function readMultipart(contentType: string, body: Uint8Array): Promise<CallbackForm> {
  const fields = await partsOf(contentType, body);
  const xml = fields.findLast(({ name }) => name === "pg_xml")?.value;
  if (typeof xml !== "string") return { shape: "form", readings: flatAndNested(fields) };
  const read = readXml(xml);
  return { shape: "xml", readings: [read ?? [], fields] };
}

interface FormField extends Field {
  readonly value: string;
}

async function partsOf(contentType: string, body: Uint8Array): Promise<readonly FormField[]> {
  try {
    const form = await new Response(new Uint8Array(body), { headers: { "Content-Type": contentType } }).formData();
    return [...form].flatMap(([name, value]) => (typeof value === "string" ? [{ name, value }] : []));
  } catch {
    return [];
  }
}

function fieldsOf(text: string): readonly FormField[] {
  return [...new URLSearchParams(text)].map(([name, value]) => ({ name, value }));
}

function keepingPlus(text: string): string {
  return text.replaceAll("+", "%2B");
}

/**
 * The readings of the XML in `pg_xml`, because not every sender percent-encodes it.
 * 1. Without encoding, `&amp;`, `+` and `=` in it belong to the XML, and it extends to the end of the text.
 * 2. In a query, clients encode `<`, but not `&`, `+`, `=` and `/`.
 *
 * @param rest the text after `pg_xml=`
 */
function xmlReadings(rest: string, fields: readonly FormField[]): readonly (readonly Field[])[] {
  const encoded = fields.findLast(({ name }) => name === "pg_xml")?.value ?? "";
  const halfEncoded = new URLSearchParams(`whole=${keepingPlus(rest).replaceAll("&", "%26")}`).get("whole") ?? "";
  const plain = rest.trimStart().startsWith("<") ? [rest] : [];
  const texts = /%3C\//i.test(rest) ? [...plain, halfEncoded, encoded] : [...plain, encoded, halfEncoded];
  const readings = texts.map(readXml).filter((reading) => reading !== null);
  return readings.length > 0 ? readings : [[]];
}

function flatAndNested(fields: readonly FormField[]): readonly (readonly Field[])[] {
  return fields.some(({ name }) => name.includes("[")) ? [fields, nested(fields)] : [fields];
}

interface Nest {
  readonly name: string;
  readonly inside: Map<string, Nest>;
  readonly values: string[];
}

/** `a[b]=1&a[c]=2` as a field `a` with the fields `b` and `c`. In `a[]` the name is a number, as in PHP. */
function nested(fields: readonly FormField[]): readonly Field[] {
  const root: Nest = { name: "", inside: new Map(), values: [] };
  for (const { name, value } of fields) pathOf(name).reduce(nestIn, root).values.push(value);
  return fieldsIn(root);
}

function nestIn({ inside }: Nest, part: string): Nest {
  const name = part === "" ? String(inside.size) : part;
  const nest = inside.get(name) ?? { name, inside: new Map(), values: [] };
  inside.set(name, nest);
  return nest;
}

function fieldsIn({ inside }: Nest): readonly Field[] {
  return [...inside.values()].flatMap((nest): readonly Field[] => [
    ...nest.values.map((value) => ({ name: nest.name, value })),
    ...(nest.inside.size > 0 ? [{ name: nest.name, value: fieldsIn(nest) }] : []),
  ]);
}

function pathOf(name: string): readonly string[] {
  const [first = "", ...others] = name.split("[");
  const parts = others.map((part) => part.slice(0, -1));
  const isPath = first !== "" && others.length <= MAX_DEPTH && others.every((part) => part.indexOf("]") === part.length - 1 && part !== "");
  return isPath ? [first, ...parts] : [name];
}
