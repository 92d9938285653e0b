/**
 * Reads the XML of the Merchant API (docs/merchant-api.md, "XML"): elements with text or with elements. A strict parser does the reading;
 * what it allows and this API does not need is refused here.
 */
import { parseXml, XmlDeclaration, XmlElement, XmlText } from "@rgrove/parse-xml";
import type { XmlDocument, XmlNode } from "@rgrove/parse-xml";
import type { Field } from "./field.ts";

/** The largest answer that is read, in bytes. A payment with 1,000 refunds has 300 KB. */
export const MAX_ANSWER = 512 * 1024;

/** The largest XML in a notification that is read, in bytes. One has about 2 KB. */
export const MAX_NOTIFICATION_XML = 64 * 1024;

/** The deepest element that is read. The root is at 1, the fields of a refund's row at 4. */
const MAX_DEPTH = 8;

/** The root of a document: its name, and the fields in it. */
export interface XmlFields {
  readonly root: string;
  readonly fields: readonly Field[];
}

/**
 * Reads a document in UTF-8. Comments are skipped, attributes ignored, white space between elements dropped; every other value is kept
 * untrimmed. CDATA, the five predefined entities and references to characters count as their text.
 *
 * @param maxBytes A larger document is refused before it is parsed.
 * @returns Null for anything else: XML that is not well formed, another encoding, a document type, an instruction, text beside elements,
 * or elements deeper than 8.
 */
export function readXml(bytes: Uint8Array, maxBytes: number): XmlFields | null {
  if (bytes.length > maxBytes) return null;
  const document = parse(bytes);
  return document === null ? null : rootOf(document);
}

/** The parser calls itself for every nested element, so XML that is nested too deeply ends in an error like any other bad XML. */
function parse(bytes: Uint8Array): XmlDocument | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
    return parseXml(text, { preserveDocumentType: true, preserveXmlDeclaration: true });
  } catch {
    return null;
  }
}

function rootOf({ children }: XmlDocument): XmlFields | null {
  const [declaration, ...others] = children[0] instanceof XmlDeclaration ? children : [null, ...children];
  const [root] = others;
  // A document type and an instruction are nodes beside the root.
  if (others.length !== 1 || !(root instanceof XmlElement)) return null;
  if (declaration instanceof XmlDeclaration && !/^(?:utf-8)?$/i.test(declaration.encoding ?? "")) return null;
  const value = contentOf(root.children, 1);
  if (value === null) return null;
  // An empty root has no fields. A root with a text alone is no record.
  if (typeof value !== "string") return { root: root.name, fields: value };
  return value.trim() === "" ? { root: root.name, fields: [] } : null;
}

/** The text of an element, or its fields; null if it has both, an instruction, or elements that are too deep. */
function contentOf(nodes: readonly XmlNode[], depth: number): string | readonly Field[] | null {
  let text = "";
  const fields: Field[] = [];
  for (const node of nodes) {
    if (node instanceof XmlText) text += node.text;
    else if (node instanceof XmlElement && depth < MAX_DEPTH) {
      const value = contentOf(node.children, depth + 1);
      if (value === null) return null;
      fields.push({ name: node.name, value });
    } else return null;
  }
  if (fields.length === 0) return text;
  return text.trim() === "" ? fields : null;
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;" };

/**
 * Writes fields as the document `<response>`.
 *
 * @param fields Their names must be names of XML elements, and their texts without control characters. Only fields of our own are written.
 */
export function writeXml(fields: readonly (readonly [name: string, text: string])[]): string {
  const elements = fields.map(([name, text]) => `<${name}>${text.replaceAll(/[&<>\r]/g, (one) => ESCAPES[one] ?? one)}</${name}>`);
  return `<?xml version="1.0" encoding="utf-8"?>\n<response>${elements.join("")}</response>\n`;
}
