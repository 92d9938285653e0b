/** A plausible bug in the edge, as an edit of its text. Types only. */
import type { Edit } from "../edge-copy.ts";
import type { Play } from "../generate.ts";

/** One deliberate bug, and how its seeds are played. */
export interface Mutation extends Play {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Seeds that find it. */
  readonly seeds: readonly number[];
}
