import { expect, test } from "vitest";
import { FreedomPayError } from "../../src/errors.ts";

test("A FreedomPayError has its code, its name and its cause", () => {
  const cause = new TypeError("below");
  const error = new FreedomPayError("key_invalid", "the key is too short", { cause });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: "FreedomPayError", code: "key_invalid", message: "the key is too short", cause });
});

test("Without a cause there is no member cause", () => {
  expect("cause" in new FreedomPayError("input_invalid", "wrong")).toBe(false);
});
