/** Loads the edge with a deliberate bug. */
import type { Edge } from "../edge.ts";
import { edgeWith } from "../edge.ts";
import type { Mutation } from "./mutation.ts";

/**
 * Loads the edge with the bug.
 * @throws {Error} when a text of the mutation does not occur exactly once in its file. Then the mutation must be rewritten
 */
export function loadMutant({ name, edits }: Mutation): Promise<Edge> {
  return edgeWith(name, edits);
}
