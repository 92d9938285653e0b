// npm run test:long -- [flags of vitest]: runs every test at full length: more cases, more kills, the second engine everywhere.
import { run, toolCommand } from "./run.ts";

/** Read by vite.config.ts, and by tests that have more cases to try. */
const LONG_ENVIRONMENT = { TEST_LENGTH: "long" };

process.exitCode = await run(toolCommand("vitest", "run", ...process.argv.slice(2)), LONG_ENVIRONMENT);
