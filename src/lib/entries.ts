/** Types and lists of objects that are defined as valibot entries. */
import * as v from "valibot";

/** The type of the parsed object. */
export type Output<Entries extends v.ObjectEntries> = Readonly<v.InferOutput<v.ObjectSchema<Entries, undefined>>>;

/** The type of the object before parsing. */
export type Input<Entries extends v.ObjectEntries> = Readonly<v.InferInput<v.ObjectSchema<Entries, undefined>>>;

/** A list of items. */
export function list<Item>(item: v.GenericSchema<Item>): v.GenericSchema<readonly Item[]> {
  return v.array(item);
}
