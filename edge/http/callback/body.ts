/**
 * Reads the gateway's callbacks. Their format in v5 is not published ("Async API, callbacks"), so JSON, form fields `pg_*`, XML and a query
 * are all read and answered in the same format. Nothing is decided here: events/callback.ts says what a callback may do (M7, P6, P9).
 */
import type { Field } from "./field.ts";
import type { CallbackForm } from "./form.ts";
import { readForm, readMultipart } from "./form.ts";
import type { CallbackContent } from "../../machine/events/callback.ts";
import { NO_CONTENT, contentOfFields, contentOfJson } from "./content.ts";
import { readXml } from "./xml.ts";

/** The format of a callback, and of its answer. */
export type CallbackShape = "json" | "form" | "xml" | "empty";

/** A callback as received: by POST with a body, or by GET with a query. */
export interface CallbackRequest {
  /** The header, or null. */
  readonly contentType: string | null;
  readonly body: Uint8Array;
  /** The text after the `?` of the address, as received. It is read if the body is empty. */
  readonly query: string;
}

/** A parsed callback. */
export interface CallbackBody {
  readonly shape: CallbackShape;
  readonly content: CallbackContent;
  /** Its fields in every possible reading, the likeliest first. None for JSON and for an empty callback. */
  readonly readings: readonly (readonly Field[])[];
}

/** The most characters of a query. A longer one counts as empty. */
const MAX_QUERY = 64 * 1024;

/** The text after the `?` of a request's address, unparsed, because it may not be a form. */
export function queryOf({ url }: Request): string {
  const mark = url.indexOf("?");
  return mark < 0 ? "" : url.slice(mark + 1);
}

/** Reads a callback. Never fails: a callback that cannot be read has no content. */
export async function readCallback({ contentType, body, query }: CallbackRequest): Promise<CallbackBody> {
  const text = new TextDecoder().decode(body);
  if (text.trim() === "") return readQuery(query);
  const type = contentType?.split(";")[0]?.trim().toLowerCase() ?? "";
  switch (shapeOf(type, text.trimStart())) {
    case "json":
      return { shape: "json", content: contentOfJson(text.trim()), readings: [] };
    case "xml":
      return withContent({ shape: "xml", readings: [readXml(text) ?? []] });
    case "form":
      return withContent(type === MULTIPART ? await readMultipart(contentType ?? "", body) : readForm(text));
  }
}

function readQuery(query: string): CallbackBody {
  if (query.trim() === "") return { shape: "empty", content: NO_CONTENT, readings: [] };
  return withContent(query.length > MAX_QUERY ? { shape: "form", readings: [[]] } : readForm(query));
}

function withContent({ shape, readings }: CallbackForm): CallbackBody {
  return { shape, content: contentOfFields(readings[0] ?? []), readings };
}

const MULTIPART = "multipart/form-data";

/**
 * The format of a body that is not empty. The text counts more than its type where it is clear, because many senders name no type, or a
 * library's default one.
 */
function shapeOf(type: string, text: string): "json" | "form" | "xml" {
  if (type === MULTIPART) return "form";
  if (text.startsWith("<")) return "xml";
  if (text.startsWith("{") || text.startsWith("[")) return "json";
  if (/^[?&]*[^\s=&?<>{}"]+=/.test(text) || type === "application/x-www-form-urlencoded") return "form";
  return /[/+]xml$/.test(type) ? "xml" : "json";
}
