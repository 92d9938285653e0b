// npm run consumers -- [flags of vitest]: packs the package, installs it into projects of many kinds and a Worker, and pays in each.
// Needs the npm registry.
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, toolCommand } from "./run.ts";

const folder = mkdtempSync(join(tmpdir(), "packed-"));
try {
  let code = await run(["npm", "pack", "--silent", "--pack-destination", folder]);
  const [file] = globSync("*.tgz", { cwd: folder });
  if (code === 0 && file !== undefined)
    code = await run(toolCommand("vitest", "run", "--project", "consumers", ...process.argv.slice(2)), {
      CONSUMERS_PACKAGE: join(folder, file),
    });
  process.exitCode = code;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
