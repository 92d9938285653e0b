/** Gets Node, Deno and Bun from the npm registry, and runs the suite in them. */
import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { runQuietly } from "../run.ts";
import { STORY_LIMIT } from "../timeouts.ts";
import type { PinnedRuntime } from "./pins.ts";
import type { SuiteReport } from "./report.ts";
import { REPORT_MARK, reportIn } from "./report.ts";

const commandOf = (gatewayUrl: string): string => `import { run } from "./suite.js";

console.log("${REPORT_MARK}" + (await run("${gatewayUrl}")));
`;

const execute = promisify(execFile);

/** Installs packages into a folder that has a package.json. Their scripts do not run. @throws Error with npm's output */
export async function install(folder: string, packages: readonly string[]): Promise<void> {
  const flags = ["--prefix", folder, "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  const { code, output } = await runQuietly(["npm", "install", ...flags, ...packages]);
  if (code !== 0) throw new Error(output.trim());
}

/** Makes a folder with a package.json. */
export async function emptyProject(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "name": "runtimes", "private": true, "type": "module" }\n');
  return folder;
}

/**
 * Gets a runtime.
 *
 * @returns the program
 * @throws Error that says why it cannot be had
 */
export async function getRuntime(folder: string, runtime: PinnedRuntime): Promise<Program> {
  await install(await emptyProject(folder), [runtime.install]);
  const [program] = globSync(runtime.program, { cwd: folder }).sort();
  if (program === undefined) throw new Error(`${runtime.install} has no program for ${process.platform} on ${process.arch}`);
  const path = join(folder, program);
  const { stdout } = await execute(path, ["--version"], { env: environment(folder) });
  if (!stdout.includes(runtime.version)) throw new Error(`${runtime.install} says that it is ${stdout.trim()}`);
  return [path, ...runtime.args];
}

/** A program that runs JavaScript, with its arguments before the file. */
export type Program = readonly [path: string, ...args: string[]];

/** Runs the suite. @param folder where the package is installed and suite.js is */
export async function runInProgram(folder: string, [program, ...args]: Program, gatewayUrl: string): Promise<SuiteReport> {
  const command = join(folder, "command.js");
  await writeFile(command, commandOf(gatewayUrl));
  // A failure of the process has no report either.
  const { stdout, stderr } = await execute(program, [...args, command], {
    cwd: folder,
    env: environment(folder),
    timeout: STORY_LIMIT,
  }).catch((error: unknown) => ({ stdout: "", stderr: String(error) }));
  return reportIn(`${stdout}\n${stderr}`);
}

/** Nothing of this machine's settings, and no look for a newer version. */
function environment(folder: string): NodeJS.ProcessEnv {
  return { HOME: folder, DENO_DIR: join(folder, "deno"), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
}
