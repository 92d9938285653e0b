/** Amounts, ids, codes, errors: functions without a platform, which engines may still compute differently. */
import { equal, ok, refused } from "./assert.ts";
import type { Case, Subject } from "./case.ts";

const AMOUNTS: readonly (readonly [amount: unknown, minor: number | null])[] = [
  [10, 1000],
  [123.42, 12_342],
  [0.1 + 0.2, null],
  [1.1, 110],
  [99_999_999, 9_999_999_900],
  ["100.00", 10_000],
  ["100.0000", 10_000],
  ["-5.5", -550],
  ["-0", 0],
  [1e21, null],
  ["1e3", null],
  [" 10", null],
  ["10\n", null],
  ["١٠", null],
  ["0x10", null],
  [Number.NaN, null],
  [null, null],
  [{ valueOf: () => 10 }, null],
];

/** Of every kind: the error, amounts, ids, codes. */
export function valueCases({ main }: Subject): readonly Case[] {
  return [
    {
      name: "the error of the package is an Error with a stable code, and its cause is no part of its text",
      run: () => {
        const cause = new TypeError("test-secret");
        const error = new main.FreedomPayError("input_invalid", "the amount is wrong", { cause });
        ok(error instanceof Error && error instanceof main.FreedomPayError, "it is another class");
        equal(
          [error.name, error.code, error.message, error.cause === cause],
          ["FreedomPayError", "input_invalid", "the amount is wrong", true],
        );
        equal(String(error), "FreedomPayError: the amount is wrong");
        ok(!("cause" in new main.FreedomPayError("key_invalid", "no key")), "an error without a cause has one");
      },
    },
    {
      name: "amounts become exact minor units, or null",
      run: () => {
        for (const [amount, minor] of AMOUNTS) equal(main.toMinorUnits(amount), minor, `toMinorUnits(${String(amount)})`);
      },
    },
    {
      name: "minor units become major units and back",
      run: async () => {
        for (const minor of [0, 1, 29, 57, 58, 1001, 113_999, 9_999_999_900, -550])
          equal(main.toMinorUnits(main.toMajorUnits(minor)), minor);
        equal(JSON.stringify([29, 57, 1001, 1000].map(main.toMajorUnits)), "[0.29,0.57,10.01,10]");
        await refused("input_invalid", () => main.toMajorUnits(0.5));
        equal(main.takenAmount({ cleared_amount: 5000.01, refunded_amount: 0.1 }), 499_991);
        ok(Number.isNaN(main.takenAmount({ cleared_amount: Number.NaN, refunded_amount: 0 })), "a refusal has taken an amount");
        equal([0.01, 99_999_999, 0, 0.001, "10"].map(main.isChargeAmount), [true, true, false, false, false]);
      },
    },
    {
      name: "codes have the category and the advice of the list",
      run: () => {
        equal([main.categoryOf("create", "1202"), main.categoryOf("read", "1202")], ["configuration", "not_found"]);
        equal([main.categoryOf("create", "10009"), main.categoryOf("edit", "__proto__")], ["insufficient_funds", "other"]);
        equal([main.retryAdvice("gateway_unavailable", true), main.retryAdvice("gateway_unavailable", false)], ["now", "later"]);
      },
    },
    {
      name: "a request id has its time and this runtime's random bits",
      run: async () => {
        equal(
          main.requestId(0x0190_fddd_bea7, (bytes) => void bytes.fill(0xff)),
          "0190fddd-bea7-7fff-bfff-ffffffffffff",
        );
        const ids = new Set(Array.from({ length: 200 }, () => main.requestId()));
        equal(ids.size, 200, "the number of different ids");
        ok([...ids].every(main.isRequestId), "an id is no UUID");
        equal(["", `${main.requestId()}\n`, "0190fddd-bea7-9fff-bfff-ffffffffffff"].map(main.isRequestId), [false, false, false]);
        await refused("input_invalid", () => main.requestId(-1));
      },
    },
  ];
}
