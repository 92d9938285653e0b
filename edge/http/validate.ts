import type * as v from "valibot";
import { FreedomPayError } from "../../src/errors.ts";
import { readInput } from "../../src/lib/input.ts";
import { Refused } from "./problem.ts";

/**
 * Validates a caller's input by a schema.
 *
 * @throws Refused body_invalid, with a detail that names the member and not its value
 */
export function parse<Output>(schema: v.GenericSchema<unknown, Output>, input: unknown): Output {
  return refuseInvalid(() => readInput(schema, input));
}

/**
 * Runs one of the core's readers over a caller's input.
 *
 * @throws Refused body_invalid, with the reader's own message
 */
export function refuseInvalid<Output>(read: () => Output): Output {
  try {
    return read();
  } catch (error) {
    if (error instanceof FreedomPayError) throw new Refused("body_invalid", { detail: error.message });
    throw error;
  }
}
