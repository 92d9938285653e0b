// npm run serve -- [--listen 127.0.0.1:8787] [--state FOLDER]: the package's command `serve`, with a Worker of these sources.
import { runCommand } from "../command/run-command.ts";
import { BUILT_WORKER, buildPackagedWorkerIfStale } from "./bundle-worker.ts";

await buildPackagedWorkerIfStale();
process.exitCode = await runCommand(
  ["serve", ...process.argv.slice(2)],
  { env: process.env, input: process.stdin, write: (text) => void process.stdout.write(text) },
  BUILT_WORKER,
);
