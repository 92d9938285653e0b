/** Makes a copy of the edge with edits. The copy lies inside the project, so that its imports resolve, in a folder that git ignores. */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { isMainThread, threadId } from "node:worker_threads";
import type { Modules } from "./edge-modules.ts";
import { loadModules } from "./edge-modules.ts";

/** One change of a file in edge/. */
export interface Edit {
  /** The path of the file from edge/, without its extension: `machine/attempt`, `../src/merchant-api/outcome`. */
  readonly file: string;
  /** A text that occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const EDGE = `${ROOT}edge`;
const COPIES = `${ROOT}test-results/mutants`;

/** A name as a folder name. */
function slug(name: string): string {
  return name.replaceAll(/[^a-z0-9]+/gi, "-").toLowerCase();
}

/** The text of an edit does not occur exactly once in its file. The edit must be rewritten. */
export class EditDoesNotFit extends Error {
  override readonly name: string = "EditDoesNotFit";
}

/**
 * The texts of the edited files.
 *
 * @param name the name that an error message shows
 * @throws {EditDoesNotFit} when a text does not occur exactly once in its file
 */
export function editedFiles(name: string, edits: readonly Edit[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const { file, find, replace } of edits) {
    const text = files.get(file) ?? readFileSync(`${EDGE}/${file}.ts`, "utf8");
    const found = text.split(find).length - 1;
    if (found !== 1) throw new EditDoesNotFit(`"${name}": ${JSON.stringify(find)} occurs ${found} times in edge/${file}.ts`);
    files.set(
      file,
      text.replace(find, () => replace),
    );
  }
  return files;
}

/** The path that a relative import names, from the project's folder. */
function target(file: string, specifier: string): string {
  return posix.join("edge", posix.dirname(file), specifier);
}

/** A path of the project as an edit names it: from edge/. */
function fromEdge(path: string): string {
  return path.startsWith("edge/") ? path.slice("edge/".length) : `../${path}`;
}

/**
 * Each file of the state machine, of the shard around it, of callbacks and of the Merchant API, with the files that it imports code from. Paths are from
 * edge/, without their extension.
 */
const EDGE_FILES: ReadonlyMap<string, readonly string[]> = new Map(
  globSync(["{machine,shard,storage,delivery,gateways}/**/*.ts", "http/callback/*.ts", "../src/merchant-api/*.ts"], { cwd: EDGE }).map(
    (file) => {
      const imports = readFileSync(`${EDGE}/${file}`, "utf8").matchAll(/^(?:import|export) (?!type )[^;]*? from "(\.[^"]+)\.ts";$/gm);
      return [file.slice(0, -3), [...imports].map(([, specifier]) => fromEdge(target(file.slice(0, -3), specifier ?? "")))];
    },
  ),
);

/** The changed files, and all files that import code from them. */
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
 * A loaded copy of the edge with edits. Files that no edit affects are not copied.
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

/** The text of a file with imports that resolve from the copy's folder. */
function withProjectImports(file: string, text: string, files: ReadonlySet<string>): string {
  return text.replaceAll(/"(\.[^"]+)\.ts"/g, (whole, specifier: string) => {
    const path = target(file, specifier);
    return files.has(fromEdge(path)) ? whole : `"${ROOT}${path}.ts"`;
  });
}
