import type * as v from "valibot";
import { FreedomPayError } from "../../src/errors.ts";
import { readInput } from "../../src/lib/input.ts";
import { Refused } from "./problem.ts";

/**
 * What a caller gave, once it fits the schema.
 *
 * @throws Refused body_invalid, with a detail that names the member and not its value
 */
export function parse<Output>(schema: v.GenericSchema<unknown, Output>, given: unknown): Output {
  return orRefused(() => readInput(schema, given));
}

/**
 * What a reader of the core makes of a caller's input.
 *
 * @throws Refused body_invalid, with the reader's own message
 */
export function orRefused<Output>(read: () => Output): Output {
  try {
    return read();
  } catch (error) {
    if (error instanceof FreedomPayError) throw new Refused("body_invalid", { detail: error.message });
    throw error;
  }
}
