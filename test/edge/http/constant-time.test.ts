import { expect, test } from "vitest";
import { isOneOf, equalTexts } from "../../../edge/http/constant-time.ts";

test.each([
  ["", "", true],
  ["test-secret", "test-secret", true],
  ["test-secret", "test-secres", false],
  ["test-secret", "test-secret-longer", false],
  ["test-secret", "", false],
  ["\u00e9", "e\u0301", false],
])("%j and %j are equal: %s", async (one, other, same) => {
  expect(await equalTexts(one, other)).toBe(same);
});

test.each([
  ["first", 0],
  ["last", 31],
])("digests that are equal in their %s byte alone are not equal", async (_, index) => {
  const byteOf = async (text: string): Promise<number | undefined> =>
    new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)))[index];
  const wanted = await byteOf("test-secret");
  let text = "";
  for (let tried = 0; text === ""; tried += 1) if ((await byteOf(`test-secret-${tried}`)) === wanted) text = `test-secret-${tried}`;
  expect(await equalTexts("test-secret", text)).toBe(false);
});

test("a value equals one of several", async () => {
  expect(await isOneOf("b", ["a", "b"])).toBe(true);
  expect(await isOneOf("c", ["a", "b"])).toBe(false);
  expect(await isOneOf("", [])).toBe(false);
});
