// npm run test:long -- [flags of vitest]: the tests that have a long part, at full length.
import { run, toolCommand } from "./run.ts";

/** Read by vite.config.ts, and by tests that have more cases to try. */
const AT_LENGTH = { TEST_LENGTH: "long" };

/** What has a long part: the edge as a process that is killed, and 100,000 cases of the fuzzing. */
const PARTS = [
  ["--project", "process"],
  ["--project", "node", "--project", "workerd", "test/hostile/fuzz"],
] as const;

for (const part of PARTS) {
  const code = await run(toolCommand("vitest", "run", ...part, ...process.argv.slice(2)), AT_LENGTH);
  process.exitCode ||= code;
}
