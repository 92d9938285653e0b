import { describe, expect, test } from "vitest";
import { bindProfile, openProfile } from "../../../src/merchant-api/bound-profile.ts";

const OLD = "test-secret-callback-key-of-last-year-0123456789";
const NEW = "test-secret-callback-key-of-this-year-0123456789";

/** The MAC by crypto.subtle and standard base64, without the core's code. */
async function macOf(text: string, secret: string): Promise<string> {
  const utf8 = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", utf8.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const bytes = new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8.encode(text)));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .slice(0, 16);
}

test("a profile is bound to its user by 16 characters of a MAC over both", async () => {
  expect(await bindProfile("60144557", "customer-1", [NEW, OLD])).toBe(`60144557.${await macOf("profile|60144557|customer-1", NEW)}`);
});

test("a bound profile opens for its user, with every value of the key", async () => {
  const byOld = await bindProfile("60144557", "customer-1", [OLD]);
  const byNew = await bindProfile("60144557", "customer-1", [NEW, OLD]);
  expect(byOld).not.toBe(byNew);
  for (const bound of [byOld, byNew]) {
    expect(bound).toMatch(/^60144557\.[A-Za-z0-9_-]{16}$/);
    expect(await openProfile(bound, "customer-1", [NEW, OLD])).toEqual({ profileId: "60144557", isBare: false });
  }
  expect(await openProfile(byOld, "customer-1", [NEW])).toBeNull();
});

test("digits alone open, and say that nobody checked whose they are", async () => {
  expect(await openProfile("60144557", "customer-1", [NEW])).toEqual({ profileId: "60144557", isBare: true });
});

describe("a bound profile does not open", () => {
  test("for another user, for another profile, and for a user whose id begins alike", async () => {
    const bound = await bindProfile("60144557", "customer-1", [NEW]);
    expect(await openProfile(bound, "customer-2", [NEW])).toBeNull();
    expect(await openProfile(bound, "customer-11", [NEW])).toBeNull();
    expect(await openProfile(bound.replace("60144557", "60144558"), "customer-1", [NEW])).toBeNull();
  });

  test("with one character changed, wherever it is", async () => {
    const bound = await bindProfile("60144557", "customer-1", [NEW]);
    for (let at = bound.indexOf(".") + 1; at < bound.length; at += 1) {
      const changed = `${bound.slice(0, at)}${bound[at] === "A" ? "B" : "A"}${bound.slice(at + 1)}`;
      expect(await openProfile(changed, "customer-1", [NEW])).toBeNull();
    }
  });

  test.each([
    "",
    "60144557.",
    "60144557.AAAAAAAAAAAAAAA",
    "60144557.AAAAAAAAAAAAAAAAA",
    "60144557.AAAAAAAAAAAAAAA=",
    ".AAAAAAAAAAAAAAAA",
    "x",
    "60144557\n",
    " 60144557",
    "6014455७",
    "0190fddd-bea7-7f17-b777-10344d5cc816",
    "1".repeat(21),
  ])("in another form: %j", async (text) => {
    expect(await openProfile(text, "customer-1", [NEW])).toBeNull();
  });
});

test("without a key nothing is bound or opened", async () => {
  const bound = await bindProfile("60144557", "customer-1", [NEW]);
  for (const keys of [[], [""]]) {
    await expect(bindProfile("60144557", "customer-1", keys)).rejects.toThrow(expect.objectContaining({ code: "key_invalid" }));
    await expect(openProfile(bound, "customer-1", keys)).rejects.toThrow(expect.objectContaining({ code: "key_invalid" }));
  }
});

test.each(["", "x", "60144557.AAAAAAAAAAAAAAAA", "1|2", "1".repeat(21)])("%j is no profile to bind", async (text) => {
  await expect(bindProfile(text, "customer-1", [NEW])).rejects.toThrow(expect.objectContaining({ code: "input_invalid" }));
});
