// npm run test:long -- [flags of vitest]: the tests that have a long part, at full length.
import { run, toolCommand } from "./run.ts";

/** Read by vite.config.ts, and by tests that have more cases to try. */
const AT_LENGTH = { TEST_LENGTH: "long" };

process.exitCode = await run(toolCommand("vitest", "run", "--project", "process", ...process.argv.slice(2)), AT_LENGTH);
