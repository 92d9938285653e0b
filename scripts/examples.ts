/** The examples of the public functions: the `@example` in the docstring of each function and class that an entry of package.json exports. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseSync } from "vite";
import { ROOT, runQuietly, toolCommand } from "./run.ts";

/** An exported function or class. */
export interface PublicFunction {
  readonly name: string;
  /** The file of its declaration. */
  readonly file: string;
  /** The code of its examples; empty where it has none. */
  readonly examples: readonly string[];
}

/** The sources of the entries, by the names under which they are imported. */
export const ENTRIES: Readonly<Record<string, string>> = {
  "freedom-pay-charge": "src/index.ts",
  "freedom-pay-charge/card-payment": "src/card-payment.ts",
  "freedom-pay-charge/simulator": "src/simulator/index.ts",
};

interface Exported {
  readonly local: string;
  readonly from: string | null;
}

/** What a file exports, by name: declared in it, or re-exported from another file. */
function exportsOf(
  code: string,
  path: string,
): { readonly names: ReadonlyMap<string, Exported>; readonly docs: ReadonlyMap<string, string> } {
  const { program, comments, errors } = parseSync(path, code, { lang: "ts", sourceType: "module" });
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);
  const names = new Map<string, Exported>();
  const docs = new Map<string, string>();
  for (const statement of program.body) {
    if (statement.type !== "ExportNamedDeclaration") continue;
    for (const { local, exported, exportKind } of statement.specifiers) {
      if (exportKind === "type" || statement.exportKind === "type" || local.type !== "Identifier" || exported.type !== "Identifier")
        continue;
      names.set(exported.name, { local: local.name, from: statement.source?.value ?? null });
    }
    const { declaration } = statement;
    if ((declaration?.type !== "FunctionDeclaration" && declaration?.type !== "ClassDeclaration") || !declaration.id) continue;
    const comment = comments.findLast(({ end, value }) => end <= statement.start && value.startsWith("*"));
    const isItsOwn = comment !== undefined && code.slice(comment.end, statement.start).trim() === "";
    docs.set(declaration.id.name, isItsOwn ? comment.value : "");
    names.set(declaration.id.name, { local: declaration.id.name, from: null });
  }
  return { names, docs };
}

/** The code of each `@example` in a docstring. */
function examplesIn(docstring: string): readonly string[] {
  const text = docstring.replace(/^[ \t]*\* ?/gm, "");
  return Array.from(text.matchAll(/@example\s+```ts\n([\s\S]*?)```/g), ([, code = ""]) => code);
}

/**
 * The functions and classes that an entry exports.
 *
 * @param read - the text of a file
 */
export function publicFunctions(entry: string, read: (file: string) => string): readonly PublicFunction[] {
  const { names, docs } = exportsOf(read(entry), entry);
  return [...names].flatMap(([name, { local, from }]) => {
    if (from !== null) return publicFunctions(join(dirname(entry), from), read).filter((found) => found.name === local);
    const docstring = docs.get(local);
    return docstring === undefined ? [] : [{ name, file: entry, examples: examplesIn(docstring) }];
  });
}

/** What is wrong with the examples of all entries: a function without one, an example that does not name its function, or does not compile. */
export async function exampleFindings(found: readonly PublicFunction[]): Promise<readonly string[]> {
  const missing = found.filter(({ examples }) => examples.length === 0);
  const foreign = found.filter(({ name, examples }) => !examples.every((code) => new RegExp(`^import .*\\b${name}\\b`, "m").test(code)));
  return [
    ...missing.map(({ name, file }) => `${file}: ${name} has no @example`),
    ...foreign.map(({ name, file }) => `${file}: the example of ${name} does not import it`),
    ...(await compile(found)),
  ];
}

/** Compiles each example as a file of its own. @returns the compiler's errors, with the source file and the function */
async function compile(found: readonly PublicFunction[]): Promise<readonly string[]> {
  // Inside the project, where the compiler finds the types of Node.
  mkdirSync(join(ROOT, "node_modules/.cache"), { recursive: true });
  const folder = mkdtempSync(join(ROOT, "node_modules/.cache/examples-"));
  const files = found.flatMap(({ name, file, examples }) =>
    examples.map((code, index) => ({ path: `${name}-${index + 1}.ts`, file, code })),
  );
  for (const { path, code } of files) writeFileSync(join(folder, path), `${code}\nexport {};\n`);
  const paths = Object.fromEntries(Object.entries(ENTRIES).map(([name, source]) => [name, [join(ROOT, source)]]));
  const compilerOptions = { lib: ["ES2024", "DOM", "DOM.Iterable"], types: ["node"], paths, noUnusedLocals: false, declaration: false };
  const config = { extends: join(ROOT, "tsconfig.base.json"), compilerOptions, files: files.map(({ path }) => path) };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const { output } = await runQuietly(toolCommand("tsc", "-p", folder, "--pretty", "false"));
  rmSync(folder, { recursive: true });
  return output
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const example = files.find(({ path }) => line.includes(path));
      return example === undefined ? line : `${example.file}: ${line.slice(line.indexOf(example.path))}`;
    });
}

if (import.meta.main) {
  const found = Object.values(ENTRIES).flatMap((entry) => publicFunctions(entry, (file) => readFileSync(join(ROOT, file), "utf8")));
  const findings = await exampleFindings(found);
  for (const finding of findings) console.log(finding);
  if (findings.length > 0) process.exitCode = 1;
}
