/** The fields of a callback, whether they came as XML, as a form or in a query. */

/** A field as it was sent: its text, untrimmed, or the fields inside it. */
export interface Field {
  readonly name: string;
  readonly value: string | readonly Field[];
}

/** How many fields there are, those inside others included. */
export function countFields(fields: readonly Field[]): number {
  return fields.reduce((count, { value }) => count + 1 + (typeof value === "string" ? 0 : countFields(value)), 0);
}
