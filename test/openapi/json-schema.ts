/**
 * A validator of the JSON Schema that openapi.json is written in. Stricter than the standard in two ways: a keyword that it does not
 * know is an error, and so is a member that no schema describes, for what is answered has to be documented.
 */

/** What is wrong with a value, in words; nothing when it fits. */
export type Faults = readonly string[];

type Json = Readonly<Record<string, unknown>>;

/** What is left of a check of one place: its faults, and the members that some schema describes. */
interface Finding {
  readonly faults: Faults;
  readonly known: readonly string[];
}

type Keyword = (rule: unknown, value: unknown, at: string, schema: Json) => Finding | Faults;

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
  array: (value) => Array.isArray(value),
  object: isObject,
};

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unless(isGood: boolean, at: string, says: string): Faults {
  return isGood ? [] : [`${at} ${says}`];
}

/** Keywords that say nothing about what is valid. */
const NOTES: readonly string[] = ["description", "default", "format", "example"];

/**
 * Checks values against the schemas of one document.
 *
 * @param document Where `$ref`s point into.
 */
export function validator(document: Json): (schema: unknown, value: unknown) => Faults {
  const KEYWORDS: Readonly<Record<string, Keyword>> = {
    $ref: (rule, value, at) => evaluate(resolve(String(rule)), value, at),
    type: (rule, value, at) =>
      unless(
        [rule].flat().some((type) => TYPES[String(type)]?.(value)),
        at,
        `is no ${[rule].flat().join(" nor ")}`,
      ),
    enum: (rule, value, at) => unless((rule as readonly unknown[]).includes(value), at, "is none of the listed values"),
    const: (rule, value, at) => unless(value === rule, at, `is not ${String(rule)}`),
    pattern: (rule, value, at) =>
      unless(typeof value !== "string" || new RegExp(String(rule), "u").test(value), at, `does not match ${rule}`),
    minLength: (rule, value, at) => unless(typeof value !== "string" || [...value].length >= Number(rule), at, "is too short"),
    maxLength: (rule, value, at) => unless(typeof value !== "string" || [...value].length <= Number(rule), at, "is too long"),
    minimum: (rule, value, at) => unless(typeof value !== "number" || value >= Number(rule), at, "is too small"),
    exclusiveMinimum: (rule, value, at) => unless(typeof value !== "number" || value > Number(rule), at, "is too small"),
    maximum: (rule, value, at) => unless(typeof value !== "number" || value <= Number(rule), at, "is too large"),
    required: (rule, value, at) =>
      isObject(value) ? (rule as readonly string[]).filter((name) => !Object.hasOwn(value, name)).map((name) => `${at} lacks ${name}`) : [],
    properties: (rule, value, at) => {
      if (!isObject(value)) return [];
      const described = Object.entries(rule as Json).filter(([name]) => Object.hasOwn(value, name));
      return {
        faults: described.flatMap(([name, schema]) => faultsOf(schema, value[name], `${at}.${name}`)),
        known: described.map(([name]) => name),
      };
    },
    additionalProperties: (rule, value, at, { properties = {} }) => {
      if (rule !== false) throw new Error("additionalProperties is known as false alone");
      const strangers = isObject(value) ? Object.keys(value).filter((name) => !Object.hasOwn(properties as Json, name)) : [];
      return strangers.map((name) => `${at} has ${name}, which is not allowed`);
    },
    items: (rule, value, at) => (Array.isArray(value) ? value.flatMap((item, index) => faultsOf(rule, item, `${at}[${index}]`)) : []),
    allOf: (rule, value, at) => together((rule as readonly unknown[]).map((schema) => evaluate(schema, value, at))),
    anyOf: (rule, value, at) => {
      const found = (rule as readonly unknown[]).map((schema) => evaluate(schema, value, at));
      const fitting = found.filter(({ faults }) => faults.length === 0);
      return fitting.length > 0
        ? together(fitting)
        : { faults: [`${at} fits none of: ${found.flatMap(({ faults }) => faults).join("; ")}`], known: [] };
    },
  };

  function resolve(ref: string): unknown {
    if (!ref.startsWith("#/")) throw new Error(`${ref} does not point into the document`);
    const found = ref
      .slice(2)
      .split("/")
      .reduce<unknown>((place, name) => (isObject(place) ? place[name] : undefined), document);
    if (found === undefined) throw new Error(`${ref} points at nothing`);
    return found;
  }

  function evaluate(schema: unknown, value: unknown, at: string): Finding {
    if (!isObject(schema)) throw new Error(`${at}: a schema is an object`);
    return together(
      Object.entries(schema)
        .filter(([name]) => !NOTES.includes(name))
        .map(([name, rule]) => {
          const keyword = KEYWORDS[name];
          if (keyword === undefined) throw new Error(`${at}: the keyword ${name} is not known`);
          const finding = keyword(rule, value, at, schema);
          return "faults" in finding ? finding : { faults: finding, known: [] };
        }),
    );
  }

  function faultsOf(schema: unknown, value: unknown, at: string): Faults {
    const { faults, known } = evaluate(schema, value, at);
    const strangers = isObject(value) && faults.length === 0 ? Object.keys(value).filter((name) => !known.includes(name)) : [];
    return [...faults, ...strangers.map((name) => `${at} has ${name}, which nothing describes`)];
  }

  return (schema, value) => faultsOf(schema, value, "it");
}

function together(findings: readonly Finding[]): Finding {
  return { faults: findings.flatMap(({ faults }) => faults), known: findings.flatMap(({ known }) => known) };
}
