/** Reads a text with one or two keys, for the core and for the edge's settings. */
import { FreedomPayError } from "../errors.ts";

/**
 * The keys of a setting: one, or during a rotation two, separated by white space. The first one is new and signs; both verify. White
 * space around them is ignored, because a key from a file ends with a line end.
 *
 * @param setting The text, such as that of CHARGE_TOKEN_KEY. An empty text, or a value that is not a text, gives one empty key, which the
 * caller refuses.
 * @param name The name of the setting in the error.
 * @throws {@link FreedomPayError} `key_invalid` when there are more than two.
 */
export function keysOf(setting: unknown, name: string): readonly [string, ...string[]] {
  const [first = "", ...others] = typeof setting === "string" ? setting.trim().split(/\s+/) : [];
  if (others.length > 1) throw new FreedomPayError("key_invalid", `${name} contains more than two values separated by white space`);
  return [first, ...others];
}
