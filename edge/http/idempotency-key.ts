import * as v from "valibot";
import { Refused } from "./problem.ts";

/**
 * The `Idempotency-Key` header: one key of 1 to 255 visible ASCII characters, bare or quoted. `abc` and `"abc"` are the same key
 * (draft-ietf-httpapi-idempotency-key-header, §2.1). A quoted key is a String of RFC 8941 §3.3.3, whose only escapes are `\"` and `\\`.
 *
 * Two headers arrive as one, joined by a comma. A bare key therefore has no comma; a quoted one may.
 */
export const idempotencyKey: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.regex(/^(?:[!#-+\--~][!-+\--~]{0,254}|"(?:[!#-[\]-~]|\\["\\]){1,255}")$/),
  v.transform((header) => (header.startsWith('"') ? header.slice(1, -1).replace(/\\(.)/g, "$1") : header)),
);

/**
 * Reads the `Idempotency-Key` header.
 *
 * @param header its value, or null
 * @returns the key, without quotes
 * @throws Refused idempotency_key_missing, idempotency_key_invalid
 */
export function readIdempotencyKey(header: string | null): string {
  if (header === null) throw new Refused("idempotency_key_missing");
  const key = v.safeParse(idempotencyKey, header);
  if (!key.success) throw new Refused("idempotency_key_invalid");
  return key.output;
}
