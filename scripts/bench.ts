// npm run bench -- [flags of vitest]: measures times, which tests must not do. Run it on a quiet machine.
import { run, toolCommand } from "./run.ts";

process.exitCode = await run(toolCommand("vitest", "run", "--project", "bench", ...process.argv.slice(2)), { BENCH: "1" });
