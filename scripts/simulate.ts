// npm run simulate -- [--seeds 10000] [--from 1] · --seed N · --mutants: histories of one order in virtual time, against the edge's own
// state machine. Runs test/simulation/command.ts as a separate process, because scripts import no tests.
import { fileURLToPath } from "node:url";
import { run } from "./run.ts";

const command = fileURLToPath(new URL("../test/simulation/command.ts", import.meta.url));
process.exitCode = await run([process.execPath, command, ...process.argv.slice(2)]);
