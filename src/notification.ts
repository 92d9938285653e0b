/**
 * Notifications by the Standard Webhooks scheme (its specification, "Webhook scheme" and "Signature scheme"): HMAC-SHA-256
 * over `id.timestamp.body`, so that a merchant's server knows who wrote, that nothing was altered, and that it is not old.
 */
import type { BodyRefusals } from "./lib/bounded-body.ts";
import { readAtMost } from "./lib/bounded-body.ts";
import type { Notification, NotificationBody } from "./edge-api.ts";
import { FreedomPayError } from "./errors.ts";

/** How far a notification's time may lie from the present, both ways, in seconds: 5 minutes. */
export const NOTIFICATION_TOLERANCE = 300;

/** Bytes of a notification's body at most: 1 MiB. More than this is not read. */
export const MAX_NOTIFICATION = 1024 * 1024;

/** What {@link signNotification} takes beside the body. */
export interface SignNotificationOptions {
  /** The same at each try of one notification: 1-255 visible ASCII characters without a full stop. */
  readonly id: string;
  /** NOTIFY_SECRET: `whsec_` and base64 of 24-64 bytes; in a text parted by a space or in a list more, while it is rotated: each signs. */
  readonly secret: string | readonly string[];
  /** The present when left out. */
  readonly now?: Date | undefined;
}

/** What {@link verifyNotification} takes beside the request and the secret. */
export interface VerifyNotificationOptions {
  /** The present when left out. */
  readonly now?: Date | undefined;
}

/** The headers that carry a notification's signature. */
export type NotificationHeaders = Readonly<Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string>>;

/** A full stop parts what is signed, so neither the id nor the time may hold one. */
const ID = /^[!-\-/-~]{1,255}$/;
const TIMESTAMP = /^(?:0|[1-9]\d{0,11})$/;

/** `v1,` and the base64 of 32 bytes: the last character holds 4 bits of them. Others (`v1a`, …) are not for this scheme. */
const SIGNATURE = /^v1,([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)$/;

/** More than any rotation needs; a header is also bounded by the server. */
const MOST_SIGNATURES = 16;

const SECRET = /^whsec_([A-Za-z0-9+/]+={0,2})$/;

/** Standard Webhooks, "Signature scheme": the secret has 24 to 64 bytes. */
const SHORTEST_SECRET = 24;
const LONGEST_SECRET = 64;

/**
 * Signs a notification as the edge does: for the edge, and for a receiver's own tests.
 *
 * @param body The exact text that is sent, such as `JSON.stringify({ type, timestamp, data })`.
 * @returns The three headers to send with it. While two secrets are given `webhook-signature` holds two signatures.
 * @throws {@link FreedomPayError} `input_invalid` for an id or a date that cannot be, `key_invalid` for a secret.
 */
export async function signNotification(body: string, options: SignNotificationOptions): Promise<NotificationHeaders> {
  const { id, secret, now = new Date() } = options;
  if (typeof body !== "string") throw new FreedomPayError("input_invalid", "the body must be the text that is sent");
  if (typeof id !== "string" || !ID.test(id)) {
    throw new FreedomPayError("input_invalid", "id must be 1 to 255 visible ASCII characters without a full stop");
  }
  const timestamp = String(epochSeconds(now));
  const content = signedContent(id, timestamp, new TextEncoder().encode(body));
  const signatures: string[] = [];
  for (const bytes of secretsOf(secret)) {
    const mac = await crypto.subtle.sign("HMAC", await importKey(bytes, "sign"), content);
    signatures.push(`v1,${btoa(String.fromCharCode(...new Uint8Array(mac)))}`);
  }
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}

/**
 * Verifies a notification and reads it. Takes the request itself and reads its body, so that what is verified are the bytes that
 * arrived. Any signature that any of the secrets made will do; they are compared in constant time.
 *
 * A `type` that is not known here is handed over as it is, as are members that are new: an edge may be newer than its receiver.
 *
 * @example
 * ```ts
 * const { data } = await verifyNotification(request, NOTIFY_SECRET);
 * const price = priceOf(data.order_id); // from your own records; data.amount is only what was asked for
 * const isPaid = data.status === "succeeded" && data.currency === price.currency && takenAmount(data) === toMinorUnits(price.amount);
 * ```
 *
 * @param request The request as it arrived, its body not yet read; at most 1 MiB of it is.
 * @param secret NOTIFY_SECRET: one secret, or two parted by a space or in a list while it is rotated.
 * @throws {@link FreedomPayError}, which says why it is refused:
 * `notification_invalid` when a header is missing or malformed, the body is too large or broke off, or is no notification;
 * `timestamp_invalid` when it is older than 5 minutes, or from the future;
 * `signature_invalid` when no secret made any of its signatures: altered, forged, or the wrong secret;
 * `key_invalid` when there is no secret, or what is given is none;
 * `input_invalid` when this is no Request, or its body has been read already: a mistake in the receiver.
 */
export async function verifyNotification(
  request: Request,
  secret: string | readonly string[],
  options: VerifyNotificationOptions = {},
): Promise<Notification> {
  const secrets = secretsOf(secret);
  const now = epochSeconds(options.now ?? new Date());
  if (typeof request?.headers?.get !== "function") throw new FreedomPayError("input_invalid", "the request must be a Request");
  if (request.bodyUsed || request.body?.locked === true) {
    throw new FreedomPayError("input_invalid", "the request's body has been read already: verify it before anything else reads it");
  }
  const id = header(request, "webhook-id", ID);
  const timestamp = header(request, "webhook-timestamp", TIMESTAMP);
  const signatures = signaturesOf(request.headers.get("webhook-signature"));
  const age = now - Number(timestamp);
  if (age > NOTIFICATION_TOLERANCE) throw new FreedomPayError("timestamp_invalid", "the notification is older than 5 minutes");
  if (age < -NOTIFICATION_TOLERANCE) throw new FreedomPayError("timestamp_invalid", "the notification is from the future");
  const body = await readBody(request);
  if (!(await isSignedWithAny(secrets, signatures, signedContent(id, timestamp, body)))) {
    throw new FreedomPayError("signature_invalid", "none of the notification's signatures was made over this content with this secret");
  }
  return { ...parse(body), id };
}

/**
 * Whether a text is a secret of this scheme: `whsec_` and the base64, with its padding, of 24-64 bytes (Standard Webhooks,
 * "Signature scheme").
 */
export function isNotificationSecret(text: string): boolean {
  return secretBytes(text) !== null;
}

function secretBytes(text: string): Uint8Array<ArrayBuffer> | null {
  const base64 = typeof text === "string" && text.length <= 128 ? SECRET.exec(text)?.[1] : undefined;
  if (base64 === undefined || base64.length % 4 !== 0) return null;
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return bytes.length >= SHORTEST_SECRET && bytes.length <= LONGEST_SECRET ? bytes : null;
}

function secretsOf(secret: string | readonly string[]): readonly Uint8Array<ArrayBuffer>[] {
  const texts = (Array.isArray(secret) ? secret : [secret]).flatMap((text) => (typeof text === "string" ? text.trim().split(/\s+/) : [""]));
  if (texts.length === 0) throw new FreedomPayError("key_invalid", "there must be a notification secret");
  return texts.map((text) => {
    const bytes = secretBytes(text);
    if (bytes === null) throw new FreedomPayError("key_invalid", "a notification secret must be whsec_ and the base64 of 24 to 64 bytes");
    return bytes;
  });
}

function header(request: Request, name: string, form: RegExp): string {
  const value = request.headers.get(name);
  if (value === null) throw invalid(`the header ${name} is missing`);
  if (!form.test(value)) throw invalid(`the header ${name} is malformed`);
  return value;
}

function signaturesOf(value: string | null): readonly string[] {
  if (value === null) throw invalid("the header webhook-signature is missing");
  const signatures = value.split(" ", MOST_SIGNATURES).flatMap((part) => SIGNATURE.exec(part)?.[1] ?? []);
  if (signatures.length === 0) throw invalid("the header webhook-signature holds no signature of version 1");
  return signatures;
}

function signedContent(id: string, timestamp: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(`${id}.${timestamp}.`);
  const content = new Uint8Array(head.length + body.length);
  content.set(head);
  content.set(body, head.length);
  return content;
}

async function importKey(secret: Uint8Array<ArrayBuffer>, usage: "sign" | "verify"): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, [usage]);
}

