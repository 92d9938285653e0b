/** The schemas of openapi.json: JSON Schema of the valibot schemas by which the edge reads, and which say what it answers. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ConversionConfig } from "@valibot/to-json-schema";
import { toJsonSchema, toJsonSchemaDefs } from "@valibot/to-json-schema";
import type * as v from "valibot";
import { isDay } from "../src/lib/almaty-day.ts";
import * as bodies from "../edge/http/bodies.ts";
import * as answers from "../src/edge-api.ts";
import { CURRENCIES, isChargeAmount, isCurrency, MAX_AMOUNT } from "../src/money.ts";
import type { Docstrings } from "./docstrings.ts";
import { docstringsOf } from "./docstrings.ts";
import { ROOT } from "./run.ts";

/** A JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>;

/** Where types and their docstrings stand; what is spread or extended stands before what takes it. */
const FILES = [
  "src/lib/charge-status.ts",
  "src/lib/problems.ts",
  "src/charge.ts",
  "src/lib/deployment-api.ts",
  "src/edge-api.ts",
  "edge/http/bodies.ts",
  "edge/http/day-query.ts",
];

const DOCSTRINGS = docstringsOf(Object.fromEntries(FILES.map((file) => [file, readFileSync(join(ROOT, file), "utf8")])));

/** The docstrings of a type, which must be there. */
export function docstrings(type: string): Docstrings {
  const found = DOCSTRINGS[type];
  if (found === undefined) throw new Error(`No type has the name ${type}`);
  return found;
}

/** The exported schemas by the names of their types, which differ in the first letter only: `chargeView` is of the type `ChargeView`. */
const DEFINITIONS: Readonly<Record<string, v.GenericSchema>> = Object.fromEntries(
  Object.entries({ ...answers, ...bodies })
    .map(([name, schema]): [string, v.GenericSchema] => [name.charAt(0).toUpperCase() + name.slice(1), schema])
    .toSorted(([one], [other]) => placeOf(one) - placeOf(other)),
);

/** Modules list their exports by name; the document has them in the order in which they are written. */
function placeOf(type: string): number {
  return Object.keys(DOCSTRINGS).indexOf(type);
}

/** What JSON Schema can say of a rule that is a function. */
const RULES_OF_CODE: ReadonlyMap<unknown, Schema> = new Map<unknown, Schema>([
  [isChargeAmount, { type: "number", exclusiveMinimum: 0, maximum: MAX_AMOUNT }],
  [isCurrency, { type: "string", enum: CURRENCIES }],
  [isDay, { format: "date" }],
]);

const CONFIG: ConversionConfig = {
  target: "draft-2020-12",
  typeMode: "input",
  // Rules that JSON Schema cannot say: the docstrings do.
  ignoreActions: ["ip", "excludes"],
  overrideSchema: ({ valibotSchema }) => ("check" in valibotSchema ? RULES_OF_CODE.get(valibotSchema.check) : null),
  overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
  overrideAction: ({ valibotAction, jsonSchema: { pattern, ...others } }) => {
    const rule: unknown = "requirement" in valibotAction ? valibotAction.requirement : null;
    const said = RULES_OF_CODE.get(rule);
    if (said !== undefined) return { ...others, ...said };
    return pattern !== undefined && rule instanceof RegExp && rule.flags === "u" ? { ...others, ...lengthsOf(rule) } : null;
  },
};

/** A rule of Unicode's characters has no pattern that all tools of JSON Schema know. What it says of the length is kept. */
function lengthsOf({ source }: RegExp): { readonly minLength: number; readonly maxLength: number } {
  const [, least, most] = /^\^\[\^.*\]\{(\d+),(\d+)\}\$$/.exec(source) ?? [];
  if (least === undefined || most === undefined) throw new Error(`Of rules with the flag u only ^[^…]{1,n}$ is known, not ${source}`);
  return { minLength: Number(least), maxLength: Number(most) };
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A schema of more than one type, where it is one that may also be null: shorter than `anyOf`. */
function orNull(schema: Schema): Schema {
  const { anyOf, ...rest } = schema;
  const [first, second, ...others] = Array.isArray(anyOf) ? anyOf.filter(isSchema) : [];
  if (first === undefined || second?.["type"] !== "null" || others.length > 0) return schema;
  const { type, enum: words, const: word, ...rules } = first;
  if (word !== undefined) return { ...rest, enum: [word, null] };
  if (typeof type !== "string") return schema;
  const orNullToo = Array.isArray(words) ? { enum: [...words, null] } : {};
  return { type: [type, "null"], ...orNullToo, ...rules, ...rest };
}

/** A schema as openapi.json has it: short, and its own members described. */
function described(schema: Schema, members: Docstrings["members"]): Schema {
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
    const { type, members } = docstrings(name);
    const description = type === null ? {} : { description: type };
    return [name, { ...description, ...described({ ...schema }, members) }] as const;
  });
  return Object.fromEntries(schemas);
}

/** The JSON Schema of one value, such as a parameter. It refers to {@link componentSchemas}. */
export function schemaOf(schema: v.GenericSchema): Schema {
  const { $schema: _, $defs: __, ...rest } = toJsonSchema(schema, { ...CONFIG, definitions: DEFINITIONS });
  return described(rest, {});
}
