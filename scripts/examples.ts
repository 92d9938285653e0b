/** The examples of the public functions: the `@example` in the docstring of each function and class that an entry of package.json exports. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Exported } from "./compiler.ts";
import { exportsOf } from "./compiler.ts";
import { ROOT, runQuietly, toolCommand } from "./run.ts";

/** The sources of the entries, by the names under which they are imported. */
export const ENTRIES: Readonly<Record<string, string>> = {
  "freedom-pay-charge": "src/index.ts",
  "freedom-pay-charge/card-payment": "src/card-payment.ts",
  "freedom-pay-charge/simulator": "src/simulator/index.ts",
};

/** The functions and classes that entries export, those that they re-export too. */
export function publicFunctions(entries: readonly string[]): readonly Exported[] {
  return exportsOf(...entries)
    .flat()
    .filter(({ isFunction }) => isFunction);
}

/** What is wrong with the examples of all entries: a function without one, an example that does not name its function, or does not compile. */
export async function exampleFindings(found: readonly Exported[]): Promise<readonly string[]> {
  const missing = found.filter(({ examples }) => examples.length === 0);
  const foreign = found.filter(({ name, examples }) => !examples.every((code) => new RegExp(`^import .*\\b${name}\\b`, "m").test(code)));
  return [
    ...missing.map(({ name, file }) => `${file}: ${name} has no @example`),
    ...foreign.map(({ name, file }) => `${file}: the example of ${name} does not import it`),
    ...(await compile(found)),
  ];
}

/** Compiles each example as a file of its own. @returns the compiler's errors, with the source file and the function */
async function compile(found: readonly Exported[]): Promise<readonly string[]> {
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
  const findings = await exampleFindings(publicFunctions(Object.values(ENTRIES)));
  for (const finding of findings) console.log(finding);
  if (findings.length > 0) process.exitCode = 1;
}
