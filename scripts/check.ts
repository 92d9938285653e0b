// npm run check: types, lint, format, examples and the house rules, in seconds.
import { runQuietly, toolCommand } from "./run.ts";

const TYPED = [".", "src", "edge", "widget", "command", "demo", "test", "test/tsconfig.edge.json"];

const checks = [
  ...TYPED.map((project) => ({ name: `types of ${project}`, command: toolCommand("tsc", "-p", project, "--pretty", "false") })),
  { name: "lint and format", command: toolCommand("biome", "ci", "--error-on-warnings", "--colors=off", ".") },
  { name: "examples of the public functions", command: [process.execPath, "scripts/examples.ts"] as [string, ...string[]] },
  { name: "house rules", command: toolCommand("vitest", "run", "--project", "node", "test/house") },
];

for (const { name, command } of checks) {
  const { code, output } = await runQuietly(command);
  console.log(`${code === 0 ? "ok  " : "FAIL"} ${name}`);
  if (code === 0) continue;
  console.log(output.trimEnd());
  process.exitCode = 1;
}
