/** `long` in `npm run test:long`, which has more cases and redundant tests. */
export type TestLength = "short" | "long";

declare module "vitest" {
  interface ProvidedContext {
    readonly length: TestLength;
  }
}

/** The test length from the environment. */
export const TEST_LENGTH: TestLength = process.env["TEST_LENGTH"] === "long" ? "long" : "short";
