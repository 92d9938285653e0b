import { hmacKey } from "../../src/lib/hmac-key.ts";
import { isOrderId } from "../../src/lib/members.ts";
import { isOneOf } from "./constant-time.ts";

const TICKET = /^([^.]+)\.([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{43})$/;

const NONCE_BYTES = 16;

/** What an address is for. */
export type TicketPurpose = "check" | "result" | "return-paid" | "return-failed";

/**
 * Names the callbacks of one attempt: `order_id.nonce`. The order_id names the object without a lookup. The attempt stores this name, and
 * the tickets of both its addresses begin with it.
 *
 * @param orderId of the merchant
 * @param nonce of `[A-Za-z0-9_-]`; random by default
 */
export function ticketName(orderId: string, nonce: string = randomNonce()): string {
  return `${orderId}.${nonce}`;
}

/**
 * Makes the ticket of one address, its last segment: `order_id.nonce.mac`. The MAC is an HMAC-SHA-256 over the purpose and the name.
 *
 * The segment is secret, and another one for each purpose, because `pg_sig` covers the values of the fields and the last segment of the
 * address, but no field's name (docs/merchant-api.md, "Signature"). Values that were signed for one purpose could be sent under other
 * names as a notification of another purpose, or as a call of the merchant's. As their script is no script of a call, and no script of
 * another address, they verify nowhere else.
 *
 * @param keys the values of `CALLBACK_KEY`; the first one signs
 */
export async function makeTicket(purpose: TicketPurpose, name: string, keys: readonly string[]): Promise<string> {
  return `${name}.${await mac(`${purpose}|${name}`, keys[0] ?? "")}`;
}

/** A verified ticket. */
export interface OpenedTicket {
  readonly orderId: string;
  /** The {@link ticketName} of the attempt. */
  readonly name: string;
}

/**
 * Verifies a ticket with each key.
 *
 * @param purpose that of the address it came to
 * @returns null for anything else, such as the ticket of another purpose
 */
export async function openTicket(purpose: TicketPurpose, ticket: string, keys: readonly string[]): Promise<OpenedTicket | null> {
  const [, orderId, nonce, given] = TICKET.exec(ticket) ?? [];
  if (orderId === undefined || nonce === undefined || given === undefined || !isOrderId(orderId)) return null;
  const name = ticketName(orderId, nonce);
  const good = await Promise.all(keys.map((key) => mac(`${purpose}|${name}`, key)));
  return (await isOneOf(given, good)) ? { orderId, name } : null;
}

async function mac(text: string, secret: string): Promise<string> {
  const encoder = new TextEncoder();
  const key = await hmacKey(encoder.encode(secret), "SHA-256", "sign");
  return base64url(new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text))));
}

/** 128 random bits, in base64url. */
export function randomNonce(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(NONCE_BYTES)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
