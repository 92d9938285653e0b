/** `long` by `npm run test:long`, which tries more cases and what proves the same once more. */
export type TestLength = "short" | "long";

declare module "vitest" {
  interface ProvidedContext {
    readonly length: TestLength;
  }
}

/** How long the tests may take, as the environment says. */
export const TEST_LENGTH: TestLength = process.env["TEST_LENGTH"] === "long" ? "long" : "short";
