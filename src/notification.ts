/**
 * Notifications by the Standard Webhooks scheme (its specification, "Webhook scheme" and "Signature scheme"): HMAC-SHA-256
 * over `id.timestamp.body`. With it a merchant's server verifies the sender, the content and the age.
 */
import type { BodyErrors } from "./lib/bounded-body.ts";
import { readAtMost } from "./lib/bounded-body.ts";
import type { Notification, NotificationBody } from "./edge-api.ts";
import { hmacKey } from "./lib/hmac-key.ts";
import { FreedomPayError } from "./errors.ts";

/** Largest difference between a notification's time and the present, in seconds: 5 minutes, before or after. */
export const NOTIFICATION_TOLERANCE = 300;

/** Maximum size of a notification's body, in bytes: 1 MiB. More is not read. */
export const MAX_NOTIFICATION = 1024 * 1024;

/** Options of {@link signNotification}. */
export interface SignNotificationOptions {
  /** The same for every try of a notification: 1-255 visible ASCII characters without a full stop. */
  readonly id: string;
  /** NOTIFY_SECRET: `whsec_` and base64 of 24-64 bytes. During a rotation a list, or a text with spaces between the secrets. Each secret signs. */
  readonly secret: string | readonly string[];
  /** Default: the present. */
  readonly now?: Date | undefined;
}

/** Options of {@link verifyNotification}. */
export interface VerifyNotificationOptions {
  /** Default: the present. */
  readonly now?: Date | undefined;
}

/** The headers of a notification's signature. */
export type NotificationHeaders = Readonly<Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string>>;

/** A full stop separates the signed parts, so neither the id nor the time may contain one. */
const ID = /^[!-\-/-~]{1,255}$/;
const TIMESTAMP = /^(?:0|[1-9]\d{0,11})$/;

