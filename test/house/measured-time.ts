/**
 * Finds where a test asserts a measured time, because such a test fails on a slower machine. Follows values from the clock through
 * differences, variables, helper functions and lists to assertions.
 *
 * `vi.getMockedSystemTime()` reads virtual time, so it does not count as a clock.
 */
import type { Node } from "./syntax.ts";
import { chainOf, childrenOf, isExpression, keyOf, listOf, matcherOf, nameOf, nodeOf, returnsIn, rootCall, throws } from "./syntax.ts";
import type { Level, Value } from "./time-values.ts";
import {
  globalScope,
  holds,
  INSTANT,
  IS_LATE,
  joinAll,
  join,
  LATER,
  MEASURED,
  most,
  mostOfAll,
  NONE,
  partOf,
  Scope,
  weight,
} from "./time-values.ts";

/** Functions that convert an instant. */
const FORMS = /^(?:Number|BigInt|String|Date|Math\.\w+|Number\.parse\w+|parse(?:Int|Float))$/;

const MAX_ROUNDS = 10;

/** Whether an expression is a duration: a number, a CONSTANT, or a product, which converts units. */
function isDuration(node: Node | null): boolean {
  if (node === null) return false;
  if (node.type === "Literal") return true;
  if (node.type === "Identifier") return /^[A-Z0-9_]+$/.test(nameOf(node));
  if (node.type === "MemberExpression") return /(?:^|\.)[A-Z0-9_]+$/.test(chainOf(node) ?? "");
  if (node.type !== "BinaryExpression") return false;
  const [left, right] = [nodeOf(node, "left"), nodeOf(node, "right")];
  return node["operator"] === "*" || (isDuration(left) && isDuration(right));
}

/** Finds where one file asserts how long something took. */
class Reader {
  readonly #text: string;
  readonly #found = new Map<number, string>();
  #learned = false;

  constructor(text: string) {
    this.#text = text;
  }

  read(program: Node): readonly string[] {
    const scope = globalScope();
    // A function may be used before its definition, so new facts start another round.
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      this.#learned = false;
      this.#visit(program, scope);
      if (!this.#learned) break;
    }
    this.#visitExported(program, scope);
    return [...this.#found].sort(([one], [other]) => one - other).map(([, said]) => said);
  }

  readonly #scopes = new WeakMap<Node, Scope>();

  #scopeOf(node: Node, above: Scope): Scope {
    const known = this.#scopes.get(node) ?? new Scope(above);
    this.#scopes.set(node, known);
    return known;
  }

