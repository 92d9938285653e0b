import { describe, expect, test } from "vitest";
import { readAmount, readMerchantCharge, readNothing, readResolution, readSequence } from "../../../edge/http/merchant-body.ts";
import { CHARGE } from "../forged-token.ts";

const WHOLE = JSON.stringify({ ...CHARGE, user_ip: "84.252.158.239" });

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

test("the charge of a token, and the address at the consent", () => {
  expect(readMerchantCharge(bytes(WHOLE))).toEqual({ charge: CHARGE, userIp: "84.252.158.239" });
});

test("a byte order mark is ignored", () => {
  expect(readMerchantCharge(bytes(`\ufeff${WHOLE}`)).charge).toEqual(CHARGE);
});

test("auto_clearing is true by default", () => {
  const { auto_clearing: _, ...charge } = CHARGE;
  expect(readMerchantCharge(bytes(JSON.stringify({ ...charge, user_ip: "::1" }))).charge.auto_clearing).toBe(true);
});

describe("null", () => {
  test.each(["card", "auto_clearing"])("counts as left out for %s", (member) => {
    const { charge } = readMerchantCharge(bytes(JSON.stringify({ ...CHARGE, user_ip: "::1", [member]: null })));
    expect(charge).toEqual({ ...CHARGE, auto_clearing: true });
  });

  test.each([...Object.keys(CHARGE).filter((name) => name !== "auto_clearing"), "user_ip"])(
    "is not accepted as %s, which is required",
    (member) => {
      const body = bytes(JSON.stringify({ ...CHARGE, user_ip: "::1", [member]: null }));
      expect(() => readMerchantCharge(body)).toThrow(expect.objectContaining({ code: "body_invalid" }));
    },
  );

  test("never counts as left out in the body of an operation, where that would mean everything that is left", () => {
    const refusal = expect.objectContaining({ code: "body_invalid" }) as Error;
    for (const read of [readAmount, readNothing, readSequence]) {
      expect(() => read(bytes("null"))).toThrow(refusal);
      for (const member of ["amount", "sequence"]) expect(() => read(bytes(`{"${member}":null}`))).toThrow(refusal);
    }
    for (const member of ["payment_id", "nothing_taken", "note"]) {
      const resolution = { ...(member === "nothing_taken" ? { nothing_taken: true } : { payment_id: "1" }), note: "seen", [member]: null };
      expect(() => readResolution(bytes(JSON.stringify(resolution)))).toThrow(refusal);
    }
    for (const both of ['{"payment_id":"1","nothing_taken":null,"note":"seen"}', '{"payment_id":null,"nothing_taken":true,"note":"seen"}'])
      expect(() => readResolution(bytes(both))).toThrow(refusal);
  });
});

describe("an invalid member is named, without its value", () => {
  test.each([
    ["", "The body is not JSON in UTF-8"],
    ["{", "The body is not JSON in UTF-8"],
    [`[${WHOLE}]`, "The body is not a JSON object"],
    ["null", "The body is not a JSON object"],
    ["1", "The body is not a JSON object"],
    [JSON.stringify(CHARGE), "user_ip is not an IP address"],
    [WHOLE.replace(":10,", ":0.001,"), /^amount /],
    [WHOLE.replace('"amount"', '"sum"'), /^(sum|amount) /],
    [WHOLE.replace('"amount"', '"__proto__":{},"amount"'), /^__proto__ /],
    [WHOLE.replace("A book", "4111 1111 1111 1111"), /^description contains a card number$/],
  ])("%s", (text, detail) => {
    const refusal = expect.objectContaining({ code: "body_invalid", extras: { detail: expect.stringMatching(detail) as string } }) as Error;
    expect(() => readMerchantCharge(bytes(text))).toThrow(refusal);
  });

  test("a byte that is not UTF-8 in the middle of a valid body is refused", () => {
    const broken = bytes(WHOLE);
    broken[WHOLE.indexOf("A book")] = 0xff;
    expect(() => readMerchantCharge(broken)).toThrow(expect.objectContaining({ extras: { detail: "The body is not JSON in UTF-8" } }));
  });
});

describe("the number of the notification to send again", () => {
  test.each([
    ["", null],
    ["{}", null],
    ['{"sequence":1}', 1],
    ['{"sequence":4200}', 4200],
  ])("%s", (text, sequence) => {
    expect(readSequence(bytes(text))).toBe(sequence);
  });

  test.each(['{"sequence":0}', '{"sequence":1.5}', '{"sequence":"1"}', '{"sequence":null}', '{"sequence":1e99}', '{"id":1}', "[1]", "1"])(
    "%s is refused",
    (text) => {
      expect(() => readSequence(bytes(text))).toThrow(expect.objectContaining({ code: "body_invalid" }));
    },
  );
});
