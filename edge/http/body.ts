import type { BodyErrors } from "../../src/lib/bounded-body.ts";
import { readAtMost } from "../../src/lib/bounded-body.ts";
import { Refused } from "./problem.ts";

/** The most bytes of a body: 64 KiB. */
export const MAX_BODY = 64 * 1024;

const REFUSALS: BodyErrors = {
  onTooLarge: () => new Refused("body_too_large"),
  onAborted: () => new Refused("body_invalid", { detail: "The body was cut off" }),
};

/**
 * Reads a request's body, at most 64 KiB of it.
 *
 * @returns the bytes; none if there is no body
 * @throws Refused body_too_large; body_invalid if it was cut off
 */
export async function readBody(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get("Content-Length") ?? 0) > MAX_BODY) throw new Refused("body_too_large");
  return request.body === null ? new Uint8Array() : readAtMost(request.body, MAX_BODY, REFUSALS);
}

/** A body without content, in the format of a Content-Type, because the answer has the same format. */
function emptyBody(contentType: string | null): Uint8Array {
  return new TextEncoder().encode(/json/i.test(contentType ?? "") ? "{}" : "pg_order_id=");
}

/**
 * Reads the body of a result callback, at most 64 KiB of it. A body that is too large or cut off counts as empty: a result is answered `ok`
 * whatever its body is, because any other answer makes the gateway refund the payment.
 */
export async function readBodyOrNone(request: Request): Promise<Uint8Array> {
  try {
    return await readBody(request);
  } catch (error) {
    if (error instanceof Refused) return emptyBody(request.headers.get("Content-Type"));
    throw error;
  }
}
