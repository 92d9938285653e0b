// npm run check: types, lint, format, examples, the house rules and generated files, in seconds.
import { runQuietly, toolCommand } from "./run.ts";

const TYPED = [".", "src", "edge", "widget", "command", "demo", "test", "test/tsconfig.edge.json"];

/** The house rules, and the tests that hold generated files against their sources. */
const TESTS = ["test/house", "test/openapi", "test/widget/element-data.node.test.ts", "test/widget/element-docs.node.test.ts"];

const checks = [
  ...TYPED.map((project) => ({ name: `types of ${project}`, command: toolCommand("tsc", "-p", project, "--pretty", "false") })),
  { name: "lint and format", command: toolCommand("biome", "ci", "--error-on-warnings", "--colors=off", ".") },
  { name: "examples of the public functions", command: [process.execPath, "scripts/examples.ts"] as [string, ...string[]] },
  { name: "public API", command: [process.execPath, "scripts/api-report.ts"] as [string, ...string[]] },
  { name: "house rules, generated files", command: toolCommand("vitest", "run", "--project", "node", ...TESTS) },
];

for (const { name, command } of checks) {
  const { code, output } = await runQuietly(command);
  console.log(`${code === 0 ? "ok  " : "FAIL"} ${name}`);
  if (code === 0) continue;
  console.log(output.trimEnd());
  process.exitCode = 1;
}