/** `v1,` and the base64 of 32 bytes. Its last character has 4 bits. Other versions (`v1a`, …) belong to other schemes. */
const SIGNATURE = /^v1,([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)$/;

/** More than any rotation needs. The server also limits the header. */
const MAX_SIGNATURES = 16;

const SECRET = /^whsec_([A-Za-z0-9+/]+={0,2})$/;

/** Standard Webhooks, "Signature scheme": the secret has 24 to 64 bytes. */
const MIN_SECRET_BYTES = 24;
const MAX_SECRET_BYTES = 64;

/**
 * Signs a notification. For the edge, and for the tests of a receiver.
 *
 * @param body The exact text that is sent, such as `JSON.stringify({ type, timestamp, data })`.
 * @returns The three headers to send with it. For two secrets `webhook-signature` has two signatures.
 * @throws {@link FreedomPayError} `input_invalid` for an invalid id or date, `key_invalid` for an invalid secret.
 *
 * @example
 * ```ts
 * import { signNotification } from "freedom-pay-charge";
 *
 * const body = JSON.stringify({ type: "charge.succeeded", timestamp: new Date().toISOString(), data: {} });
 * const headers = await signNotification(body, { id: "1234-1", secret: process.env["NOTIFY_SECRET"] ?? "" });
 * await fetch("http://localhost:3000/notifications", { method: "POST", headers, body });
 * ```
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
    const mac = await crypto.subtle.sign("HMAC", await hmacKey(bytes, "SHA-256", "sign"), content);
    signatures.push(`v1,${btoa(String.fromCharCode(...new Uint8Array(mac)))}`);
  }
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}

/**
 * Verifies a notification and reads it. Reads the request's body itself, because the exact bytes must be verified. One valid
 * signature by one of the secrets is enough. The comparison takes constant time.
 *
 * An unknown `type` and unknown members are returned unchanged, because an edge can be newer than its receiver.
 *
 * @param request The request with its body unread. At most 1 MiB is read.
 * @param secret NOTIFY_SECRET: one secret, or during a rotation two, in a list or separated by a space.
 * @throws {@link FreedomPayError} with one of these codes:
 * `notification_invalid` when a header is missing or malformed, or the body is too large, cut off, or not a notification;
 * `timestamp_invalid` when it is older than 5 minutes, or from the future;
 * `signature_invalid` when no signature matches any secret: altered, forged, or the wrong secret;
 * `key_invalid` when there is no secret, or an invalid one;
 * `input_invalid` when the argument is not a Request, or its body was already read: a mistake in the receiver.
 *
 * @example
 * ```ts
 * import { takenAmount, toMinorUnits, verifyNotification } from "freedom-pay-charge";
 *
 * const PRICES: Readonly<Record<string, number>> = { "1234": 4990 }; // your own records; data.amount is only the requested amount
 *
 * export async function receive(request: Request): Promise<Response> {
 *   const { data } = await verifyNotification(request, process.env["NOTIFY_SECRET"] ?? "");
 *   const isPaid = data.status === "succeeded" && data.currency === "KZT" && takenAmount(data) === toMinorUnits(PRICES[data.order_id]);
 *   console.log(data.order_id, isPaid);
 *   return new Response(null, { status: 204 });
 * }
 * ```
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
    throw new FreedomPayError("input_invalid", "the request's body was already read: verify the notification before other code reads it");
  }
  const id = header(request, "webhook-id", ID);
  const timestamp = header(request, "webhook-timestamp", TIMESTAMP);
  const signatures = signaturesOf(request.headers.get("webhook-signature"));
  const age = now - Number(timestamp);
  if (age > NOTIFICATION_TOLERANCE) throw new FreedomPayError("timestamp_invalid", "the notification is older than 5 minutes");
  if (age < -NOTIFICATION_TOLERANCE) throw new FreedomPayError("timestamp_invalid", "the notification is from the future");
  const body = await readBody(request);
  if (!(await isSignedWithAny(secrets, signatures, signedContent(id, timestamp, body)))) {
    throw new FreedomPayError("signature_invalid", "no signature of the notification matches this body and this secret");
  }
  return { ...parse(body), id };
}

/**
 * Whether a text is a secret of this scheme: `whsec_` and the base64, with its padding, of 24-64 bytes (Standard Webhooks,
 * "Signature scheme").
 *
 * @example
 * ```ts
 * import { isNotificationSecret } from "freedom-pay-charge";
 *
 * isNotificationSecret(`whsec_${btoa("test-secret-of-notifications")}`); // true
 * isNotificationSecret("whsec_short"); // false
 * ```
 */
export function isNotificationSecret(text: string): boolean {
  return secretBytes(text) !== null;
}

function secretBytes(text: string): Uint8Array<ArrayBuffer> | null {
  const base64 = typeof text === "string" && text.length <= 128 ? SECRET.exec(text)?.[1] : undefined;
  if (base64 === undefined || base64.length % 4 !== 0) return null;
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return bytes.length >= MIN_SECRET_BYTES && bytes.length <= MAX_SECRET_BYTES ? bytes : null;
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
  const signatures = value.split(" ", MAX_SIGNATURES).flatMap((part) => SIGNATURE.exec(part)?.[1] ?? []);
  if (signatures.length === 0) throw invalid("the header webhook-signature contains no signature of version 1");
  return signatures;
}

function signedContent(id: string, timestamp: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(`${id}.${timestamp}.`);
  const content = new Uint8Array(head.length + body.length);
  content.set(head);
  content.set(body, head.length);
  return content;
}

async function isSignedWithAny(
  secrets: readonly Uint8Array<ArrayBuffer>[],
  signatures: readonly string[],
  content: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  for (const secret of secrets) {
    const key = await hmacKey(secret, "SHA-256", "verify");
    for (const signature of signatures) {
      const mac = Uint8Array.from(atob(signature), (character) => character.charCodeAt(0));
      if (await crypto.subtle.verify("HMAC", key, mac, content)) return true;
    }
  }
  return false;
}

const BODY_ERRORS: BodyErrors = {
  onTooLarge: () => invalid("its body is larger than 1 MiB"),
  onAborted: (cause) => invalid("its body was cut off", cause),
};

async function readBody(request: Request): Promise<Uint8Array> {
  if (request.body) return readAtMost(request.body, MAX_NOTIFICATION, BODY_ERRORS);
  // Firefox's Request has no `body`. Pages do not receive notifications, so only tests use this branch.
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length > MAX_NOTIFICATION) throw BODY_ERRORS.onTooLarge();
  return bytes;
}

/** Parses the signed body. Checks only that it has a type, a time and a charge, because the edge signed it. */
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

function invalid(reason: string, cause?: unknown): FreedomPayError {
  return new FreedomPayError("notification_invalid", `the notification is not valid: ${reason}`, cause === undefined ? {} : { cause });
}
