// npm run edge -- [flags of wrangler dev]: runs the edge alone on this machine.
import { buildElementIfStale } from "./element.ts";
import { QUIET_WRANGLER, run, toolCommand } from "./run.ts";

await buildElementIfStale();
process.exitCode = await run(toolCommand("wrangler", "dev", ...process.argv.slice(2)), QUIET_WRANGLER);
