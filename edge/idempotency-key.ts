import { Refused } from "./problem.ts";

const MAX_LENGTH = 255;

/** A String of RFC 8941 §3.3.3, whole: quoted, with `\"` and `\\` as its only escapes. */
const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;

/**
 * Reads the `Idempotency-Key` header: one key of 1 to 255 visible ASCII characters, bare or quoted; `abc` and `"abc"` are
 * the same key (draft-ietf-httpapi-idempotency-key-header, §2.1).
 *
 * Two headers arrive as one, joined by a comma. A bare key therefore holds no comma; a quoted one may.
 *
 * @param header its value, or null
 * @returns the key, without quotes
 * @throws Refused idempotency_key_missing, idempotency_key_invalid
 */
export function readIdempotencyKey(header: string | null): string {
  if (header === null) throw new Refused("idempotency_key_missing");
  const key = header.startsWith('"') ? QUOTED.exec(header)?.[1]?.replace(/\\(.)/g, "$1") : header.includes(",") ? undefined : header;
  if (key === undefined || key.length > MAX_LENGTH || !/^[\x21-\x7e]+$/.test(key)) throw new Refused("idempotency_key_invalid");
  return key;
}
