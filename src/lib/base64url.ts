/** Base64url as JOSE has it (RFC 7515 §2): no padding, and only one text for the same bytes. */
import { base64url } from "jose";

/**
 * The bytes of a base64url text, or null when the text is not the one that these bytes are written as: padding,
 * another alphabet, spaces, a length that no bytes have, or bits left over at the end (RFC 4648 §3.5).
 */
export function decodeBase64url(text: string): Uint8Array | null {
  try {
    const bytes = base64url.decode(text);
    return base64url.encode(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}

/**
 * The JSON value that a base64url text holds, or undefined when it holds none in well-formed UTF-8.
 *
 * @returns The value with the text it was parsed from.
 */
export function decodeJson(text: string): { readonly json: string; readonly value: unknown } | null {
  const bytes = decodeBase64url(text);
  if (bytes === null) return null;
  try {
    const json = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return { json, value: JSON.parse(json) as unknown };
  } catch {
    return null;
  }
}
