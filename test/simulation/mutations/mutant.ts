/** Makes a copy of the edge with a bug in it, inside the project, so that its imports resolve, and outside of what is kept. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Edge } from "../edge.ts";
import { loadEdge } from "../edge.ts";
import type { Mutation } from "./mutations.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const EDGE = `${ROOT}edge`;
const MUTANTS = `${ROOT}test-results/mutants`;

/** The name of a mutation as that of a folder. */
function slug(name: string): string {
  return name.replaceAll(/[^a-z0-9]+/gi, "-").toLowerCase();
}

/** How often a text stands in another. */
function occurrences(text: string, find: string): number {
  return text.split(find).length - 1;
}

/**
 * The texts of the files that a mutation changes.
 * @throws {Error} when one of its texts does not stand in its file exactly once: then the mutation has to be written anew
 */
export function mutatedFiles({ name, edits }: Mutation): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const { file, find, replace } of edits) {
    const text = files.get(file) ?? readFileSync(`${EDGE}/${file}.ts`, "utf8");
    const found = occurrences(text, find);
    if (found !== 1) throw new Error(`"${name}": ${JSON.stringify(find)} stands ${found} times in edge/${file}.ts`);
    files.set(
      file,
      text.replace(find, () => replace),
    );
  }
  return files;
}

/** The edge with the bug, loaded. */
export async function loadMutant(mutation: Mutation): Promise<Edge> {
  const changed = mutatedFiles(mutation);
  const folder = `${MUTANTS}/${process.pid}-${slug(mutation.name)}/edge`;
  mkdirSync(folder, { recursive: true });
  try {
    for (const file of readdirSync(EDGE).filter((one) => one.endsWith(".ts") && !one.endsWith(".d.ts"))) {
      const text = changed.get(file.slice(0, -3)) ?? readFileSync(`${EDGE}/${file}`, "utf8");
      writeFileSync(`${folder}/${file}`, text.replaceAll('"../src/', '"../../../../src/'));
    }
    return await loadEdge(folder);
  } finally {
    rmSync(`${MUTANTS}/${process.pid}-${slug(mutation.name)}`, { recursive: true, force: true });
  }
}
