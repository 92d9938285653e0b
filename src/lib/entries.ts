/** Objects whose members are written once, as valibot entries: their types, and lists of them. */
import * as v from "valibot";

/** What is read of such an object. */
export type Output<Entries extends v.ObjectEntries> = Readonly<v.InferOutput<v.ObjectSchema<Entries, undefined>>>;

/** What such an object may be written as. */
export type Input<Entries extends v.ObjectEntries> = Readonly<v.InferInput<v.ObjectSchema<Entries, undefined>>>;

/** Any number of items. */
export function list<Item>(item: v.GenericSchema<Item>): v.GenericSchema<readonly Item[]> {
  return v.array(item);
}
