/** The conformance suite in the Node that runs the tests. `npm run runtimes` runs it everywhere: docs/runtimes.md. */
import { afterAll, describe, expect, test } from "vitest";
import { startLoopbackGateway } from "../../scripts/runtimes/loopback-gateway.ts";
import * as subject from "./subject.ts";
import type { Subject } from "./suite/case.ts";
import { suiteOf } from "./suite/suite.ts";

const called = new Set<string>();

const rooms = Object.entries(subject);

/** Whether it is a function of the core. The error is a class, and cases make it. */
function isCounted(name: string, member: unknown): boolean {
  return typeof member === "function" && name !== "FreedomPayError";
}

/** The same modules, whose functions say that they were called. */
function watched(): Subject {
  const entries = rooms.map(([room, members]) => {
    const watchedMembers = Object.entries(members).map(([name, member]): readonly [string, unknown] => {
      if (!isCounted(name, member)) return [name, member];
      const watchedFunction = (...args: readonly unknown[]): unknown => {
        called.add(`${room}.${name}`);
        return (member as (...all: readonly unknown[]) => unknown)(...args);
      };
      return [name, watchedFunction];
    });
    return [room, Object.fromEntries(watchedMembers)];
  });
  return Object.fromEntries(entries) as Subject;
}

const gateway = await startLoopbackGateway();

afterAll(() => gateway.close());

describe("in Node", () => {
  const cases = suiteOf(watched(), gateway.url);

  test.each(cases)("$name", ({ run }) => run());

  test("no two cases have one name", () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  });

  // After the cases: a case that is left out by -t calls nothing.
  test("every function of the core is called by a case", () => {
    const functions = rooms
      .filter(([room]) => room !== "simulator")
      .flatMap(([room, members]) =>
        Object.entries(members).flatMap(([name, member]) => (isCounted(name, member) ? [`${room}.${name}`] : [])),
      );
    expect(functions.length).toBeGreaterThan(50);
    expect(functions.filter((name) => !called.has(name))).toEqual([]);
  });
});
