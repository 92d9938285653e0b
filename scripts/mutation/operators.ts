/** The mutation operators: a table from the kind of a node to possible small mistakes. */
import type { Node, Place } from "./tree.ts";
import { nodeOf, textOf } from "./tree.ts";

/** One mistake: the text from `start` to `end` becomes another. */
export interface Change {
  readonly operator: string;
  readonly start: number;
  readonly end: number;
  readonly becomes: string;
}

type Operator = (place: Place, source: string) => readonly Change[];

const OTHER_OPERATOR: Readonly<Record<string, readonly string[]>> = {
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "===": ["!=="],
  "!==": ["==="],
  "+": ["-"],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
  "%": ["*"],
  "&&": ["||"],
  "||": ["&&"],
  "+=": ["-="],
  "-=": ["+="],
  "??=": ["="],
  "||=": ["&&="],
  "&&=": ["||="],
  "++": ["--"],
  "--": ["++"],
};

const NAME_OF_OPERATOR: Readonly<Record<string, string>> = {
  LogicalExpression: "logical",
  AssignmentExpression: "assignment",
  UpdateExpression: "update",
};

const COMPARES: ReadonlySet<string> = new Set(["<", "<=", ">", ">=", "===", "!=="]);

/** A map, because a method can have the name of an object's own method: `toString`. */
const OTHER_METHOD: ReadonlyMap<string, string> = new Map(
  Object.entries({
    startsWith: "endsWith",
    endsWith: "startsWith",
    some: "every",
    every: "some",
    find: "findLast",
    findLast: "find",
    padStart: "padEnd",
    padEnd: "padStart",
    min: "max",
    max: "min",
    floor: "ceil",
    ceil: "floor",
    round: "floor",
  }),
);

/** Methods whose call is removed: the object replaces the result. */
const FORGETTABLE: ReadonlySet<string> = new Set(["trim", "filter", "slice", "reverse", "sort", "toSorted"]);

const TESTED: Readonly<Record<string, readonly string[]>> = {
  IfStatement: ["true", "false"],
  ConditionalExpression: ["true", "false"],
  // `true` would never end.
  WhileStatement: ["false"],
  ForStatement: ["false"],
};

function whole(node: Node, operator: string, ...becomes: readonly string[]): readonly Change[] {
  return becomes.map((text) => ({ operator, start: node.start, end: node.end, becomes: text }));
}

/** The position of an operator's sign, between its operands. */
function sign(node: Node, from: number, source: string): { readonly start: number; readonly end: number } {
  const text = textOf(node, "operator");
  const start = source.indexOf(text, from);
  return { start, end: start + text.length };
}

function isText(node: Node | null): boolean {
  return node !== null && (node.type === "TemplateLiteral" || (node.type === "Literal" && typeof node["value"] === "string"));
}

/** `??` next to `&&` needs brackets. */
function otherFallback(node: Node, left: Node, right: Node, source: string): readonly Change[] {
  return whole(node, "logical", `(${source.slice(left.start, left.end)}) && (${source.slice(right.start, right.end)})`);
}

function otherOperator({ node }: Place, source: string): readonly Change[] {
  const left = nodeOf(node, "left");
  const right = nodeOf(node, "right");
  const text = textOf(node, "operator");
  // `+` of texts has no arithmetic mutant.
  if (left === null || right === null || (text === "+" && (isText(left) || isText(right)))) return [];
  if (text === "??") return otherFallback(node, left, right, source);
  const operator = NAME_OF_OPERATOR[node.type] ?? (COMPARES.has(text) ? "comparison" : "arithmetic");
  return (OTHER_OPERATOR[text] ?? []).map((becomes) => ({ operator, ...sign(node, left.end, source), becomes }));
}

function isBoolean(node: Node): boolean {
  const operator = textOf(node, "operator");
  return node.type === "BinaryExpression" ? COMPARES.has(operator) : node.type === "LogicalExpression" && operator !== "??";
}

/** A condition. For an operand of `&&` only true is tried, because false is the mutant of the whole; for `||` only false. */
function decided(place: Place): readonly Change[] {
  const { node, role, parent } = place;
  const tested = role === "test" ? TESTED[parent?.node.type ?? ""] : undefined;
  if (tested !== undefined) return whole(node, "condition", ...tested);
  if (!isBoolean(node)) return [];
  const around = parent?.node.type === "LogicalExpression" ? textOf(parent.node, "operator") : "";
  return whole(node, "condition", ...(around === "&&" ? ["true"] : around === "||" ? ["false"] : ["true", "false"]));
}

function literal({ node }: Place): readonly Change[] {
  const { value } = node;
  if (typeof value === "boolean") return whole(node, "boolean", String(!value));
  if (typeof value === "number") return whole(node, "number", String(value + 1));
  if (typeof value === "string") return whole(node, "string", value === "" ? '"mutant"' : '""');
  return [];
}

function method({ node }: Place): readonly Change[] {
  const callee = nodeOf(node, "callee");
  const object = callee?.type === "MemberExpression" ? nodeOf(callee, "object") : null;
  const property = callee === null ? null : nodeOf(callee, "property");
  if (object === null || property === null || callee?.["computed"] === true) return [];
  const name = textOf(property, "name");
  const other = OTHER_METHOD.get(name);
  if (other !== undefined) return [{ operator: "method", start: property.start, end: property.end, becomes: other }];
  return FORGETTABLE.has(name) ? [{ operator: "method", start: object.end, end: node.end, becomes: "" }] : [];
}

