/** Base64url of JOSE (RFC 7515 §2): no padding, and only one text for the same bytes. */
import { base64url } from "jose";

/**
 * The bytes of a base64url text. Null when encoding the bytes does not give the same text: padding, another alphabet,
 * spaces, an impossible length, or unused bits that are set (RFC 4648 §3.5).
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
 * The JSON value in a base64url text.
 *
 * @returns The value with its JSON text, or null when the text is not JSON in valid UTF-8.
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
