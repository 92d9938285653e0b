// npm run endurance -- [PART …] [--seconds 60] [--minutes 10] [--rate N] [--warm-up 1500] [--kill] [--plant doubled|lost] [--dry]: the packed edge under load,
// for a quiet machine. Runs test/endurance/command.ts as a separate process, because scripts import no tests.
import { fileURLToPath } from "node:url";
import { run } from "./run.ts";

const command = fileURLToPath(new URL("../test/endurance/command.ts", import.meta.url));
process.exitCode = await run([process.execPath, command, ...process.argv.slice(2)]);
