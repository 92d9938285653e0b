import type { TestFunction } from "vitest";
import { test } from "vitest";
import { LONG } from "./length.ts";

/** A test of what others prove too, or that is long by waiting: only `npm run test:long` runs it. */
export function repeatedTest(name: string, run: TestFunction): void {
  if (LONG) test(name, run);
}
