/** The fields of a callback, from XML, a form or a query. */

/** A field as sent: its text, untrimmed, or its nested fields. */
export interface Field {
  readonly name: string;
  readonly value: string | readonly Field[];
}

/** The number of fields, nested ones included. */
export function countFields(fields: readonly Field[]): number {
  return fields.reduce((count, { value }) => count + 1 + (typeof value === "string" ? 0 : countFields(value)), 0);
}