function optional({ node }: Place, source: string): readonly Change[] {
  const before = nodeOf(node, "object") ?? nodeOf(node, "callee");
  if (node["optional"] !== true || before === null) return [];
  const start = source.indexOf("?.", before.end);
  const becomes = node.type === "MemberExpression" && node["computed"] !== true ? "." : "";
  return [{ operator: "optional chaining", start, end: start + 2, becomes }];
}

function negation({ node }: Place): readonly Change[] {
  const argument = nodeOf(node, "argument");
  const text = textOf(node, "operator");
  if (argument === null || (text !== "!" && text !== "-")) return [];
  return [{ operator: text === "!" ? "negation" : "arithmetic", start: node.start, end: argument.start, becomes: "" }];
}

function emptied(items: string, empty: string, full: string | null): Operator {
  return ({ node }) => {
    const becomes = Array.isArray(node[items]) && node[items].length > 0 ? empty : full;
    return becomes === null ? [] : whole(node, "literal emptied", becomes);
  };
}

/**
 * Removes the value of a return. A function's only statement is left to the operator that empties the body, and a boolean to the
 * operator of conditions.
 */
function forgottenReturn({ node, parent }: Place): readonly Change[] {
  const argument = nodeOf(node, "argument");
  const statements = parent?.node["body"];
  const isOnly = isFunctionBody(parent) && Array.isArray(statements) && statements.length === 1;
  return argument === null || isOnly ? [] : forgotten(argument);
}

function arrow({ node }: Place): readonly Change[] {
  const body = nodeOf(node, "body");
  return body === null || body.type === "BlockStatement" ? [] : forgotten(body);
}

function forgotten(value: Node): readonly Change[] {
  return isBoolean(value) || textOf(value, "name") === "undefined" ? [] : whole(value, "return value", "undefined");
}

/** Whether a place is the body of a function that is not a constructor. */
export function isFunctionBody(place: Place | null | undefined): boolean {
  const { parent } = place ?? {};
  if (place?.node.type !== "BlockStatement" || place.role !== "body" || !parent) return false;
  return parent.node.type.includes("Function") && textOf(parent.parent?.node ?? null, "kind") !== "constructor";
}

function removedBlock(place: Place): readonly Change[] {
  const { node, role, parent } = place;
  const statements = node["body"];
  if (!Array.isArray(statements) || statements.length === 0) return [];
  const type = parent?.node.type ?? "";
  // Removing the block of an `if` without `else` equals the condition false.
  const isSameAsFalse =
    (type === "IfStatement" && parent?.node["alternate"] === null) || type === "WhileStatement" || type === "ForStatement";
  const isConstructor = role === "body" && type.includes("Function") && !isFunctionBody(place);
  return isSameAsFalse || isConstructor ? [] : whole(node, "block removed", "{}");
}

function removedStatement({ node, role, parent }: Place): readonly Change[] {
  const statements = parent?.node["body"];
  const isOnlyOne = parent?.node.type === "BlockStatement" && Array.isArray(statements) && statements.length === 1;
  const isSameAsFalse = role === "consequent" && parent?.node.type === "IfStatement" && parent.node["alternate"] === null;
  return isOnlyOne || isSameAsFalse || textOf(node, "directive") !== "" ? [] : whole(node, "statement removed", ";");
}

/** A `return` without a value. */
function removedReturn(place: Place): readonly Change[] {
  return nodeOf(place.node, "argument") === null ? removedStatement(place) : [];
}

function otherStep({ node }: Place, source: string): readonly Change[] {
  const becomes = OTHER_OPERATOR[textOf(node, "operator")] ?? [];
  return becomes.map((text) => ({ operator: "update", ...sign(node, node.start, source), becomes: text }));
}

const OPERATORS: Readonly<Record<string, readonly Operator[]>> = {
  BinaryExpression: [otherOperator],
  LogicalExpression: [otherOperator],
  AssignmentExpression: [otherOperator],
  UpdateExpression: [otherStep],
  UnaryExpression: [negation],
  Literal: [literal],
  TemplateLiteral: [({ node, role }) => (role === "quasi" ? [] : whole(node, "string", '""'))],
  ArrayExpression: [emptied("elements", "[]", '["mutant"]')],
  ObjectExpression: [emptied("properties", "{}", null)],
  CallExpression: [method, optional],
  MemberExpression: [optional],
  ReturnStatement: [forgottenReturn, removedReturn],
  ArrowFunctionExpression: [arrow],
  BlockStatement: [removedBlock],
  ExpressionStatement: [removedStatement],
  ContinueStatement: [removedStatement],
  BreakStatement: [removedStatement],
  ThrowStatement: [removedStatement],
};

/** Every mutation at a place. */
export function changesAt(place: Place, source: string): readonly Change[] {
  return [...decided(place), ...(OPERATORS[place.node.type] ?? []).flatMap((operator) => operator(place, source))];
}
