import { hmacKey } from "../../src/lib/hmac-key.ts";
import { isOrderId } from "../../src/lib/members.ts";
import { isOneOf } from "./constant-time.ts";

const TICKET = /^([^.]+)\.([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{43})$/;

const NONCE_BYTES = 16;

/**
 * Makes the unguessable part of a callback's address: `order_id.nonce.mac`. The MAC is an HMAC-SHA-256 over the other two. The order_id
 * names the object without a lookup. The attempt stores the whole ticket.
 *
 * @param orderId of the merchant
 * @param keys the values of `CALLBACK_KEY`; the first one signs
 * @param nonce of `[A-Za-z0-9_-]`; random by default
 */
export async function makeTicket(orderId: string, keys: readonly string[], nonce: string = randomNonce()): Promise<string> {
  return `${orderId}.${nonce}.${await mac(`${orderId}.${nonce}`, keys[0] ?? "")}`;
}

/**
 * Verifies a ticket with each key.
 *
 * @returns the merchant's order_id, or null for anything else
 */
export async function openTicket(ticket: string, keys: readonly string[]): Promise<{ readonly orderId: string } | null> {
  const [, orderId, nonce, given] = TICKET.exec(ticket) ?? [];
  if (orderId === undefined || nonce === undefined || given === undefined || !isOrderId(orderId)) return null;
  const good = await Promise.all(keys.map((key) => mac(`${orderId}.${nonce}`, key)));
  return (await isOneOf(given, good)) ? { orderId } : null;
}

async function mac(text: string, secret: string): Promise<string> {
  const encoder = new TextEncoder();
  const key = await hmacKey(encoder.encode(secret), "SHA-256", "sign");
  return base64url(new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text))));
}

function randomNonce(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(NONCE_BYTES)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
