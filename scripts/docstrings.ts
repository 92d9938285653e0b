/** Reads the docstrings of schema files: of their types, and of the members of their valibot entries. */
import { parseSync } from "vite";

/** The docstrings of one type; null where it has none. */
export interface Docstrings {
  readonly type: string | null;
  /** By the member's name. Members without one are missing. */
  readonly members: Readonly<Record<string, string>>;
}

type Node = Readonly<Record<string, unknown>> & { readonly type: string; readonly start: number };

interface Comment {
  readonly value: string;
  readonly end: number;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/** A child node; null when the member is not a node. */
function child(node: Node | null, member: string): Node | null {
  const value = node?.[member];
  return isNode(value) ? value : null;
}

function children(node: Node | null, member: string): readonly Node[] {
  const value = node?.[member];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

function nameOf(node: Node | null): string {
  return String(node?.["name"] ?? node?.["value"]);
}

/** The names after `typeof` anywhere inside a node. */
function typeofNames(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(typeofNames);
  if (!isNode(value)) return [];
  return value.type === "TSTypeQuery" ? [nameOf(child(value, "exprName"))] : typeofNames(Object.values(value));
}

type Members = Docstrings["members"];

/**
 * The docstrings of exported types, by name. An interface inherits the docstrings of other interfaces and of valibot entries after
 * `typeof`. Entries that are spread into others keep their docstrings.
 *
 * @param files The text of each file by its path. A file comes after the files that it imports.
 */
export function docstringsOf(files: Readonly<Record<string, string>>): Readonly<Record<string, Docstrings>> {
  const types: Record<string, Docstrings> = {};
  const exported = new Map<string, Members>();
  for (const [path, code] of Object.entries(files)) {
    const { program, comments, errors } = parseSync(path, code, { lang: "ts", sourceType: "module" });
    if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);
    const entries = new Map(exported);
    const doc = (node: Node): string | null => docstringBefore(node.start, code, comments);
    for (const statement of program.body as unknown as readonly Node[]) {
      const declaration = child(statement, "declaration") ?? statement;
      for (const variable of children(declaration, "declarations")) {
        const members = membersOf(child(variable, "init"), entries, doc);
        entries.set(nameOf(child(variable, "id")), members);
        if (declaration !== statement) exported.set(nameOf(child(variable, "id")), members);
      }
      if (declaration.type === "TSTypeAliasDeclaration" || declaration.type === "TSInterfaceDeclaration") {
        const inherited = children(declaration, "extends").flatMap((base) => basesOf(base, entries, types));
        types[nameOf(child(declaration, "id"))] = { type: doc(statement), members: Object.assign({}, ...inherited) };
      }
    }
  }
  return types;
}

/** The docstrings of the members of an object literal; none of any other value. */
function membersOf(value: Node | null, entries: ReadonlyMap<string, Members>, doc: (node: Node) => string | null): Members {
  if (value?.type !== "ObjectExpression") return {};
  const members = children(value, "properties").map((property) => {
    if (property.type === "SpreadElement") return entries.get(nameOf(child(property, "argument"))) ?? {};
    const text = doc(property);
    return text === null ? {} : { [nameOf(child(property, "key"))]: text };
  });
  return Object.assign({}, ...members);
}

/** The members that an interface inherits from one base. */
function basesOf(base: Node, entries: ReadonlyMap<string, Members>, types: Readonly<Record<string, Docstrings>>): readonly Members[] {
  const names = typeofNames(base);
  if (names.length > 0) return names.map((name) => entries.get(name) ?? {});
  return [types[nameOf(child(base, "expression"))]?.members ?? {}];
}

/** The docstring directly before a position, in one line. */
function docstringBefore(position: number, code: string, comments: readonly Comment[]): string | null {
  const comment = comments.findLast(({ end, value }) => end <= position && value.startsWith("*"));
  if (comment === undefined || code.slice(comment.end, position).trim() !== "") return null;
  return comment.value
    .replace(/^\s*\*+/gm, "")
    .replace(/\{@link (\w+)\}/g, "$1")
    .replace(/\s+/g, " ")
    .trim();
}
