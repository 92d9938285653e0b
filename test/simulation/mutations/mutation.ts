/** A plausible bug in the edge, as an edit of its text. Types only. */
import type { Edit } from "../edge-copy.ts";

/** One deliberate bug. */
export interface Mutation {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Seeds that find it. */
  readonly seeds: readonly number[];
}
