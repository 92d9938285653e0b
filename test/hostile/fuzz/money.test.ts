import fc from "fast-check";
import { expect, test } from "vitest";
import { isChargeAmount, toMajorUnits, toMinorUnits } from "../../../src/money.ts";
import { cases, TIMEOUT } from "./cases.ts";
import { anyJson } from "./values.ts";

/** The minor units of a decimal, computed with whole numbers only; null when it has more than two decimals or is invalid. */
function exact(text: string): bigint | null {
  const [, sign = "", whole = "", , decimals = ""] = /^(-?)(0|[1-9][0-9]*)(\.([0-9]+))?$/.exec(text) ?? [];
  if (whole === "" || BigInt(decimals.padEnd(2, "0")) % 10n ** BigInt(Math.max(0, decimals.length - 2)) !== 0n) return null;
  const minor = BigInt(whole) * 100n + BigInt(decimals.padEnd(2, "0").slice(0, 2));
  if (minor > 10n ** 15n || text.endsWith(".")) return null;
  return sign === "-" ? -minor : minor;
}

test("an amount is exact minor units, or null", { timeout: TIMEOUT }, () => {
  fc.assert(
    fc.property(
      fc.oneof(
        anyJson,
        fc.double(),
        fc.integer().map((minor) => minor / 100),
      ),
      (amount) => {
        const minor = toMinorUnits(amount);
        if (minor === null) {
          expect(isChargeAmount(amount)).toBe(false);
          return;
        }
        expect(Number.isInteger(minor)).toBe(true);
        expect(BigInt(minor)).toBe(exact(String(amount)));
        if (typeof amount === "number") expect(toMajorUnits(minor)).toBe(amount === 0 ? 0 : amount);
        expect(toMinorUnits(toMajorUnits(minor))).toBe(minor);
      },
    ),
    cases("amounts"),
  );
});

test("a text is an amount exactly if the whole-number computation accepts it", { timeout: TIMEOUT }, () => {
  const digits = fc.string({ unit: fc.constantFrom("0", "1", "5", "9"), maxLength: 18 });
  const decimals = fc.tuple(fc.constantFrom("", "-"), digits, fc.constantFrom("", "."), digits).map((parts) => parts.join(""));
  fc.assert(
    fc.property(decimals, (text) => {
      const minor = toMinorUnits(text);
      expect(minor === null ? null : BigInt(minor)).toBe(exact(text));
    }),
    cases("amounts as text"),
  );
});