  #report(node: Node): void {
    const start = Number(node["start"]);
    const text = this.#text.slice(start, Number(node["end"])).replaceAll(/\s+/g, " ");
    this.#found.set(start, text.length > 100 ? `${text.slice(0, 100)}…` : text);
  }

  #learn(scope: Scope, pattern: Node | null, value: Value): void {
    if (pattern === null) return;
    if (pattern.type === "Identifier" || pattern.type === "ThisExpression") {
      if (scope.learn(nameOf(pattern) || "this", value)) this.#learned = true;
    } else if (pattern.type === "ArrayPattern") {
      for (const [index, element] of listOf(pattern, "elements").entries()) this.#learn(scope, element, partOf(value, String(index)));
    } else if (pattern.type === "ObjectPattern") {
      for (const property of listOf(pattern, "properties"))
        if (property !== null) this.#learn(scope, nodeOf(property, "value"), partOf(value, keyOf(property, "key")));
    } else if (pattern.type === "AssignmentPattern") {
      this.#learn(scope, nodeOf(pattern, "left"), value);
    } else if (pattern.type === "MemberExpression") {
      // `world.began = performance.now()`: the object now contains the instant.
      const key = keyOf(pattern, "property");
      const held: Value = key === null ? value : { level: 0, parts: new Map([[key, value]]) };
      if (weight(value) > 0) this.#learn(scope, nodeOf(pattern, "object"), held);
    }
  }

  /** Visits statements, and evaluates expressions. */
  #visit(node: Node, scope: Scope): void {
    switch (node.type) {
      case "VariableDeclarator":
        declare(scope, nodeOf(node, "id"));
        this.#learn(scope, nodeOf(node, "id"), this.#evaluate(nodeOf(node, "init"), scope));
        return;
      case "FunctionDeclaration": {
        const id = nodeOf(node, "id");
        this.#learn(scope, id, this.#evaluateFunction(node, scope));
        return;
      }
      case "ImportDeclaration":
        this.#import(node, scope);
        return;
      case "ClassDeclaration":
        this.#learn(scope, nodeOf(node, "id"), this.#evaluateClass(node, scope));
        return;
      case "IfStatement": {
        const test = this.#evaluate(nodeOf(node, "test"), scope);
        if (most(test) === MEASURED.level && throws(nodeOf(node, "consequent"))) this.#report(node);
        for (const member of ["consequent", "alternate"]) {
          const branch = nodeOf(node, member);
          if (branch !== null) this.#visit(branch, scope);
        }
        return;
      }
      case "ForOfStatement": {
        const list = this.#evaluate(nodeOf(node, "right"), scope);
        const left = nodeOf(node, "left");
        const declarator = left?.type === "VariableDeclaration" ? (listOf(left, "declarations")[0] ?? null) : null;
        this.#learn(scope, declarator === null ? left : nodeOf(declarator, "id"), partOf(list, null));
        const body = nodeOf(node, "body");
        if (body !== null) this.#visit(body, scope);
        return;
      }
      default:
        if (isExpression(node)) this.#evaluate(node, scope);
        else for (const child of childrenOf(node)) this.#visit(child, scope);
    }
  }

  /** `import { performance } from "node:perf_hooks"`, `import { hrtime } from "node:process"`. */
  #import(node: Node, scope: Scope): void {
    const module = String(nodeOf(node, "source")?.["value"]).replace(/^node:/, "");
    const from = module === "perf_hooks" ? scope.find("globalThis") : module === "process" ? scope.find("process") : null;
    for (const one of listOf(node, "specifiers")) {
      if (one === null) continue;
      const imported = nodeOf(one, "imported");
      declare(scope, nodeOf(one, "local"));
      if (from !== null) this.#learn(scope, nodeOf(one, "local"), imported === null ? from : partOf(from, nameOf(imported)));
    }
  }

  /** Visits exports of measured times, because the importing file would assert them without a clock. */
  #visitExported(program: Node, scope: Scope): void {
    for (const statement of listOf(program, "body")) {
      if (statement === null || !/^Export(?:Named|Default)Declaration$/.test(statement.type)) continue;
      const declaration = nodeOf(statement, "declaration");
      const made =
        declaration === null
          ? []
          : [nodeOf(declaration, "id"), ...listOf(declaration, "declarations").map((one) => one && nodeOf(one, "id"))];
      const handed = listOf(statement, "specifiers").map((one) => one && nodeOf(one, "local"));
      for (const id of [...made, ...handed]) if (id !== null && mostOfAll(scope.find(nameOf(id))) === MEASURED.level) this.#report(id);
    }
  }

  #evaluateFunction(node: Node, above: Scope): Value {
    const scope = this.#scopeOf(node, above);
    for (const parameter of listOf(node, "params")) {
      declare(scope, parameter);
      if (parameter?.type === "AssignmentPattern")
        this.#learn(scope, nodeOf(parameter, "left"), this.#evaluate(nodeOf(parameter, "right"), scope));
    }
    const body = nodeOf(node, "body");
    if (body === null) return NONE;
    if (isExpression(body)) return { level: 0, returns: this.#evaluate(body, scope), written: node };
    this.#visit(body, scope);
    return { level: 0, returns: joinAll(returnsIn(body).map((given) => this.#evaluate(given, scope))), written: node };
  }

  /** The value of a class is that of its instances: methods and fields. */
  #evaluateClass(node: Node, above: Scope): Value {
    const scope = this.#scopeOf(node, above);
    if (!scope.names.has("this")) scope.names.set("this", NONE);
    const body = nodeOf(node, "body");
    for (const member of body === null ? [] : listOf(body, "body")) {
      if (member === null) continue;
      const value = this.#evaluate(nodeOf(member, "value"), scope);
      const isGetter = member["kind"] === "get";
      const key = keyOf(member, "key");
      if (key !== null) this.#learnMember(scope, "this", key, isGetter ? (value.returns ?? NONE) : value);
    }
    return scope.find("this");
  }

  #learnMember(scope: Scope, name: string, key: string, value: Value): void {
    if (scope.learn(name, { level: 0, parts: new Map([[key, value]]) })) this.#learned = true;
  }

  #evaluate(node: Node | null, scope: Scope): Value {
    if (node === null) return NONE;
    switch (node.type) {
      case "Identifier":
        return scope.find(nameOf(node));
      case "ThisExpression":
        return scope.find("this");
      case "ClassExpression":
        return this.#evaluateClass(node, scope);
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        return this.#evaluateFunction(node, scope);
      case "MemberExpression":
        return this.#evaluateMember(node, scope);
      case "NewExpression":
      case "CallExpression":
        return this.#evaluateCall(node, scope);
      case "BinaryExpression":
        return this.#evaluateBinary(node, scope);
      case "AssignmentExpression": {
        const value = this.#evaluate(nodeOf(node, "right"), scope);
        this.#learn(scope, nodeOf(node, "left"), value);
        return value;
      }
      case "ArrayExpression":
        return {
          level: 0,
          parts: new Map(listOf(node, "elements").map((element, index) => [String(index), this.#evaluate(element, scope)])),
        };
      case "ObjectExpression":
        return this.#evaluateObject(node, scope);
      case "ConditionalExpression":
        this.#evaluate(nodeOf(node, "test"), scope);
        return join(this.#evaluate(nodeOf(node, "consequent"), scope), this.#evaluate(nodeOf(node, "alternate"), scope));
      default: {
        for (const child of childrenOf(node)) if (!isExpression(child)) this.#visit(child, scope);
        return joinAll(
          childrenOf(node)
            .filter(isExpression)
            .map((child) => this.#evaluate(child, scope)),
        );
      }
    }
  }

  #evaluateMember(node: Node, scope: Scope): Value {
    const object = this.#evaluate(nodeOf(node, "object"), scope);
    const index = node["computed"] === true ? nodeOf(node, "property") : null;
    if (index !== null) this.#evaluate(index, scope);
    return partOf(object, keyOf(node, "property"));
  }

  #evaluateObject(node: Node, scope: Scope): Value {
    const parts = new Map<string, Value>();
    let spread = NONE;
    for (const property of listOf(node, "properties")) {
      if (property === null) continue;
      if (property.type === "SpreadElement") spread = join(spread, this.#evaluate(nodeOf(property, "argument"), scope));
      else parts.set(keyOf(property, "key") ?? "", this.#evaluate(nodeOf(property, "value"), scope));
    }
    return join({ level: 0, parts }, spread);
  }

  #evaluateBinary(node: Node, scope: Scope): Value {
    const [leftNode, rightNode] = [nodeOf(node, "left"), nodeOf(node, "right")];
    const [left, right] = [this.#evaluate(leftNode, scope), this.#evaluate(rightNode, scope)];
    const [low, high] = [Math.min(left.level, right.level), Math.max(left.level, right.level)];
    if (high >= IS_LATE.level || high === 0) return { level: high as Level };
    const operator = String(node["operator"]);
    if (operator === "-") return left.level > 0 && right.level === 0 && isDuration(rightNode) ? LATER : MEASURED;
    if (operator === "+") return LATER;
    if (/^[<>]=?$/.test(operator)) return low > 0 && high === LATER.level ? IS_LATE : NONE;
    return { level: /^[*/%]|>>|\||\*\*$/.test(operator) ? (high as Level) : 0 };
  }

  #evaluateCall(node: Node, scope: Scope): Value {
    const calleeNode = nodeOf(node, "callee");
    const chain = chainOf(calleeNode) ?? "";
    const args = listOf(node, "arguments").map((argument) => this.#evaluate(argument, scope));
    this.#assert(node, chain, args, scope);
    // With an instant as argument it returns the time since then.
    if (/(?:^|\.)hrtime$/.test(chain) && args.length > 0) return MEASURED;
    if (chain === "Date" && args.length === 0) return INSTANT;
    const given = joinAll(args);
    if (FORMS.test(chain)) return { level: most(given) };
    const callee = this.#evaluate(calleeNode, scope);
    // `times.push(took)`: from here on the list holds it.
    if (most(given) === MEASURED.level && calleeNode?.type === "MemberExpression" && /\.(?:push|unshift|set|add)$/.test(chain))
      this.#learn(scope, nodeOf(calleeNode, "object"), { level: 0, parts: new Map([["", MEASURED]]) });
    if (callee.written !== undefined) this.#pass(callee.written, args);
    const passed: Value = most(given) === MEASURED.level ? MEASURED : NONE;
    if (node.type === "NewExpression") return join(callee, passed);
    return join(callee.returns ?? this.#heldBy(calleeNode, scope), passed);
  }

  /** What a method that is not known gives of what its object holds: `times.reduce(…)`, `took.toFixed()`. */
  #heldBy(callee: Node | null, scope: Scope): Value {
    if (callee?.type !== "MemberExpression") return NONE;
    const held = most(this.#evaluate(nodeOf(callee, "object"), scope));
    return held === MEASURED.level || held === INSTANT.level || held === LATER.level ? { level: held } : NONE;
  }

  /** What a function of this file is called with is known inside it. */
  #pass(written: Node, args: readonly Value[]): void {
    const inside = this.#scopes.get(written);
    for (const [index, parameter] of listOf(written, "params").entries()) {
      const given = args[index] ?? NONE;
      if (inside !== undefined && holds(given) > 0) this.#learn(inside, parameter, given);
    }
  }

  /** `expect(a).toBe(b)`, `assert(a)`, `expectQuick(a)`. */
  #assert(node: Node, chain: string, args: readonly Value[], scope: Scope): void {
    const root = rootCall(node);
    const rootName = root === null ? "" : (chainOf(nodeOf(root, "callee")) ?? "");
    const isMatcher = root !== null && root !== node && /^expect\b/.test(rootName);
    if (!isMatcher && !/^(?:expect|assert|console\.assert)/.test(chain)) return;
    const highest = Math.max(0, ...args.map(most));
    if (highest >= IS_LATE.level) this.#report(root ?? node);
    if (!isMatcher || root === null) return;
    const matcher = matcherOf(node);
    const isOrder = /^toBe(?:Less|Greater)Than/.test(matcher);
    const actual = Math.max(0, ...listOf(root, "arguments").map((argument) => most(this.#evaluate(argument, scope))));
    if (highest === 0 && !(actual === INSTANT.level && isOrder && isDuration(listOf(node, "arguments")[0] ?? null))) return;
    if (highest === 0 || matcher === "toBeCloseTo" || (actual > 0 && Math.max(actual, highest) === LATER.level)) this.#report(root);
  }
}

function declare(scope: Scope, pattern: Node | null): void {
  if (pattern === null) return;
  if (pattern.type === "Identifier") {
    if (!scope.names.has(nameOf(pattern))) scope.names.set(nameOf(pattern), NONE);
  } else if (pattern.type === "AssignmentPattern") declare(scope, nodeOf(pattern, "left"));
  else if (pattern.type === "RestElement") declare(scope, nodeOf(pattern, "argument"));
  else if (pattern.type === "Property") declare(scope, nodeOf(pattern, "value"));
  else for (const part of [...listOf(pattern, "elements"), ...listOf(pattern, "properties")]) declare(scope, part);
}

/**
 * @param program - a parsed file
 * @param text - what it was parsed from
 * @returns the places that assert, or give away, how long something took
 */
export function measuredTimes(program: Node, text: string): readonly string[] {
  return new Reader(text).read(program);
}
