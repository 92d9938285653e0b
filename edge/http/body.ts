import type { BodyErrors } from "../../src/lib/bounded-body.ts";
import { readAtMost } from "../../src/lib/bounded-body.ts";
import { Refused } from "./problem.ts";

/** Bytes of a body at most: 64 KiB. */
export const MAX_BODY = 64 * 1024;

const REFUSALS: BodyErrors = {
  onTooLarge: () => new Refused("body_too_large"),
  onAborted: () => new Refused("body_invalid", { detail: "The body broke off" }),
};

/**
 * Reads a request's body, at most 64 KiB of it.
 *
 * @returns the bytes; none when there is no body
 * @throws Refused body_too_large; body_invalid when it broke off
 */
export async function readBody(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get("Content-Length") ?? 0) > MAX_BODY) throw new Refused("body_too_large");
  return request.body === null ? new Uint8Array() : readAtMost(request.body, MAX_BODY, REFUSALS);
}

/** A body that says nothing, in the format that a Content-Type names: the answer has the same. */
function saysNothing(contentType: string | null): Uint8Array {
  return new TextEncoder().encode(/json/i.test(contentType ?? "") ? "{}" : "pg_order_id=");
}

/**
 * Reads the body of a result callback, at most 64 KiB of it. A result is answered `ok` whatever its body is, because any other answer
 * makes the gateway give the money back: a body that is too large, or that broke off, says nothing.
 */
export async function readBodyOrNone(request: Request): Promise<Uint8Array> {
  try {
    return await readBody(request);
  } catch (error) {
    if (error instanceof Refused) return saysNothing(request.headers.get("Content-Type"));
    throw error;
  }
}
