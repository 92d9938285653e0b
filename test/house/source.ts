import { parseSync } from "vite";
import { measuredTimes } from "./measured-time.ts";
import { shortLimits } from "./short-limits.ts";
import type { Node } from "./syntax.ts";
import { isNode } from "./syntax.ts";

/** One module that a source file imports. */
export interface ModuleRequest {
  /** As written: `../src/money.ts`, `jose`, `node:fs`. */
  readonly specifier: string;
  /** True when the import does not exist at run time. */
  readonly typeOnly: boolean;
}

/** The parts of a file that the house rules check. */
export interface Source {
  /** Relative to the project's folder, with slashes. */
  readonly path: string;
  /** The whole text. */
  readonly text: string;
  readonly requests: readonly ModuleRequest[];
  /** Names that are used as values and declared nowhere in the file; `globalThis.name` counts as `name`. */
  readonly globals: readonly string[];
  /** The texts of its string literals and templates, without its comments. */
  readonly texts: readonly string[];
  readonly lines: number;
  /** The code that asserts or exports a measured time. */
  readonly measured: readonly string[];
  /** The code of time-outs of tests and waits that are shorter than those of the projects. */
  readonly shortLimits: readonly string[];
}

/** Members of a node with a name that is not a reference, unless the node is computed. */
const PLAIN_NAMES: Readonly<Record<string, readonly string[]>> = {
  MemberExpression: ["property"],
  Property: ["key"],
  MethodDefinition: ["key"],
  PropertyDefinition: ["key"],
  AccessorProperty: ["key"],
  LabeledStatement: ["label"],
  BreakStatement: ["label"],
  ContinueStatement: ["label"],
  MetaProperty: ["meta", "property"],
  ImportSpecifier: ["imported"],
  ImportAttribute: ["key"],
  ExportSpecifier: ["exported"],
  ExportAllDeclaration: ["exported"],
};

/** TypeScript nodes with an expression. All others are types. */
const TYPED_EXPRESSIONS = ["TSAsExpression", "TSSatisfiesExpression", "TSNonNullExpression", "TSTypeQuery"];

/** Members of a node that declare names. */
const DECLARING: Readonly<Record<string, readonly string[]>> = {
  VariableDeclarator: ["id"],
  FunctionDeclaration: ["id", "params"],
  FunctionExpression: ["id", "params"],
  ArrowFunctionExpression: ["params"],
  ClassDeclaration: ["id"],
  ClassExpression: ["id"],
  CatchClause: ["param"],
  ImportSpecifier: ["local"],
  ImportDefaultSpecifier: ["local"],
  ImportNamespaceSpecifier: ["local"],
  TSInterfaceDeclaration: ["id"],
  TSTypeAliasDeclaration: ["id"],
};

/** Parses one TypeScript file. Throws when it does not parse. */
export function readSource(path: string, text: string): Source {
  const { program, module, errors } = parseSync(path, text, { lang: "ts", sourceType: "module" });
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);

  const requests: ModuleRequest[] = [
    ...module.staticImports.map(({ moduleRequest, entries }) => ({
      specifier: moduleRequest.value,
      typeOnly: entries.length > 0 && entries.every((entry) => entry.isType),
    })),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest, isType }) => (moduleRequest ? [{ specifier: moduleRequest.value, typeOnly: isType }] : [])),
    ),
    ...module.dynamicImports.map(({ moduleRequest }) => ({
      specifier: text.slice(moduleRequest.start, moduleRequest.end).replace(/^["'`]|["'`]$/g, ""),
      typeOnly: false,
    })),
  ];
  const used = new Set<string>();
  const declared = new Set<string>();
  const texts: string[] = [];

  function declare(pattern: unknown): void {
    if (Array.isArray(pattern)) for (const part of pattern) declare(part);
    if (!isNode(pattern)) return;
    if (pattern.type === "Identifier") declared.add(String(pattern["name"]));
    if (pattern.type === "Property") declare(pattern["value"]);
    else for (const member of ["properties", "elements", "argument", "left", "parameter"]) declare(pattern[member]);
  }

  function visit(value: unknown): void {
    if (Array.isArray(value)) for (const part of value) visit(part);
    if (!isNode(value)) return;
    // A re-export does not use a name here.
    if (value.type === "ExportNamedDeclaration" && isNode(value["source"])) return;
    if (value.type === "TSImportType") {
      const source = isNode(value["source"]) ? value["source"] : value["argument"];
      if (isNode(source)) requests.push({ specifier: String(source["value"]), typeOnly: true });
    }
    const isType = value["exportKind"] === "type" || (value.type.startsWith("TS") && !TYPED_EXPRESSIONS.includes(value.type));
    if (value.type === "Identifier") used.add(String(value["name"]));
    if (value.type === "Literal" && typeof value["value"] === "string") texts.push(value["value"]);
    if (value.type === "TemplateElement") texts.push((value["value"] as { raw: string }).raw);
    const named = ofGlobalThis(value);
    if (named !== null) used.add(named);
    for (const member of DECLARING[value.type] ?? []) declare(value[member]);
    const plain = value["computed"] === true ? [] : (PLAIN_NAMES[value.type] ?? []);
    for (const [member, child] of Object.entries(value)) {
      if (plain.includes(member)) continue;
      if (isType) visitTypesOnly(child);
      else visit(child);
    }
  }

  /** Inside a type only `typeof name` and `import("…")` refer to values and modules. */
  function visitTypesOnly(value: unknown): void {
    if (Array.isArray(value)) for (const part of value) visitTypesOnly(part);
    if (!isNode(value)) return;
    if (value.type === "TSTypeQuery" || value.type === "TSImportType") visit(value);
    else for (const child of Object.values(value)) visitTypesOnly(child);
  }

  visit(program);
  return {
    path,
    text,
    requests,
    globals: [...used].filter((name) => !declared.has(name)),
    texts,
    lines: text.split("\n").length,
    measured: measuredTimes(program as unknown as Node, text),
    shortLimits: shortLimits(program as unknown as Node, text),
  };
}

function ofGlobalThis(node: Node): string | null {
  if (node.type !== "MemberExpression" || !isNode(node["object"]) || !isNode(node["property"])) return null;
  const { object, property } = node as unknown as { object: Node; property: Node };
  if (object.type !== "Identifier" || object["name"] !== "globalThis") return null;
  return String(property.type === "Identifier" ? property["name"] : property["value"]);
}
