import fc from "fast-check";
import { expect, test } from "vitest";
import { readIdempotencyKey } from "../../../edge/http/idempotency-key.ts";
import { Refused } from "../../../edge/http/problem.ts";
import { cases, TIMEOUT } from "./cases.ts";
import { anyText } from "./values.ts";

const ascii = fc.string({ unit: "grapheme-ascii", maxLength: 300 });

/** The key in a header; null when the header is refused. */
function read(header: string): string | null {
  try {
    return readIdempotencyKey(header);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    expect(error.code).toBe("idempotency_key_invalid");
    return null;
  }
}

test("a header is one key of visible ASCII, bare or quoted, or refused", { timeout: TIMEOUT }, () => {
  fc.assert(
    fc.property(
      fc.oneof(
        anyText,
        ascii,
        ascii.map((text) => `"${text}"`),
      ),
      (header) => {
        const key = read(header);
        if (key === null) return;
        expect(key).toMatch(/^[\x21-\x7e]{1,255}$/);
        expect(read(`"${key.replace(/["\\]/g, "\\$&")}"`)).toBe(key);
        if (!header.startsWith('"')) expect(key).toBe(header);
      },
    ),
    cases("Idempotency-Keys"),
  );
});
