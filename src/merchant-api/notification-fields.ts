/** Reads the fields of a notification from its HTTP request: a form, XML, or the query of a GET (docs/merchant-api.md, "Notifications"). */
import { readAtMost } from "../lib/bounded-body.ts";
import type { Field } from "./field.ts";
import { MAX_NOTIFICATION_XML, readXml } from "./xml.ts";

/** The fields of a notification. One reading is the sender's; which one, only the signature shows. */
export interface NotificationFields {
  readonly method: "GET" | "POST";
  /** At most 3, the likeliest first. */
  readonly readings: readonly (readonly Field[])[];
}

/** The largest body, in bytes: percent-encoding makes three bytes of one. */
const MAX_BODY = 3 * MAX_NOTIFICATION_XML + 1024;

/** The most fields of a form. A notification has about 40. */
const MAX_FIELDS = 500;

/**
 * Reads a request. Never throws.
 *
 * @returns No readings for another method, a body that is too large, cut off or not UTF-8, and a form of more than 500 fields.
 */
export async function notificationFields(request: Request): Promise<NotificationFields> {
  if (request.method === "GET") return { method: "GET", readings: formReadings(new URL(request.url).search.slice(1)) };
  if (request.method !== "POST") return { method: "POST", readings: [] };
  const text = await bodyOf(request);
  return { method: "POST", readings: text === null ? [] : bodyReadings(text) };
}

async function bodyOf(request: Request): Promise<string | null> {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(await bytesOf(request));
  } catch {
    return null;
  }
}

/** The bytes of a body. Throws for one that is too large or cut off. */
async function bytesOf(request: Request): Promise<Uint8Array> {
  const unreadable = (): Error => new Error("The body is not read");
  if (request.body) return readAtMost(request.body, MAX_BODY, { onTooLarge: unreadable, onAborted: unreadable });
  // Firefox's Request has no `body`. Pages do not receive notifications, so only tests use this branch.
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length > MAX_BODY) throw unreadable();
  return bytes;
}

/** The text says what it is, because some senders name a type that does not fit. */
function bodyReadings(text: string): readonly (readonly Field[])[] {
  return text.trimStart().startsWith("<") ? xmlReadings([text.trimStart()]) : formReadings(text);
}

/** `pg_xml` as the only field: a form that has others too is not what the gateway sends. */
const XML_FIELD = /^\s*pg_xml=/;

function formReadings(text: string): readonly (readonly Field[])[] {
  const [prefix] = XML_FIELD.exec(text) ?? [];
  if (prefix === undefined) return readings([formFields(text)]);
  const rest = text.slice(prefix.length);
  const encoded = formFields(text)?.[0]?.value;
  // Without percent-encoding the XML goes on to the end, and `&`, `+` and `%` in it are its own.
  return xmlReadings([...(rest.trimStart().startsWith("<") ? [rest.trimStart()] : []), ...(typeof encoded === "string" ? [encoded] : [])]);
}

function xmlReadings(texts: readonly string[]): readonly (readonly Field[])[] {
  const encoder = new TextEncoder();
  return readings(texts.map((text) => readXml(encoder.encode(text), MAX_NOTIFICATION_XML)?.fields ?? null));
}

/** The fields of a form. Percent-encoded bytes that are not UTF-8 become another text than the signed one. */
function formFields(text: string): readonly Field[] | null {
  const fields: Field[] = [];
  for (const [name, value] of new URLSearchParams(text)) {
    if (fields.length === MAX_FIELDS) return null;
    fields.push({ name, value });
  }
  return fields;
}

function readings(all: readonly (readonly Field[] | null)[]): readonly (readonly Field[])[] {
  return all.filter((one) => one !== null && one.length > 0) as readonly (readonly Field[])[];
}
