/** How a text that holds a key is read: the same here as in the edge's settings. */
import { FreedomPayError } from "../errors.ts";

/**
 * The keys of a setting: one, or two separated by white space while it is rotated. The first is the new one, which signs; both verify.
 * White space around them does not count, because a key that was read from a file ends with a line end.
 *
 * @param setting The text, such as that of CHARGE_TOKEN_KEY. What is no text, or empty, is one empty key: the caller refuses it by its own rule.
 * @param name What it is called in the error.
 * @throws {@link FreedomPayError} `key_invalid` when it holds more than two.
 */
export function keysOf(setting: unknown, name: string): readonly [string, ...string[]] {
  const [first = "", ...others] = typeof setting === "string" ? setting.trim().split(/\s+/) : [];
  if (others.length > 1) throw new FreedomPayError("key_invalid", `${name} holds more than two values separated by white space`);
  return [first, ...others];
}
