// npm run doctor -- URL: examines a deployment of the edge, as the package's command does. The API key is EDGE_API_KEY of the environment.
import { runCommand } from "../command/run-command.ts";

process.exitCode = await runCommand(["doctor", ...process.argv.slice(2)], {
  env: process.env,
  input: process.stdin,
  write: (text) => void process.stdout.write(text),
});
