import { expect, test, vi } from "vitest";
import { hmacKey } from "../../../src/lib/hmac-key.ts";

const encode = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

async function imports(act: () => Promise<unknown>): Promise<number> {
  const spy = vi.spyOn(crypto.subtle, "importKey");
  try {
    await act();
    return spy.mock.calls.length;
  } finally {
    spy.mockRestore();
  }
}

test("a key is imported once for each secret, hash and usage, and cannot be exported", async () => {
  const first = await hmacKey(encode("secret 1"), "SHA-256", "sign");
  expect([first.extractable, first.usages, first.algorithm]).toMatchObject([false, ["sign"], { name: "HMAC", hash: { name: "SHA-256" } }]);
  expect(await imports(() => hmacKey(encode("secret 1"), "SHA-256", "sign"))).toBe(0);
  expect(await hmacKey(encode("secret 1"), "SHA-256", "sign")).toBe(first);
  const others = await Promise.all([
    hmacKey(encode("secret 2"), "SHA-256", "sign"),
    hmacKey(encode("secret 1"), "SHA-512", "sign"),
    hmacKey(encode("secret 1"), "SHA-256", "verify"),
  ]);
  expect(new Set([first, ...others]).size).toBe(4);
});

test("sixteen keys are kept, the newest ones", async () => {
  for (let number = 1; number <= 17; number += 1) await hmacKey(encode(`of many ${number}`), "SHA-256", "sign");
  expect(await imports(() => hmacKey(encode("of many 2"), "SHA-256", "sign"))).toBe(0);
  expect(await imports(() => hmacKey(encode("of many 1"), "SHA-256", "sign"))).toBe(1);
});

test("an import that fails is not kept", async () => {
  const spy = vi.spyOn(crypto.subtle, "importKey").mockRejectedValueOnce(new Error("no"));
  await expect(hmacKey(encode("failing"), "SHA-256", "sign")).rejects.toThrow("no");
  spy.mockRestore();
  expect((await hmacKey(encode("failing"), "SHA-256", "sign")).type).toBe("secret");
});
