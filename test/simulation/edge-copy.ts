/** Makes a copy of the edge in which something is changed, inside the project, so that its imports resolve, and outside of what is kept. */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { isMainThread, threadId } from "node:worker_threads";
import type { Modules } from "./edge-modules.ts";
import { loadModules } from "./edge-modules.ts";

/** One change of a file in edge/. */
export interface Edit {
  /** The path of the file below edge/, without its ending. */
  readonly file: string;
  /** What stands there, exactly and once. */
  readonly find: string;
  readonly replace: string;
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const EDGE = `${ROOT}edge`;
const COPIES = `${ROOT}test-results/mutants`;

/** The name of a change as that of a folder. */
function slug(name: string): string {
  return name.replaceAll(/[^a-z0-9]+/gi, "-").toLowerCase();
}

/** An edit whose text does not stand in its file exactly once: it has to be written anew. */
export class EditDoesNotFit extends Error {
  override readonly name: string = "EditDoesNotFit";
}

/**
 * The texts of the files that edits change.
 *
 * @param name what the edits are for
 * @throws {EditDoesNotFit} when one of the texts does not stand in its file exactly once
 */
export function editedFiles(name: string, edits: readonly Edit[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const { file, find, replace } of edits) {
    const text = files.get(file) ?? readFileSync(`${EDGE}/${file}.ts`, "utf8");
    const found = text.split(find).length - 1;
    if (found !== 1) throw new EditDoesNotFit(`"${name}": ${JSON.stringify(find)} stands ${found} times in edge/${file}.ts`);
    files.set(
      file,
      text.replace(find, () => replace),
    );
  }
  return files;
}

/** What a relative import names, from the project's folder. */
function target(file: string, specifier: string): string {
  return posix.join("edge", posix.dirname(file), specifier);
}

/** Each file of the state machine, as its path below edge/ without its ending, with the files that it takes code from. */
const EDGE_FILES: ReadonlyMap<string, readonly string[]> = new Map(
  globSync("machine/**/*.ts", { cwd: EDGE }).map((file) => {
    const imports = readFileSync(`${EDGE}/${file}`, "utf8").matchAll(/^(?:import|export) (?!type )[^;]*? from "(\.[^"]+)\.ts";$/gm);
    return [file.slice(0, -3), [...imports].map(([, specifier]) => target(file, specifier ?? "").replace(/^edge\//, ""))];
  }),
);

/** The files that are others when some are: those, and all that take code from them. */
function withDependents(changed: Iterable<string>): ReadonlySet<string> {
  const found = new Set(changed);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const [file, imports] of EDGE_FILES) if (imports.some((name) => found.has(name))) found.add(file);
  }
  return found;
}

let copies = 0;

/**
 * A copy of the edge with edits, loaded. What no edit can reach is not copied.
 *
 * @throws {EditDoesNotFit} see {@link editedFiles}
 */
export async function copyOfEdge(name: string, edits: readonly Edit[]): Promise<Modules> {
  const changed = editedFiles(name, edits);
  const files = withDependents(changed.keys());
  copies += 1;
  const copy = `${COPIES}/${process.pid}-${isMainThread ? 0 : threadId}-${copies}-${slug(name)}`;
  mkdirSync(`${copy}/edge`, { recursive: true });
  try {
    for (const file of files) {
      const text = changed.get(file) ?? readFileSync(`${EDGE}/${file}.ts`, "utf8");
      mkdirSync(posix.dirname(`${copy}/edge/${file}`), { recursive: true });
      writeFileSync(`${copy}/edge/${file}.ts`, withProjectImports(file, text, files));
    }
    return await loadModules(`${copy}/edge`, files);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** The text of a file of the edge with imports that name the same files from the copy's folder. */
function withProjectImports(file: string, text: string, files: ReadonlySet<string>): string {
  return text.replaceAll(/"(\.[^"]+)\.ts"/g, (whole, specifier: string) => {
    const path = target(file, specifier);
    return files.has(path.replace(/^edge\//, "")) ? whole : `"${ROOT}${path}.ts"`;
  });
}
