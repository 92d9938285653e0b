/** Finds time-outs of tests that are shorter than those of the projects, because they would fail on a slower machine. */
import { STORY_LIMIT, TEST_LIMIT, WAIT_LIMIT } from "../../scripts/timeouts.ts";
import type { Node } from "./syntax.ts";
import { chainOf, childrenOf, keyOf, listOf, nameOf, nodeOf } from "./syntax.ts";

/** Functions of vitest and Playwright that wait for a condition. */
const WAITS = /(?:^|\.)(?:waitFor\w*|waitUntil|poll|setDefaultTimeout|setDefaultNavigationTimeout)$/;

/** A fixed pause, which has no time-out. */
const PAUSES = /(?:^|\.)waitForTimeout$/;

const TESTS = /^(?:test|it|describe|suite|beforeAll|beforeEach|afterAll|afterEach)\b/;

/** The value of a number, or of a product of numbers and constants of the file; null for anything else. */
function numberOf(node: Node | null, constants: ReadonlyMap<string, number>): number | null {
  if (node === null) return null;
  if (node.type === "Literal") return typeof node["value"] === "number" ? node["value"] : null;
  if (node.type === "Identifier") return constants.get(nameOf(node)) ?? null;
  if (node.type !== "BinaryExpression" || node["operator"] !== "*") return null;
  const [left, right] = [numberOf(nodeOf(node, "left"), constants), numberOf(nodeOf(node, "right"), constants)];
  return left === null || right === null ? null : left * right;
}

/** The name of the called function: `waitFor` for `page.getByText("Paid").waitFor`. */
function calleeOf(node: Node): string {
  const callee = nodeOf(node, "callee");
  if (callee === null) return "";
  // test.each(…)(name, run, limit)
  if (callee.type === "CallExpression") return calleeOf(callee);
  return chainOf(callee) ?? (callee.type === "MemberExpression" ? (keyOf(callee, "property") ?? "") : "");
}

/** The time-outs in a call's arguments, in milliseconds. */
function limitsOf(node: Node, constants: ReadonlyMap<string, number>): readonly number[] {
  const args = listOf(node, "arguments");
  const named = args
    .flatMap((argument) => (argument?.type === "ObjectExpression" ? listOf(argument, "properties") : []))
    .filter((property) => property !== null && property.type === "Property" && keyOf(property, "key") === "timeout")
    .map((property) => (property === null ? null : numberOf(nodeOf(property, "value"), constants)));
  const last = args.at(-1) ?? null;
  const isBare = args.length > 1 || /setDefault/.test(calleeOf(node));
  return [...named, ...(isBare ? [numberOf(last, constants)] : [])].filter((limit) => limit !== null);
}

/**
 * @param program - a parsed file
 * @param text - its source
 * @returns the code of time-outs that are shorter than those of the projects
 */
export function shortLimits(program: Node, text: string): readonly string[] {
  const constants = new Map<string, number>(Object.entries({ WAIT_LIMIT, TEST_LIMIT, STORY_LIMIT }));
  const found: string[] = [];
  const visit = (node: Node): void => {
    if (node.type === "VariableDeclarator") {
      const value = numberOf(nodeOf(node, "init"), constants);
      const id = nodeOf(node, "id");
      if (value !== null && id !== null) constants.set(nameOf(id), value);
    }
    if (node.type === "CallExpression") {
      const callee = calleeOf(node);
      const isTest = TESTS.test(callee);
      const least = isTest ? TEST_LIMIT : WAITS.test(callee) && !PAUSES.test(callee) ? WAIT_LIMIT : 0;
      if (least > 0 && limitsOf(node, constants).some((limit) => limit < least)) {
        const written = text.slice(Number(node["start"]), Number(node["end"])).replaceAll(/\s+/g, " ");
        found.push(written.length > 100 ? `${written.slice(0, 100)}…` : written);
      }
    }
    for (const child of childrenOf(node)) visit(child);
  };
  visit(program);
  return found;
}
