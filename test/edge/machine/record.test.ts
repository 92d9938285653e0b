import { describe, expect, test } from "vitest";
import { storedPaymentId, storedText, storedCode, newRecord, RECORD_VERSION, sameTerms, termsText } from "../../../edge/machine/record.ts";

const TERMS = {
  amount: 1000,
  currency: "KZT",
  user_id: "12345",
  pay_with: "profile",
  profile_id: "profile-1",
  save_card_months: null,
  auto_clearing: true,
} as const;

test("a new record contains only its order_id", () => {
  expect(newRecord("1234")).toEqual({
    version: RECORD_VERSION,
    orderId: "1234",
    gatewayChanged: null,
    boundKeys: 0,
    newestIssuedAt: null,
    closedAt: null,
    redactedAt: null,
    attempts: [],
    operations: [],
    resolutions: [],
    attention: [],
    hintedAt: null,
    updatedAt: null,
    sequence: 0,
  });
});

test("the gateway's texts are stored up to 160 characters, its words up to 32, without control characters; a missing one is null", () => {
  expect(storedText("x".repeat(161))).toBe("x".repeat(160));
  expect(storedCode("x".repeat(33))).toBe("x".repeat(32));
  expect(storedText("a\u0000b\ud800\n")).toBe("a b  ");
  expect([storedCode(""), storedCode(null), storedCode(undefined)]).toEqual(["", null, null]);
  expect([storedText(""), storedText(null), storedText(undefined)]).toEqual(["", null, null]);
});

test("a payment id is stored if a read can name it", () => {
  expect(storedPaymentId("0190fddd-bea7")).toBe("0190fddd-bea7");
  expect(storedPaymentId("x".repeat(64))).toBe("x".repeat(64));
  for (const id of ["", "x".repeat(65), "a b", "a\n", "платёж", undefined]) expect(storedPaymentId(id)).toBeNull();
});

describe("terms", () => {
  test("are equal if every member is, in a fixed order", () => {
    expect(termsText(TERMS)).toBe('[1000,"KZT","12345","profile-1",true]');
    expect(sameTerms(TERMS, { ...TERMS })).toBe(true);
  });

  test.each([{ amount: 1001 }, { currency: "USD" as const }, { user_id: "1234" }, { profile_id: "profile-2" }, { auto_clearing: false }])(
    "differ by %j",
    (other) => {
      expect(sameTerms(TERMS, { ...TERMS, ...other })).toBe(false);
    },
  );
});
