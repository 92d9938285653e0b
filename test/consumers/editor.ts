/** What an editor shows of a project's files, by the TypeScript that the project has installed. */
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** The part of the compiler's API that is used here: the TypeScript of this repository has none. */
interface Compiler {
  readonly sys: { readonly fileExists: unknown; readonly readDirectory: unknown; readFile(path: string): string | undefined };
  readonly ScriptSnapshot: { fromString(text: string): unknown };
  readonly ModuleKind: { readonly NodeNext: number };
  readonly ScriptTarget: { readonly ESNext: number };
  getDefaultLibFilePath(options: unknown): string;
  createLanguageService(host: object): {
    getQuickInfoAtPosition(file: string, position: number): { readonly documentation?: readonly { readonly text: string }[] } | undefined;
  };
}

/**
 * The documentation that stands in the hover of a name.
 *
 * @param project Its folder.
 * @param code A file of the project.
 * @param places Texts that stand once in it: the last character of each is hovered over.
 */
export function hovers(project: string, code: string, places: readonly string[]): readonly string[] {
  const ts = createRequire(join(project, "package.json"))("typescript") as Compiler;
  const file = join(project, "src/hovered.ts");
  writeFileSync(file, code);
  const service = ts.createLanguageService({
    getScriptFileNames: () => [file],
    getScriptVersion: () => "1",
    getScriptSnapshot: (path: string) => {
      const text = ts.sys.readFile(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => project,
    getCompilationSettings: () => ({ module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ESNext, strict: true, noEmit: true }),
    getDefaultLibFileName: (options: unknown) => ts.getDefaultLibFilePath(options),
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    readDirectory: ts.sys.readDirectory,
  });
  return places.map((place) => {
    const hover = service.getQuickInfoAtPosition(file, code.indexOf(place) + place.length - 1);
    return (hover?.documentation ?? []).map(({ text }) => text).join("");
  });
}
