/** What TypeScript knows of the exports of sources. Its API is not stable yet, and pinned with the compiler. */
import { relative, resolve } from "node:path";
import type { Checker, Symbol as CompilerSymbol } from "typescript/unstable/sync";
import { API, NodeBuilderFlags, SymbolFlags } from "typescript/unstable/sync";
import { ROOT } from "./run.ts";

/** An exported name. */
export interface Exported {
  readonly name: string;
  /** The file of its declaration. */
  readonly file: string;
  readonly isType: boolean;
  /** Whether it is a function or a class. */
  readonly isFunction: boolean;
  /** Its docstring in one line, without tags; null where it has none. */
  readonly doc: string | null;
  /** The code of its examples. */
  readonly examples: readonly string[];
  /** Of a type that is texts: these. Otherwise its name. */
  readonly text: string;
  /** Of a type: the docstrings of its members by name, inherited ones too. Members without one are missing. */
  readonly members: Readonly<Record<string, string>>;
}

/** What each file exports. */
export function exportsOf(...files: readonly string[]): readonly (readonly Exported[])[] {
  const paths = files.map((file) => resolve(ROOT, file));
  const api = new API({ cwd: ROOT });
  try {
    const snapshot = api.updateSnapshot({ openFiles: paths });
    return paths.map((path) => {
      const project = snapshot.getDefaultProjectForFile(path);
      const source = project?.program.getSourceFile(path);
      if (project === undefined || source === undefined) throw new Error(`There is no ${path}`);
      const module = project.checker.getSymbolAtLocation(source);
      if (module === undefined) throw new Error(`${path} exports nothing`);
      return project.checker.getExportsOfModule(module).map((symbol) => exportedOf(symbol, project.checker));
    });
  } finally {
    api.close();
  }
}

function exportedOf(symbol: CompilerSymbol, checker: Checker): Exported {
  const declared = (symbol.flags & SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
  const isType = (declared.flags & (SymbolFlags.TypeAlias | SymbolFlags.Interface)) !== 0;
  const type = isType ? checker.getDeclaredTypeOfSymbol(declared) : null;
  const members = type?.isObjectType() || type?.isIntersectionType() ? checker.getPropertiesOfType(type) : [];
  const docs = members.map((member) => [member.name, docOf(member, checker)] as const);
  return {
    name: symbol.name,
    file: relative(ROOT, declared.declarations[0]?.path ?? ""),
    isType,
    isFunction: (declared.flags & (SymbolFlags.Function | SymbolFlags.Class)) !== 0,
    doc: docOf(declared, checker),
    examples: declared.getJsDocTags(checker).flatMap(({ name, text = "" }) => (name === "example" ? codesIn(text) : [])),
    text: type === null ? symbol.name : checker.typeToString(type, undefined, NodeBuilderFlags.NoTruncation | NodeBuilderFlags.InTypeAlias),
    members: Object.fromEntries(docs.flatMap(([name, doc]) => (doc === null ? [] : [[name, doc]]))),
  };
}

function docOf(symbol: CompilerSymbol, checker: Checker): string | null {
  return symbol.getDocumentationComment(checker).replace(/\s+/g, " ").trim() || null;
}

function codesIn(markdown: string): readonly string[] {
  return Array.from(markdown.matchAll(/```ts\n([\s\S]*?)```/g), ([, code = ""]) => code);
}
