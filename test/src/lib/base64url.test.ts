import fc from "fast-check";
import { base64url } from "jose";
import { describe, expect, test } from "vitest";
import { decodeBase64url, decodeJson } from "../../../src/lib/base64url.ts";
import { cases } from "../../length.ts";

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

describe("decodeBase64url", () => {
  test.each([
    ["", []],
    ["AA", [0]],
    ["_w", [255]],
    ["-_8", [251, 255]],
    ["AAEC", [0, 1, 2]],
  ])("reads %j", (text, bytes) => {
    expect(decodeBase64url(text)).toEqual(Uint8Array.from(bytes));
  });

  test.each([
    ["AA==", "padding"],
    ["/w", "another alphabet"],
    ["+/8", "another alphabet"],
    ["A", "an impossible length"],
    ["AAAAA", "an impossible length"],
    ["AB", "unused bits that are set"],
    ["AAB", "unused bits that are set"],
    [" AA", "a space"],
    ["AA\n", "a line end"],
    ["A A", "a space within"],
    ["A.A", "a dot"],
    ["ÄÄ", "no ASCII"],
  ])("refuses %j: %s", (text) => {
    expect(decodeBase64url(text)).toBeNull();
  });

  test("reads the text that jose writes, and no other text for the same bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(), fc.constantFrom(...BASE64URL), (bytes, place, character) => {
        const text = base64url.encode(bytes);
        expect(decodeBase64url(text)).toEqual(bytes);
        const at = text.length === 0 ? 0 : place % text.length;
        const other = text.slice(0, at) + character + text.slice(at + 1);
        if (other !== text) expect(decodeBase64url(other)).not.toEqual(bytes);
      }),
      cases(300),
    );
  });
});

describe("decodeJson", () => {
  test("returns the value and its text", () => {
    expect(decodeJson(base64url.encode('{ "a": "ы" }'))).toEqual({ json: '{ "a": "ы" }', value: { a: "ы" } });
  });

  test.each([
    ["no base64url", "e30="],
    ["no JSON", base64url.encode("{")],
    ["nothing", ""],
    ["no UTF-8", base64url.encode(Uint8Array.of(0x22, 0xff, 0x22))],
    ["a byte order mark", base64url.encode("\ufeff{}")],
  ])("refuses %s", (_, text) => {
    expect(decodeJson(text)).toBeNull();
  });
});
