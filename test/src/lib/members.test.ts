import * as v from "valibot";
import { describe, expect, test } from "vitest";
import * as member from "../../../src/lib/members.ts";

/** The message of a rule for a value; null when it is valid. */
function said(schema: v.GenericSchema<unknown>, value: unknown): string | null {
  const result = v.safeParse(schema, value, { abortEarly: true });
  return result.success ? null : result.issues[0].message;
}

const LONGEST_URL = `https://shop.example/${"x".repeat(2048 - "https://shop.example/".length)}`;

describe.each([
  [
    "amount",
    member.amount,
    [0.01, 99_999_999],
    [0, 0.001, 99_999_999.01, "10"],
    "must be a number above 0 with at most 2 decimals and at most 99999999",
  ],
  [
    "currency",
    member.currency,
    ["KZT", "KGS", "UZS", "USD", "RUB", "EUR"],
    ["kzt", "GBP", "KZT ", "", null, 398, ["KZT"]],
    "must be one of KZT, KGS, UZS, USD, RUB, EUR",
  ],
  [
    "description",
    member.description,
    ["x", "ж".repeat(1024)],
    ["", "x".repeat(1025), "a\nb", 5],
    "must be 1 to 1024 characters without control characters",
  ],
  [
    "orderId",
    member.orderId,
    ["1", "-1-2-", "A-z_9".repeat(8)],
    ["", "x".repeat(41), "12--34", "a b", "a.b", "1\n", "ж", 5, null],
    "must be 1 to 40 of A-Z a-z 0-9 _ - without --",
  ],
  [
    "gatewayOrderId",
    member.gatewayOrderId,
    ["1", "x".repeat(50)],
    ["", "x".repeat(51), "a\0b", 5],
    "must be 1 to 50 characters without control characters",
  ],
  ["userId", member.userId, ["a", "A-z_9".repeat(10)], ["", "a".repeat(51), "a b", 5], "must be 1 to 50 of A-Z a-z 0-9 _ -"],
  ["profileId", member.profileId, ["a", "x".repeat(64), "a.b-c_d"], ["", "x".repeat(65), "a/b", 5], "must be 1 to 64 of A-Z a-z 0-9 . _ -"],
  ["paymentId", member.paymentId, ["!", "x".repeat(64)], ["", "x".repeat(65), "a b", "ж", 5], "must be 1 to 64 visible ASCII characters"],
  ["flag", member.flag, [true, false], [1, "true", null], "must be true or false"],
  ["userIp", member.userIp, ["192.0.2.1", "2001:db8::1"], ["192.0.2", "", 5, "fe80::1%eth0"], "must be an IPv4 or IPv6 address"],
  [
    "callbackUrl",
    member.callbackUrl,
    ["https://shop.example/check", "http://127.0.0.1:8080", LONGEST_URL],
    [`${LONGEST_URL}x`, "ftp://shop.example", "https://", "", 5, new URL("https://shop.example/"), ["https://shop.example/"]],
    "must be an http or https URL",
  ],
] as const)("%s", (_, schema, good, bad, message) => {
  test.each(good.map((value) => [value]))("takes %j", (value) => {
    expect(said(schema, value)).toBeNull();
  });

  test.each(bad.map((value) => [value]))(`says of %j that it ${message}`, (value) => {
    expect(said(schema, value)).toBe(message);
  });
});
