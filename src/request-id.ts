/**
 * The ids of requests (header `X-Request-Id`). The gateway answers a repeated id with the original response, so an id
 * belongs to one call forever (Async API, request headers).
 */
import { FreedomPayError } from "./errors.ts";

const LATEST = 2 ** 48 - 1;

/** The two hexadecimal digits of every byte. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/**
 * A new UUID of version 7 (RFC 9562 §5.7): 48 bits of time, 74 random bits. Ids sort by their time.
 *
 * @param now Milliseconds since 1970. A fraction is dropped.
 * @param random Fills an array with random bytes. A simulation has its own, so that a history can be replayed.
 * @throws {@link FreedomPayError} `input_invalid` when the time is negative or does not fit in 48 bits.
 *
 * @example
 * ```ts
 * import { requestId } from "freedom-pay-charge";
 *
 * const id = requestId(); // a UUID that begins with the time
 * ```
 */
export function requestId(now: number = Date.now(), random: (bytes: Uint8Array<ArrayBuffer>) => void = fillRandomly): string {
  if (!(now >= 0 && now <= LATEST)) throw new FreedomPayError("input_invalid", "now must be milliseconds since 1970");
  const bytes = new Uint8Array(16);
  random(bytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(now / 2 ** 16));
  view.setUint16(4, Math.floor(now) % 2 ** 16);
  view.setUint8(6, 0x70 | (view.getUint8(6) & 0x0f)); // version 7
  view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f)); // the variant of RFC 9562
  const hex = bytes.reduce((text, byte) => text + HEX[byte], "");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/**
 * Whether a text can be the id of a request: a UUID of RFC 9562 in its usual form, of any version (the newer official
 * pages require 7, older samples have 4).
 *
 * @example
 * ```ts
 * import { isRequestId, requestId } from "freedom-pay-charge";
 *
 * isRequestId(requestId()); // true
 * isRequestId("1234"); // false
 * ```
 */
export function isRequestId(text: string): boolean {
  return UUID.test(text);
}

function fillRandomly(bytes: Uint8Array<ArrayBuffer>): void {
  crypto.getRandomValues(bytes);
}
