/**
 * A validator of the JSON Schema that openapi.json uses. It is stricter than the standard in two ways, because every answer must be
 * documented:
 * 1. An unknown keyword is an error.
 * 2. A member that no schema describes is an error.
 */

/** The errors of a value as texts. None if it is valid. */
export type Errors = readonly string[];

type Json = Readonly<Record<string, unknown>>;

/** The result of a check at one place: its errors, and the members that some schema describes. */
interface Finding {
  readonly errors: Errors;
  readonly known: readonly string[];
}

type Keyword = (rule: unknown, value: unknown, at: string, schema: Json) => Finding | Errors;

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

function errorUnless(isValid: boolean, at: string, message: string): Errors {
  return isValid ? [] : [`${at} ${message}`];
}

/** Keywords that do not validate. */
const NOTES: readonly string[] = ["description", "default", "format", "example"];

/**
 * Makes a validator for the schemas of one document.
 *
 * @param document the document that `$ref`s point into
 */
export function validator(document: Json): (schema: unknown, value: unknown) => Errors {
  const KEYWORDS: Readonly<Record<string, Keyword>> = {
    $ref: (rule, value, at) => evaluate(resolve(String(rule)), value, at),
    type: (rule, value, at) =>
      errorUnless(
        [rule].flat().some((type) => TYPES[String(type)]?.(value)),
        at,
        `is no ${[rule].flat().join(" nor ")}`,
      ),
    enum: (rule, value, at) => errorUnless((rule as readonly unknown[]).includes(value), at, "is not one of the listed values"),
    const: (rule, value, at) => errorUnless(value === rule, at, `is not ${String(rule)}`),
    pattern: (rule, value, at) =>
      errorUnless(typeof value !== "string" || new RegExp(String(rule), "u").test(value), at, `does not match ${rule}`),
    minLength: (rule, value, at) => errorUnless(typeof value !== "string" || [...value].length >= Number(rule), at, "is too short"),
    maxLength: (rule, value, at) => errorUnless(typeof value !== "string" || [...value].length <= Number(rule), at, "is too long"),
    minimum: (rule, value, at) => errorUnless(typeof value !== "number" || value >= Number(rule), at, "is too small"),
    exclusiveMinimum: (rule, value, at) => errorUnless(typeof value !== "number" || value > Number(rule), at, "is too small"),
    maximum: (rule, value, at) => errorUnless(typeof value !== "number" || value <= Number(rule), at, "is too large"),
    required: (rule, value, at) =>
      isObject(value) ? (rule as readonly string[]).filter((name) => !Object.hasOwn(value, name)).map((name) => `${at} lacks ${name}`) : [],
    properties: (rule, value, at) => {
      if (!isObject(value)) return [];
      const described = Object.entries(rule as Json).filter(([name]) => Object.hasOwn(value, name));
      return {
        errors: described.flatMap(([name, schema]) => errorsOf(schema, value[name], `${at}.${name}`)),
        known: described.map(([name]) => name),
      };
    },
    additionalProperties: (rule, value, at, { properties = {} }) => {
      if (rule !== false) throw new Error("additionalProperties is known as false alone");
      const undescribed = isObject(value) ? Object.keys(value).filter((name) => !Object.hasOwn(properties as Json, name)) : [];
      return undescribed.map((name) => `${at} has ${name}, which is not allowed`);
    },
    items: (rule, value, at) => (Array.isArray(value) ? value.flatMap((item, index) => errorsOf(rule, item, `${at}[${index}]`)) : []),
    allOf: (rule, value, at) => merged((rule as readonly unknown[]).map((schema) => evaluate(schema, value, at))),
    anyOf: (rule, value, at) => {
      const found = (rule as readonly unknown[]).map((schema) => evaluate(schema, value, at));
      const valid = found.filter(({ errors }) => errors.length === 0);
      return valid.length > 0
        ? merged(valid)
        : { errors: [`${at} fits none of: ${found.flatMap(({ errors }) => errors).join("; ")}`], known: [] };
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
    return merged(
      Object.entries(schema)
        .filter(([name]) => !NOTES.includes(name))
        .map(([name, rule]) => {
          const keyword = KEYWORDS[name];
          if (keyword === undefined) throw new Error(`${at}: the keyword ${name} is not known`);
          const finding = keyword(rule, value, at, schema);
          return "errors" in finding ? finding : { errors: finding, known: [] };
        }),
    );
  }

  function errorsOf(schema: unknown, value: unknown, at: string): Errors {
    const { errors, known } = evaluate(schema, value, at);
    const undescribed = isObject(value) && errors.length === 0 ? Object.keys(value).filter((name) => !known.includes(name)) : [];
    return [...errors, ...undescribed.map((name) => `${at} has ${name}, which no schema describes`)];
  }

  return (schema, value) => errorsOf(schema, value, "it");
}

function merged(findings: readonly Finding[]): Finding {
  return { errors: findings.flatMap(({ errors }) => errors), known: findings.flatMap(({ known }) => known) };
}
