import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { componentSchemas, docstrings, schemaOf } from "../../scripts/component-schemas.ts";
import { chargeStatus } from "../../src/edge-api.ts";

describe("A schema", () => {
  test.each<readonly [string, v.GenericSchema, unknown]>([
    ["a text or null", v.nullable(v.string()), { type: ["string", "null"] }],
    ["one of some texts or null", v.nullable(v.picklist(["a", "b"])), { type: ["string", "null"], enum: ["a", "b", null] }],
    ["one text or null", v.nullable(v.literal("a")), { enum: ["a", null] }],
    ["a flag with a default", v.nullish(v.boolean(), true), { type: ["boolean", "null"], default: true }],
    [
      "an object or null",
      v.nullable(v.strictObject({ a: v.literal(true) })),
      { type: ["object", "null"], additionalProperties: false, properties: { a: { const: true } }, required: ["a"] },
    ],
    ["a list", v.array(v.nullable(v.number())), { type: "array", items: { type: ["number", "null"] } }],
    ["one of two", v.union([v.string(), v.number()]), { anyOf: [{ type: "string" }, { type: "number" }] }],
    ["an object without members", v.strictObject({}), { type: "object", additionalProperties: false }],
    [
      "an object whose member may be left out",
      v.object({ a: v.optional(v.string()) }),
      { type: "object", properties: { a: { type: "string" } } },
    ],
    ["a rule of ASCII", v.pipe(v.string(), v.regex(/^[a-z]{1,5}$/)), { type: "string", pattern: "^[a-z]{1,5}$" }],
    ["a rule of Unicode, by its length", v.pipe(v.string(), v.regex(/^[^\p{Cc}]{1,5}$/u)), { type: "string", minLength: 1, maxLength: 5 }],
    ["a value before its transformation", v.pipe(v.string(), v.regex(/^a$/), v.transform(Number)), { type: "string", pattern: "^a$" }],
    ["a component, by its name", v.nullable(chargeStatus), { anyOf: [{ $ref: "#/components/schemas/ChargeStatus" }, { type: "null" }] }],
  ])("of %s", (_, schema, expected) => {
    expect(schemaOf(schema)).toEqual(expected);
  });

  test.each<readonly [string, v.GenericSchema]>([
    ["another rule of Unicode", v.pipe(v.string(), v.regex(/^\p{L}+$/u))],
    ["a rule with another flag", v.pipe(v.string(), v.regex(/^a$/i))],
    ["a schema without a description", v.custom(() => true)],
    [
      "a rule that is an unknown function",
      v.pipe(
        v.string(),
        v.check(() => true),
      ),
    ],
    ["a rule without an equivalent in JSON Schema", v.pipe(v.string(), v.words("en", 3))],
  ])("of %s is an error", (_, schema) => {
    expect(() => schemaOf(schema)).toThrow();
  });
});

describe("The components", () => {
  const schemas = componentSchemas();

  test("have the docstrings of their type and its members as descriptions", () => {
    expect(schemas["CardHint"]).toMatchObject({
      description: "The members of a stored card that a page may show.",
      properties: { last4: { description: "The last four digits." } },
    });
    expect(schemas["MerchantChargeView"]).toMatchObject({
      description: "The merchant's view of a charge: the shopper's view and the details.",
      allOf: [
        { $ref: "#/components/schemas/ChargeView" },
        { properties: { sequence: { description: "Grows by one with every notification." } } },
      ],
    });
    expect(schemas["ChargeOfProfile"]).toMatchObject({
      properties: { order_id: { description: docstrings("ChargeInput").members["order_id"] }, user_ip: { description: /IPv4/ } },
    });
  });

  test("all have a docstring", () => {
    for (const [name, { description }] of Object.entries(schemas)) {
      // The title in PROBLEMS describes each code.
      expect(description, name).toBeTypeOf("string");
    }
  });
});

test("an unknown type is an error", () => {
  expect(() => docstrings("Nothing")).toThrow("No type has the name Nothing");
});
