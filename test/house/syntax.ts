/** A node of a parsed file (ESTree, with TypeScript's own nodes). */
export type Node = Readonly<Record<string, unknown>> & { readonly type: string };

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/** A child node. */
export function nodeOf(node: Node, member: string): Node | null {
  const value = node[member];
  return isNode(value) ? value : null;
}

/** A list of child nodes; null for a hole in the list. */
export function listOf(node: Node, member: string): readonly (Node | null)[] {
  const value = node[member];
  return Array.isArray(value) ? value.map((one) => (isNode(one) ? one : null)) : [];
}

/** All direct children of a node. */
export function childrenOf(node: Node): readonly Node[] {
  return Object.values(node).flatMap((value) => (Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : []));
}

/** The name of an identifier; empty for any other node. */
export function nameOf(node: Node): string {
  return node.type === "Identifier" ? String(node["name"]) : "";
}

/** The names of a chain of members, `performance.now`; null for anything else. */
export function chainOf(node: Node | null): string | null {
  if (node === null) return null;
  if (node.type === "Identifier") return nameOf(node);
  if (node.type === "ChainExpression") return chainOf(nodeOf(node, "expression"));
  if (node.type !== "MemberExpression") return null;
  const object = chainOf(nodeOf(node, "object"));
  const property = keyOf(node, "property");
  return object === null || property === null ? null : `${object}.${property}`;
}

/** The literal key of a member or property. */
export function keyOf(node: Node, member: "property" | "key"): string | null {
  const key = nodeOf(node, member);
  if (key === null) return null;
  if (key.type === "Literal") return String(key["value"]);
  if (key.type === "PrivateIdentifier") return `#${String(key["name"])}`;
  return node["computed"] === true ? null : nameOf(key);
}

/** The innermost call of a chain: `expect(x)` of `expect(x).not.toBe(y)`. */
export function rootCall(node: Node): Node | null {
  let found: Node | null = null;
  for (let at: Node | null = node; at !== null; ) {
    if (at.type === "CallExpression") {
      found = at;
      at = nodeOf(at, "callee");
    } else at = at.type === "MemberExpression" ? nodeOf(at, "object") : null;
  }
  return found;
}

/** The last call of a chain: `toBe` of `expect(x).not.toBe(y)`. */
export function matcherOf(node: Node): string {
  const callee = nodeOf(node, "callee");
  return callee?.type === "MemberExpression" ? (keyOf(callee, "property") ?? "") : "";
}

/** Whether a branch ends in an error. */
export function throws(node: Node | null): boolean {
  if (node === null || isFunction(node)) return false;
  if (node.type === "ThrowStatement") return true;
  const chain = node.type === "CallExpression" ? (chainOf(nodeOf(node, "callee")) ?? "") : "";
  return /(?:^|\.)(?:fail|exit)$/.test(chain) || childrenOf(node).some(throws);
}

/** The returned expressions of a function, without those of inner functions. */
export function returnsIn(node: Node): readonly (Node | null)[] {
  if (isFunction(node)) return [];
  return node.type === "ReturnStatement" ? [nodeOf(node, "argument")] : childrenOf(node).flatMap(returnsIn);
}

function isFunction({ type }: Node): boolean {
  return type === "FunctionDeclaration" || type === "FunctionExpression" || type === "ArrowFunctionExpression";
}

/** Whether a node has a value. */
export function isExpression({ type }: Node): boolean {
  return /(?:Expression|Literal|Identifier|SpreadElement|TSAs\w*|TSSatisfies\w*|TSNonNull\w*)$/.test(type);
}
