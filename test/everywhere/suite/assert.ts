/** The suite's own assertions, because no assertion library runs in every runtime. */
import type { ErrorCode } from "../../../src/errors.ts";

/** Fails unless the condition is true. */
export function ok(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

/** Fails unless both are the same value: objects and arrays by their members, bytes by their values. */
export function equal(actual: unknown, expected: unknown, what = "the value"): void {
  if (!isSame(actual, expected)) throw new Error(`${what} is ${written(actual)} and should be ${written(expected)}`);
}

/** Fails unless the object has these members with these values. Others may be there. */
export function matches(actual: unknown, expected: Readonly<Record<string, unknown>>, what = "the value"): void {
  ok(isRecord(actual), `${what} is ${written(actual)} and should be an object`);
  for (const [name, value] of Object.entries(expected)) equal(isRecord(actual) ? actual[name] : undefined, value, `${name} of ${what}`);
}

/**
 * Fails unless the work ends with an error of this package that has this code.
 *
 * @param work - throws or rejects
 * @param secret - a text that must not be in the error
 */
export async function refused(code: ErrorCode, work: () => unknown, secret = "test-secret"): Promise<void> {
  const error = await thrownBy(work);
  ok(error instanceof Error, `it ends with ${written(error)} and not with an error`);
  matches(error, { name: "FreedomPayError", code }, "the error");
  ok(!String(error).includes(secret), "the error contains a secret");
}

/** The error of the work. Fails if it ends without one. */
export async function thrownBy(work: () => unknown): Promise<unknown> {
  let value: unknown;
  try {
    value = await work();
  } catch (error) {
    return error;
  }
  throw new Error(`it ends with ${written(value)} and not with an error`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (!isRecord(one) || !isRecord(other)) return false;
  // By the tag, because a sandbox may have other classes of these names.
  if (Object.prototype.toString.call(one) !== Object.prototype.toString.call(other)) return false;
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every((name) => Object.hasOwn(other, name) && isSame(one[name], other[name]));
}

function written(value: unknown): string {
  try {
    return JSON.stringify(value, (_, member: unknown) => (member === undefined ? "(undefined)" : member)) ?? String(value);
  } catch {
    return String(value);
  }
}
