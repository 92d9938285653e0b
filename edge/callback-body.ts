/**
 * The gateway's callbacks. Their format in v5 is not published ("Async API, callbacks"): JSON, form fields `pg_*` or XML
 * are all read, as hints, and answered in their own shape. Nothing here decides anything.
 */
import type { CallbackCall } from "./call.ts";

/** What a callback says of itself; a member is null when it says nothing. */
export type CallbackSaid = CallbackCall["said"];

/** How a callback is written, and so how it is answered. */
export type CallbackShape = "json" | "form" | "xml" | "empty";

/** A callback that was read. */
export interface CallbackBody {
  readonly shape: CallbackShape;
  readonly said: CallbackSaid;
}

/** Where each member may stand, the first that is there counts. */
const NAMES = {
  orderId: ["order_id", "pg_order_id"],
  paymentId: ["payment_id", "pg_payment_id"],
  amount: ["amount", "pg_amount"],
  currency: ["currency", "pg_currency"],
} as const satisfies Record<keyof CallbackSaid, readonly string[]>;

/** Characters of a member at most: what is longer is no value that we sent, and stays different from it. */
const MAX_MEMBER = 128;

const NOTHING_SAID: CallbackSaid = { orderId: null, paymentId: null, amount: null, currency: null };

/**
 * Reads a callback's body. Never fails: what cannot be read says nothing.
 *
 * @param contentType the header, or null; when it does not decide, the first character does
 */
export async function readCallback(contentType: string | null, body: Uint8Array): Promise<CallbackBody> {
  const text = new TextDecoder().decode(body).trim();
  const shape = shapeOf(contentType ?? "", text);
  if (shape === "form") {
    const fields = await formFields(contentType ?? "", body, text);
    // The older API's way to post XML: one field that holds it.
    const xml = fields["pg_xml"];
    return typeof xml === "string" ? { shape: "xml", said: said(xmlFields(xml)) } : { shape, said: said(fields) };
  }
  return { shape, said: shape === "empty" ? NOTHING_SAID : said(shape === "xml" ? xmlFields(text) : jsonFields(text)) };
}

/**
 * The key that a form or XML is to be answered under: the one that it was signed with itself, so that the gateway can check the answer
 * while a key is rotated. Nothing else depends on the signature: a callback is a hint, whoever sent it (rule 7).
 *
 * @param script the last segment of the called URL's path
 * @param keys the values of `FREEDOM_PAY_SECRET_KEY`
 * @returns the first key where there is one only, or none made the signature
 */
export async function keyOfCallback(
  contentType: string | null,
  body: Uint8Array,
  script: string,
  keys: readonly [string, ...string[]],
): Promise<string> {
  const [first, ...others] = keys;
  const text = new TextDecoder().decode(body).trim();
  const shape = shapeOf(contentType ?? "", text);
  if (others.length === 0 || shape === "json" || shape === "empty") return first;
  const form = shape === "form" ? await formFields(contentType ?? "", body, text) : {};
  const xml = shape === "xml" ? text : form["pg_xml"];
  const { pg_sig: given, ...fields } = typeof xml === "string" ? xmlFields(xml) : form;
  const values = Object.keys(fields)
    .sort()
    .map((name) => String(fields[name]));
  for (const key of others) if ((await md5([script, ...values, key].join(";"))) === given) return key;
  return first;
}

/** What a signed answer is made with. */
export interface CallbackSignature {
  /** The last segment of the called URL's path. */
  readonly script: string;
  /** The merchant's `secret_key`. */
  readonly secretKey: string;
  /** Random when it is not given. */
  readonly salt?: string;
}

/**
 * The answer to a callback, always 200: `{"status":"ok"}` to JSON and to nothing; to a form or XML the older API's
 * `<response>`, signed by the lower-case hex MD5 of `script;values in the order of their field names;secret_key`.
 */
export async function answerCallback(shape: CallbackShape, answer: "ok" | "rejected", signature: CallbackSignature): Promise<Response> {
  if (shape === "json" || shape === "empty") return respond(JSON.stringify({ status: answer }), "application/json");
  const fields: readonly (readonly [name: string, value: string])[] = [
    ...(answer === "rejected" ? ([["pg_description", "This payment is not expected"]] as const) : []),
    ["pg_salt", signature.salt ?? crypto.randomUUID()],
    ["pg_status", answer],
  ];
  const sig = await md5([signature.script, ...fields.map(([, value]) => value), signature.secretKey].join(";"));
  const members = [...fields, ["pg_sig", sig] as const].map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`);
  return respond(`<?xml version="1.0" encoding="utf-8"?>\n<response>${members.join("")}</response>\n`, "application/xml; charset=utf-8");
}

function shapeOf(contentType: string, text: string): CallbackShape {
  if (text === "") return "empty";
  const type = contentType.split(";")[0]?.trim().toLowerCase() ?? "";
  if (type === "multipart/form-data" || type === "application/x-www-form-urlencoded") return "form";
  if (/[/+]xml$/.test(type)) return "xml";
  if (/[/+]json$/.test(type)) return "json";
  if (text.startsWith("<")) return "xml";
  return /^[\w.[\]%]+=/.test(text) ? "form" : "json";
}

async function formFields(contentType: string, body: Uint8Array, text: string): Promise<Readonly<Record<string, unknown>>> {
  if (!/^\s*multipart\//i.test(contentType)) return Object.fromEntries(new URLSearchParams(text));
  try {
    return Object.fromEntries(await new Response(body, { headers: { "Content-Type": contentType } }).formData());
  } catch {
    return {};
  }
}

/** Elements that hold text alone, wherever they stand. No entity is expanded but the five that XML predefines. */
function xmlFields(text: string): Readonly<Record<string, unknown>> {
  const elements = text.matchAll(/<([a-z_]+)(?:\s[^<>]*)?>(?:[^<]*<!\[CDATA\[([^<\]]*)\]\]>[^<]*|([^<]*))<\/\1\s*>/g);
  return Object.fromEntries([...elements].map(([, name, raw, escaped]) => [name, (raw ?? unescapeXml(escaped ?? "")).trim()]));
}

function jsonFields(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
    const fields = value as Readonly<Record<string, unknown>>;
    // v5 names a payment `id`, as in its answers; without an order_id beside it, it may be the id of anything.
    return fields["payment_id"] === undefined && fields["order_id"] !== undefined ? { ...fields, payment_id: fields["id"] } : fields;
  } catch {
    return {};
  }
}

function said(fields: Readonly<Record<string, unknown>>): CallbackSaid {
  const first = (member: keyof CallbackSaid): string | number | null => {
    const values = NAMES[member].map((name) => fields[name]);
    const value = values.find((candidate) => typeof candidate === "string" || typeof candidate === "number");
    return typeof value === "string" ? value.slice(0, MAX_MEMBER) : typeof value === "number" ? value : null;
  };
  const text = (member: keyof CallbackSaid): string | null => {
    const value = first(member);
    return value === null ? null : String(value);
  };
  return { orderId: text("orderId"), paymentId: text("paymentId"), amount: first("amount"), currency: text("currency") };
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => ENTITIES[name] ?? "");
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** MD5 is an extension of crypto.subtle that Workers have for protocols like this one. */
async function md5(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("MD5", new TextEncoder().encode(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function respond(body: string, contentType: string): Response {
  return new Response(body, { headers: { "Content-Type": contentType, "Cache-Control": "no-store" } });
}
