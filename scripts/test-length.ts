/** `long` in `npm run test:long`, which has more cases and redundant tests; `few` in `npm run mutation`, which repeats them for each mutant. */
export type TestLength = "few" | "short" | "long";

declare module "vitest" {
  interface ProvidedContext {
    readonly length: TestLength;
  }
}

const given = process.env["TEST_LENGTH"];

/** The test length from the environment. */
export const TEST_LENGTH: TestLength = given === "long" || given === "few" ? given : "short";
