// npm run doctor -- URL: checks an edge deployment, like the package's command. The environment variable EDGE_API_KEY has the API key.
import { runCommand } from "../command/run-command.ts";

process.exitCode = await runCommand(["doctor", ...process.argv.slice(2)], {
  env: process.env,
  input: process.stdin,
  write: (text) => void process.stdout.write(text),
});
