/**
 * The gateway's callbacks. Their format in v5 is not published ("Async API, callbacks"): JSON, form fields `pg_*`, XML and a
 * query are all read, as hints, and answered in their own shape. Nothing here decides anything.
 */
import type { Field } from "./field.ts";
import type { CallbackForm } from "./form.ts";
import { readForm, readMultipart } from "./form.ts";
import type { CallbackContent } from "../../machine/events/callback.ts";
import { NO_CONTENT, contentOfFields, contentOfJson } from "./content.ts";
import { readXml } from "./xml.ts";

/** How a callback is written, and so how it is answered. */
export type CallbackShape = "json" | "form" | "xml" | "empty";

/** A callback as it came: by POST with a body, or by GET with a query. */
export interface CallbackRequest {
  /** The header, or null. */
  readonly contentType: string | null;
  readonly body: Uint8Array;
  /** What stands behind the `?` of the address, as it came. It is read where the body is empty. */
  readonly query: string;
}

/** A callback that was read. */
export interface CallbackBody {
  readonly shape: CallbackShape;
  readonly content: CallbackContent;
  /** Its fields, in each way in which it can be read, the likeliest first. None for JSON and for nothing. */
  readonly readings: readonly (readonly Field[])[];
}

/** Characters of a query that are read at most. What is longer says nothing. */
const MAX_QUERY = 64 * 1024;

/** Reads a callback. Never fails: what cannot be read says nothing. */
export async function readCallback({ contentType, body, query }: CallbackRequest): Promise<CallbackBody> {
  const text = new TextDecoder().decode(body);
  if (text.trim() === "") return readQuery(query);
  const type = contentType?.split(";")[0]?.trim().toLowerCase() ?? "";
  switch (shapeOf(type, text.trimStart())) {
    case "json":
      return { shape: "json", content: contentOfJson(text.trim()), readings: [] };
    case "xml":
      return saying({ shape: "xml", readings: [readXml(text) ?? []] });
    case "form":
      return saying(type === MULTIPART ? await readMultipart(contentType ?? "", body) : readForm(text));
  }
}

function readQuery(query: string): CallbackBody {
  if (query.trim() === "") return { shape: "empty", content: NO_CONTENT, readings: [] };
  return saying(query.length > MAX_QUERY ? { shape: "form", readings: [[]] } : readForm(query));
}

function saying({ shape, readings }: CallbackForm): CallbackBody {
  return { shape, content: contentOfFields(readings[0] ?? []), readings };
}

const MULTIPART = "multipart/form-data";

/** The shape of a body that is not empty. Many senders name no type, or a library's default one: so the text counts more, where it is clear. */
function shapeOf(type: string, text: string): "json" | "form" | "xml" {
  if (type === MULTIPART) return "form";
  if (text.startsWith("<")) return "xml";
  if (text.startsWith("{") || text.startsWith("[")) return "json";
  if (/^[?&]*[^\s=&?<>{}"]+=/.test(text) || type === "application/x-www-form-urlencoded") return "form";
  return /[/+]xml$/.test(type) ? "xml" : "json";
}
