/** A plausible bug in the edge, as an edit of its text. Types only. */
import type { Edit } from "../edge-copy.ts";
import type { Apis } from "../generate-apis.ts";

/** One deliberate bug. */
export interface Mutation {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** The APIs that its seeds are played with. Absent: those of each seed. */
  readonly apis?: Apis;
  /** Seeds that find it. */
  readonly seeds: readonly number[];
}
