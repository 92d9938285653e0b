/** The fields of the Merchant API, from a form, a query or XML. */

/** A field as it was sent: its text, untrimmed, or its nested fields. */
export interface Field {
  readonly name: string;
  readonly value: string | readonly Field[];
}

/** A member of a record of fields: the text of a field that is there once, otherwise all values in their order. */
export type FieldValue = string | readonly Field["value"][];

/**
 * The fields by name. A field that is there twice, or that has nested fields, is an array: no rule for a text accepts it, so nothing
 * depends on which of two values counts.
 */
export function fieldRecord(fields: readonly Field[]): Readonly<Record<string, FieldValue>> {
  const values = new Map<string, Field["value"][]>();
  for (const { name, value } of fields) {
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  // Object.fromEntries makes `__proto__` a member like any other.
  return Object.fromEntries([...values].map(([name, all]) => [name, textOf(all) ?? all]));
}

function textOf([only, ...others]: readonly Field["value"][]): string | null {
  return typeof only === "string" && others.length === 0 ? only : null;
}

/** The nested fields of every field with this name. A field without nested fields has none. */
export function nestedIn(fields: readonly Field[], name: string): readonly Field[] {
  return fields.flatMap((field) => (field.name === name && typeof field.value !== "string" ? field.value : []));
}
