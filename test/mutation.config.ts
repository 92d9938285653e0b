// The tests by which `npm run mutation` finds mutants: of the core, the edge without workerd, and the simulation.
import { defineConfig } from "vitest/config";
import { STORY_LIMIT } from "../scripts/timeouts.ts";

export default defineConfig({
  test: {
    provide: { length: "few" },
    env: { TEST_LENGTH: "few" },
    testTimeout: STORY_LIMIT,
    setupFiles: ["test/default-timeouts.ts"],
    isolate: false,
    include: ["test/src/**/*.test.ts", "test/edge/**/*.test.ts", "test/simulation/histories.test.ts"],
    exclude: ["**/*.workerd.test.ts", "**/*.browser.test.ts"],
  },
});
