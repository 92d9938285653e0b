import { expect, test } from "vitest";
import * as subject from "./subject.ts";
import { runCases } from "./suite/case.ts";
import { suiteOf } from "./suite/suite.ts";

test("the core's conformance suite passes in a page", async () => {
  const cases = suiteOf(subject);
  expect(await runCases(cases)).toEqual({ passed: cases.length, failed: [] });
});