async function isSignedWithAny(
  secrets: readonly Uint8Array<ArrayBuffer>[],
  signatures: readonly string[],
  content: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  for (const secret of secrets) {
    const key = await importKey(secret, "verify");
    for (const signature of signatures) {
      const mac = Uint8Array.from(atob(signature), (character) => character.charCodeAt(0));
      if (await crypto.subtle.verify("HMAC", key, mac, content)) return true;
    }
  }
  return false;
}

const REFUSALS: BodyRefusals = {
  tooLarge: () => invalid("its body is larger than 1 MiB"),
  brokeOff: (cause) => invalid("its body broke off", cause),
};

async function readBody(request: Request): Promise<Uint8Array> {
  if (request.body) return readAtMost(request.body, MAX_NOTIFICATION, REFUSALS);
  // One browser's Request has no `body`; a page is no receiver, and its tests send little.
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length > MAX_NOTIFICATION) throw REFUSALS.tooLarge();
  return bytes;
}

/** What was signed by the edge is believed, as far as its frame goes: a receiver may count on a type, a time and a charge. */
function parse(body: Uint8Array): NotificationBody {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body));
  } catch (cause) {
    throw invalid("its body is not JSON in UTF-8", cause);
  }
  if (!isObject(value)) throw invalid("its body is not a JSON object");
  const { type, timestamp, data } = value;
  if (typeof type !== "string" || type === "") throw invalid("its type is not a text");
  if (typeof timestamp !== "string" || Number.isNaN(Date.parse(timestamp))) throw invalid("its timestamp is not a time");
  if (
    !isObject(data) ||
    typeof data["order_id"] !== "string" ||
    typeof data["status"] !== "string" ||
    !Number.isInteger(data["sequence"])
  ) {
    throw invalid("its data is not a charge");
  }
  return { type, timestamp, data: data as unknown as NotificationBody["data"] };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function epochSeconds(now: Date): number {
  const seconds = Math.floor(now.getTime() / 1000);
  if (!(seconds >= 0)) throw new FreedomPayError("input_invalid", "now must be a date after 1970");
  return seconds;
}

function invalid(why: string, cause?: unknown): FreedomPayError {
  return new FreedomPayError("notification_invalid", `the notification is not valid: ${why}`, cause === undefined ? {} : { cause });
}
