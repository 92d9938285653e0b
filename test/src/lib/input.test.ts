import * as v from "valibot";
import { expect, test } from "vitest";
import { readInput } from "../../../src/lib/input.ts";

const schema = v.strictObject({ name: v.string("must be a text"), inner: v.strictObject({ size: v.number("must be a number") }) });

test("readInput returns the schema's output", () => {
  expect(readInput(v.pipe(v.string(), v.transform(Number)), "5")).toBe(5);
});

test.each([
  [5, "the input must be an object"],
  [{}, "name is missing"],
  [{ name: 5 }, "name must be a text"],
  [{ name: "a" }, "inner is missing"],
  [{ name: "a", inner: 5 }, "inner must be an object"],
  [{ name: "a", inner: {} }, "inner.size is missing"],
  [{ name: "a", inner: { size: "private" } }, "inner.size must be a number"],
  [{ name: "a", inner: { size: 1, private: 2 } }, "inner.private is not a known member"],
  [{ name: "a", inner: { size: 1 }, "4111111111111111": 2 }, "there is an unknown member"],
  [{ name: "a", inner: { size: 1 }, "<b>": 2 }, "there is an unknown member"],
  [{ name: "a", inner: { size: 1, ["x".repeat(1000)]: 2 } }, "there is an unknown member"],
])("readInput's error for %j: %s", (input, message) => {
  expect(() => readInput(schema, input)).toThrow(expect.objectContaining({ code: "input_invalid", message }));
});

test("readInput's error names the input where no member is wrong", () => {
  expect(() => readInput(v.string("must be a text"), 5)).toThrow("the input must be a text");
});

test.each([
  ["a type", v.strictObject({ member: v.number() }), { member: "sk_live_1" }],
  ["a bound", v.strictObject({ member: v.pipe(v.number(), v.minValue(1)) }), { member: -1234567 }],
  ["the input itself", v.number(), "sk_live_1"],
] as const)("the error of a schema without its own message contains no value (%s)", (_, schema, input) => {
  expect(() => readInput(schema as v.GenericSchema, input)).toThrow(/^(member|the input) is not valid$/);
});
