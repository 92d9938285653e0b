import { describe, expect, test } from "vitest";
import { readIdempotencyKey } from "../../../edge/http/idempotency-key.ts";

const VISIBLE = Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index)).join("");

describe("a key", () => {
  test.each([
    ["bare", "8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ["quoted: the same key", '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ["one character", "a", "a"],
    ["255 characters", "k".repeat(255), "k".repeat(255)],
    ["255 characters, quoted", `"${"k".repeat(255)}"`, "k".repeat(255)],
    ["255 characters, each escaped", `"${'\\"'.repeat(255)}"`, '"'.repeat(255)],
    ["every visible character but the comma, bare", `k${VISIBLE.replace(",", "")}`, `k${VISIBLE.replace(",", "")}`],
    ["every visible character, quoted", `"${VISIBLE.replace(/["\\]/g, "\\$&")}"`, VISIBLE],
    ["a comma, quoted", '"a,b"', "a,b"],
    ["a backslash, bare", "a\\b", "a\\b"],
    ["a quote inside, bare", 'a"b', 'a"b'],
  ])("%s", (_, header, key) => {
    expect(readIdempotencyKey(header)).toBe(key);
  });
});

test("no header is a missing key", () => {
  expect(() => readIdempotencyKey(null)).toThrow(expect.objectContaining({ code: "idempotency_key_missing" }));
});

describe("no key", () => {
  test.each([
    ["empty", ""],
    ["empty, quoted", '""'],
    ["doubled", '"a", "b"'],
    ["doubled, without the space", '"a","b"'],
    ["two bare headers, joined", "a, b"],
    ["two bare headers, joined without the space", "a,b"],
    ["256 characters", "k".repeat(256)],
    ["256 characters, quoted", `"${"k".repeat(256)}"`],
    ["a space", "a b"],
    ["a space, quoted", '"a b"'],
    ["a tab", "a\tb"],
    ["not ASCII", "ключ"],
    ["not ASCII, as bytes", "\xd0\xba"],
    ["a control character", "a\x7f"],
    ["a quote that is not closed", '"a'],
    ["a quote alone", '"'],
    ["a quote inside a quoted one", '"a"b"'],
    ["an escape that there is not", '"a\\b"'],
    ["an escape of the closing quote", '"a\\"'],
    ["a parameter", '"a";b=c'],
  ])("%s", (_, header) => {
    expect(() => readIdempotencyKey(header)).toThrow(expect.objectContaining({ code: "idempotency_key_invalid" }));
  });
});
