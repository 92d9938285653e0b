/** The schemas of openapi.json: JSON Schemas of the edge's valibot schemas for requests and answers. */
import type { ConversionConfig } from "@valibot/to-json-schema";
import { toJsonSchema, toJsonSchemaDefs } from "@valibot/to-json-schema";
import type * as v from "valibot";
import { isDay } from "../src/lib/almaty-day.ts";
import * as bodies from "../edge/http/bodies.ts";
import * as answers from "../src/edge-api.ts";
import { isReturnUrl, MAX_RETURN_URL } from "../src/charge.ts";
import { CURRENCIES, isChargeAmount, isCurrency, MAX_AMOUNT } from "../src/money.ts";
import type { Exported } from "./compiler.ts";
import { exportsOf } from "./compiler.ts";

/** A JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>;

/** The files of the types, in the order of the document. */
const FILES = [
  "src/lib/charge-status.ts",
  "src/lib/problems.ts",
  "src/charge.ts",
  "src/lib/created-profile.ts",
  "src/lib/deployment-api.ts",
  "src/edge-api.ts",
  "edge/http/bodies.ts",
  "edge/http/day-query.ts",
];

const TYPES: ReadonlyMap<string, Exported> = new Map(
  exportsOf(...FILES)
    .flat()
    .filter(({ isType }) => isType)
    .map((type) => [type.name, type]),
);

/** A type with its docstrings. @throws Error when the type does not exist */
export function docstrings(name: string): Exported {
  const found = TYPES.get(name);
  if (found === undefined) throw new Error(`No type has the name ${name}`);
  return found;
}

/** The exported schemas by the names of their types. The names differ only in the first letter: `chargeView` has the type `ChargeView`. */
const DEFINITIONS: Readonly<Record<string, v.GenericSchema>> = Object.fromEntries(
  Object.entries({ ...answers, ...bodies })
    .map(([name, schema]): [string, v.GenericSchema] => [name.charAt(0).toUpperCase() + name.slice(1), schema])
    .toSorted(([one], [other]) => placeOf(one) - placeOf(other)),
);

/** The position of a type in the source, because modules list their exports by name and the document has the order of the source. */
function placeOf(type: string): number {
  return [...TYPES.keys()].indexOf(type);
}

/** The JSON Schema of rules that are functions. */
const RULES_OF_CODE: ReadonlyMap<unknown, Schema> = new Map<unknown, Schema>([
  [isChargeAmount, { type: "number", exclusiveMinimum: 0, maximum: MAX_AMOUNT }],
  [isCurrency, { type: "string", enum: CURRENCIES }],
  [isDay, { format: "date" }],
  [isReturnUrl, { format: "uri", maxLength: MAX_RETURN_URL }],
]);

const CONFIG: ConversionConfig = {
  target: "draft-2020-12",
  typeMode: "input",
  // JSON Schema has no such rules. The docstrings describe them.
  ignoreActions: ["ip", "excludes"],
  overrideSchema: ({ valibotSchema }) => ("check" in valibotSchema ? RULES_OF_CODE.get(valibotSchema.check) : null),
  overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
  overrideAction: ({ valibotAction, jsonSchema: { pattern, ...others } }) => {
    const rule: unknown = "requirement" in valibotAction ? valibotAction.requirement : null;
    const schema = RULES_OF_CODE.get(rule);
    if (schema !== undefined) return { ...others, ...schema };
    return pattern !== undefined && rule instanceof RegExp && rule.flags === "u" ? { ...others, ...lengthsOf(rule) } : null;
  },
};

/** The lengths of a Unicode rule. Its pattern is left out, because not all tools of JSON Schema support it. */
function lengthsOf({ source }: RegExp): { readonly minLength: number; readonly maxLength: number } {
  const [, minimum, maximum] = /^\^\[\^.*\]\{(\d+),(\d+)\}\$$/.exec(source) ?? [];
  if (minimum === undefined || maximum === undefined)
    throw new Error(`Rules with the flag u must have the form ^[^…]{1,n}$, not ${source}`);
  return { minLength: Number(minimum), maxLength: Number(maximum) };
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Shortens `anyOf` of one type and null to a list of types. */
function orNull(schema: Schema): Schema {
  const { anyOf, ...rest } = schema;
  const [first, second, ...others] = Array.isArray(anyOf) ? anyOf.filter(isSchema) : [];
  if (first === undefined || second?.["type"] !== "null" || others.length > 0) return schema;
  const { type, enum: values, const: constant, ...rules } = first;
  if (constant !== undefined) return { ...rest, enum: [constant, null] };
  if (typeof type !== "string") return schema;
  const enumOrNull = Array.isArray(values) ? { enum: [...values, null] } : {};
  return { type: [type, "null"], ...enumOrNull, ...rules, ...rest };
}

/** A schema in the form of openapi.json: short, and with descriptions of its members. */
function described(schema: Schema, members: Exported["members"]): Schema {
  const { properties, required, ...rest } = orNull(schema);
  const own = isSchema(properties) ? Object.entries(properties) : [];
  const inner = own.map(([name, property]) => {
    const description = members[name] === undefined ? {} : { description: members[name] };
    return [name, { ...(isSchema(property) ? described(property, {}) : {}), ...description }] as const;
  });
  const parts = Object.entries(rest).map(([name, value]) => {
    if (Array.isArray(value) && value.every(isSchema)) return [name, value.map((one) => described(one, members))];
    return [name, isSchema(value) ? described(value, {}) : value];
  });
  return {
    ...Object.fromEntries(parts),
    ...(own.length > 0 ? { properties: Object.fromEntries(inner) } : {}),
    ...(Array.isArray(required) && required.length > 0 ? { required } : {}),
  };
}

/** `components.schemas` of openapi.json. */
export function componentSchemas(): Readonly<Record<string, Schema>> {
  const schemas = Object.entries(toJsonSchemaDefs(DEFINITIONS, CONFIG)).map(([name, schema]) => {
    const { doc, members } = docstrings(name);
    const description = doc === null ? {} : { description: doc };
    return [name, { ...description, ...described({ ...schema }, members) }] as const;
  });
  return Object.fromEntries(schemas);
}

/** The JSON Schema of one value, such as a parameter. It may refer to {@link componentSchemas}. */
export function schemaOf(schema: v.GenericSchema): Schema {
  const { $schema: _, $defs: __, ...rest } = toJsonSchema(schema, { ...CONFIG, definitions: DEFINITIONS });
  return described(rest, {});
}
