import { expect, test } from "vitest";
import { schemasOf } from "../../scripts/schema-of-types.ts";

const schemaOf = (type: string): unknown => schemasOf("x.ts", `export type X = ${type};`, { CODES: ["a", "b"] })["X"];

test.each<readonly [string, unknown]>([
  ["string", { type: "string" }],
  ["number", { type: "number" }],
  ["boolean", { type: "boolean" }],
  ["string | null", { type: ["string", "null"] }],
  ['"a"', { const: "a" }],
  ["true", { const: true }],
  ['"a" | "b"', { enum: ["a", "b"] }],
  ['"a" | null', { enum: ["a", null] }],
  ['"a" | number', { anyOf: [{ enum: ["a"] }, { type: "number" }] }],
  ["readonly string[]", { type: "array", items: { type: "string" } }],
  ["Card | null", { anyOf: [{ $ref: "#/components/schemas/Card" }, { type: "null" }] }],
  ["keyof typeof CODES", { enum: ["a", "b"] }],
  ["Card | (string & Record<never, never>)", { anyOf: [{ $ref: "#/components/schemas/Card" }, { type: "string" }] }],
  ["{ readonly a: string; readonly b?: 1 }", { type: "object", properties: { a: { type: "string" }, b: { const: 1 } }, required: ["a"] }],
])("the type %s becomes its schema", (type, schema) => {
  expect(schemaOf(type)).toEqual(schema);
});

test("docstrings become descriptions, of the type and of the member that they stand right before", () => {
  const code = `
    /** Not of the card. */

    import type { Y } from "./y.ts";
    /**
     * A card
     * of {@link Shop}.
     */
    export interface Card { /** Digits. */ readonly last4: string; readonly brand: string }
    interface Hidden { readonly a: string }
    export const x = 1;`;
  const string = { type: "string" };
  expect(schemasOf("x.ts", code, {})).toEqual({
    Card: {
      description: "A card of Shop.",
      type: "object",
      properties: { last4: { ...string, description: "Digits." }, brand: string },
      required: ["last4", "brand"],
    },
  });
});

test("what an interface extends becomes allOf", () => {
  const { B } = schemasOf("x.ts", "export interface B extends A { readonly b: string }", {});
  expect(B).toMatchObject({ allOf: [{ $ref: "#/components/schemas/A" }], required: ["b"] });
});

test.each(["Map<string, string>[number]", "A & B", "() => void", "unknown"])("the type %s is refused, not guessed", (type) => {
  expect(() => schemaOf(type)).toThrow(/known/);
});
