// npm run bench -- [flags of vitest]: measures what tests must not. For a machine that does nothing else.
import { run, toolCommand } from "./run.ts";

process.exitCode = await run(toolCommand("vitest", "run", "--project", "bench", ...process.argv.slice(2)), { BENCH: "1" });
