/**
 * The core's tests, all of them in one file: a runtime that has a page or an isolate to open for each file opens one.
 * `-t` picks: `npm test -- --project firefox test/everywhere -t money.test.ts`.
 */
import { describe } from "vitest";

declare global {
  interface ImportMeta {
    /** Vite's: the files of a pattern, each to be imported when it is called. */
    glob(patterns: readonly string[]): Readonly<Record<string, () => Promise<unknown>>>;
  }
}

for (const [path, load] of Object.entries(
  import.meta.glob(["../src/*.test.ts", "../src/lib/*.test.ts", "../src/merchant-api/*.test.ts", "!**/*.node.test.ts"]),
))
  describe(path.replace("../", ""), async () => void (await load()));
