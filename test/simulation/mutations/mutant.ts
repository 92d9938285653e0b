/** Loads the edge with a deliberate bug in it. */
import type { Edge } from "../edge.ts";
import { edgeWith } from "../edge.ts";
import type { Mutation } from "./mutation.ts";

/**
 * The edge with the bug, loaded.
 * @throws {Error} when one of the texts of the mutation does not stand in its file exactly once: then it has to be written anew
 */
export function loadMutant({ name, edits }: Mutation): Promise<Edge> {
  return edgeWith(name, edits);
}
