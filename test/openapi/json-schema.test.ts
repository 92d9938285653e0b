import { expect, test } from "vitest";
import { validator } from "./json-schema.ts";

const CARD = { type: "object", properties: { last4: { type: "string", pattern: "^[0-9]{4}$" } }, required: ["last4"] };
const CARD_AND_BRAND = { allOf: [{ $ref: "#/Card" }], type: "object", properties: { brand: { enum: ["visa", null] } } };
const errors = validator({ Card: CARD });

test.each<readonly [unknown, unknown, readonly string[]]>([
  [{ type: "string" }, "a", []],
  [{ type: ["string", "null"] }, null, []],
  [{ type: ["string", "null"] }, 1, ["it is no string nor null"]],
  [{ type: "integer" }, 1.5, ["it is no integer"]],
  [{ type: "object" }, [], ["it is no object"]],
  [{ const: true }, false, ["it is not true"]],
  [{ enum: [1, null] }, null, []],
  [{ enum: [1, null] }, 2, ["it is not one of the listed values"]],
  [{ minLength: 1, maxLength: 2 }, "", ["it is too short"]],
  [{ minLength: 1, maxLength: 2 }, "😀😀", []],
  [{ minLength: 1, maxLength: 2 }, "abc", ["it is too long"]],
  [{ minimum: 1 }, 0, ["it is too small"]],
  [{ exclusiveMinimum: 0, maximum: 2 }, 0, ["it is too small"]],
  [{ exclusiveMinimum: 0, maximum: 2 }, 3, ["it is too large"]],
  [{ type: "array", items: CARD }, [{ last4: "4242" }], []],
  [{ type: "array", items: CARD }, [{ last4: "424" }], ["it[0].last4 does not match ^[0-9]{4}$"]],
  [CARD, {}, ["it lacks last4"]],
  [CARD, { last4: "4242", cvc: "123" }, ["it has cvc, which no schema describes"]],
  [{ ...CARD, additionalProperties: false }, { last4: "4242", cvc: "123" }, ["it has cvc, which is not allowed"]],
  [CARD_AND_BRAND, { last4: "4242", brand: "visa" }, []],
  [CARD_AND_BRAND, { brand: "visa" }, ["it lacks last4"]],
  [CARD_AND_BRAND, { last4: "4242", brand: null, more: 1 }, ["it has more, which no schema describes"]],
  [{ anyOf: [CARD, { type: "null" }] }, null, []],
  [{ anyOf: [CARD, { type: "null" }] }, { last4: 1 }, ["it fits none of: it.last4 is no string; it is no null"]],
  [{ anyOf: [CARD, CARD_AND_BRAND] }, { last4: "4242", brand: null }, []],
])("by %j the value %j has the errors %j", (schema, value, expected) => {
  expect(errors(schema, value)).toEqual(expected);
});

test.each([{ oneOf: [] }, { additionalProperties: true }, { $ref: "#/Nothing" }, { $ref: "https://shop.example/" }, "string"])(
  "the schema %j is an error, not a pass",
  (schema) => {
    expect(() => errors(schema, {})).toThrow();
  },
);
