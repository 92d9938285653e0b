import type { BodyRefusals } from "../src/bounded-body.ts";
import { readAtMost } from "../src/bounded-body.ts";
import { Refused } from "./problem.ts";

/** Bytes of a body at most: 64 KiB. */
export const MAX_BODY = 64 * 1024;

const REFUSALS: BodyRefusals = {
  tooLarge: () => new Refused("body_too_large"),
  brokeOff: () => new Refused("body_invalid", { detail: "The body broke off" }),
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
