/** The syntax tree of a TypeScript file without types. */
import { parseSync } from "vite";

/** A node of the tree (ESTree with TypeScript). `start` and `end` are offsets in the source. */
export type Node = Readonly<Record<string, unknown>> & { readonly type: string; readonly start: number; readonly end: number };

/** A node with its parents. */
export interface Place {
  readonly node: Node;
  /** The parent's member with the node: `test`, `left`, `body`, … Empty for the root. */
  readonly role: string;
  readonly parent: Place | null;
}

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string" && "start" in value;
}

/** TypeScript nodes with an expression. All others are types, which do not run. */
const TYPED_EXPRESSIONS: ReadonlySet<string> = new Set([
  "TSAsExpression",
  "TSSatisfiesExpression",
  "TSNonNullExpression",
  "TSInstantiationExpression",
]);

/** Nodes that name modules or members. Texts in them are not values. */
const NAMES: ReadonlySet<string> = new Set(["ImportDeclaration", "ExportAllDeclaration", "ImportExpression"]);

const TYPE_MEMBERS: ReadonlySet<string> = new Set([
  "typeAnnotation",
  "returnType",
  "typeParameters",
  "typeArguments",
  "superTypeArguments",
]);

function isLeftOut(node: Node): boolean {
  return (node.type.startsWith("TS") && !TYPED_EXPRESSIONS.has(node.type)) || NAMES.has(node.type);
}

/** The members of a node that contain expressions and statements. */
function membersOf(node: Node): readonly (readonly [string, unknown])[] {
  const isNamed = node["computed"] !== true;
  return Object.entries(node).filter(([role]) => {
    if (TYPE_MEMBERS.has(role)) return false;
    if (role === "key" || role === "property") return !isNamed;
    return !(node.type === "ExportNamedDeclaration" && role === "source");
  });
}

function* below(place: Place): Generator<Place> {
  yield place;
  for (const [role, value] of membersOf(place.node)) {
    for (const node of Array.isArray(value) ? value : [value]) {
      if (isNode(node) && !isLeftOut(node)) yield* below({ node, role, parent: place });
    }
  }
}

/**
 * Every node of a source that runs, parents before children.
 *
 * @throws {SyntaxError} for a source that does not parse
 */
export function placesOf(file: string, source: string): readonly Place[] {
  const { program, errors } = parseSync(file, source);
  if (errors.length > 0) throw new SyntaxError(`${file}: ${errors[0]?.message ?? "it does not parse"}`);
  return [...below({ node: program as unknown as Node, role: "", parent: null })];
}

/** A child node, or null. */
export function nodeOf(node: Node, member: string): Node | null {
  const value = node[member];
  return isNode(value) ? value : null;
}

/** A text member of a node, or an empty text. */
export function textOf(node: Node | null, member: string): string {
  const value = node?.[member];
  return typeof value === "string" ? value : "";
}
