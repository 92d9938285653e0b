import fc from "fast-check";
import { expect, test } from "vitest";
import { Refused } from "../../../edge/http/problem.ts";
import { readAmount, readMerchantCharge, readNothing, readResolution } from "../../../edge/http/merchant-body.ts";
import { parseCharge } from "../../../src/charge-token.ts";
import { FreedomPayError } from "../../../src/errors.ts";
import { CHARGE } from "../../edge/forged-token.ts";
import { cases, TIMEOUT } from "./cases.ts";
import { anyJson, nearly } from "./values.ts";

const charges = fc.oneof(
  { weight: 4, arbitrary: nearly({ ...CHARGE, card: { brand: "visa", last4: "1111" } }) },
  { weight: 1, arbitrary: anyJson.map((value) => JSON.stringify(value)) },
);

test("a charge is refused with a code, or parsing it again gives the same charge", { timeout: TIMEOUT }, () => {
  fc.assert(
    fc.property(charges, (json) => {
      try {
        const charge = parseCharge(JSON.parse(json));
        expect(parseCharge(JSON.parse(JSON.stringify(charge)))).toEqual(charge);
        expect(Object.keys(charge)).toEqual(
          expect.arrayContaining(["order_id", "amount", "currency", "description", "user_id", "profile_id"]),
        );
        expect(Object.keys(charge).length).toBeLessThanOrEqual(8);
      } catch (error) {
        if (!(error instanceof FreedomPayError)) throw error;
        expect(["input_invalid", "card_number_found"]).toContain(error.code);
        expect(error.message).not.toMatch(/4111/);
      }
    }),
    cases("charges"),
  );
});

const READERS: readonly ((body: Uint8Array) => unknown)[] = [readMerchantCharge, readAmount, readNothing, readResolution];

test("a merchant's body is read, or refused as body_invalid", { timeout: TIMEOUT }, () => {
  const texts = fc.oneof(
    { weight: 3, arbitrary: nearly({ ...CHARGE, user_ip: "84.252.158.239" }) },
    { weight: 2, arbitrary: nearly({ amount: 5 }) },
    { weight: 2, arbitrary: nearly({ payment_id: "77", nothing_taken: true, note: "seen" }) },
    { weight: 1, arbitrary: anyJson.map((value) => JSON.stringify(value)) },
  );
  const bodies = fc.oneof(
    { weight: 4, arbitrary: texts.map((text): Uint8Array => new TextEncoder().encode(text)) },
    { weight: 1, arbitrary: fc.uint8Array() },
  );
  fc.assert(
    fc.property(bodies, fc.constantFrom(...READERS), (body, read) => {
      try {
        read(body);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        expect(error.code).toBe("body_invalid");
        expect(error.extras.detail).not.toMatch(/4111/);
      }
    }),
    cases("merchants' bodies"),
  );
});
