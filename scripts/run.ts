import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const ROOT: string = fileURLToPath(new URL("..", import.meta.url));

/** What keeps wrangler quiet and on this machine. */
export const QUIET_WRANGLER = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
} as const;

/** The tools that the scripts start, by the file that Node runs: no shell and no PATH in between. */
const TOOLS = {
  biome: "node_modules/@biomejs/biome/bin/biome",
  playwright: "node_modules/playwright/cli.js",
  publint: "node_modules/publint/src/cli.js",
  tsc: "node_modules/typescript/bin/tsc",
  vitest: "node_modules/vitest/vitest.mjs",
  wrangler: "node_modules/wrangler/bin/wrangler.js",
} as const;

/** A tool of {@link toolCommand}. */
export type Tool = keyof typeof TOOLS;

/** How a tool is started on the Node that runs this script: `[command, ...arguments]`. */
export function toolCommand(tool: Tool, ...args: readonly string[]): [string, ...string[]] {
  return [process.execPath, fileURLToPath(new URL(`../${TOOLS[tool]}`, import.meta.url)), ...args];
}

/**
 * Runs one command in the project's folder with this terminal, hands it the signals that this process gets,
 * and waits for it.
 *
 * @returns its exit code; 128 and the signal's number for one that was ended by a signal
 */
export function run(command: readonly [string, ...string[]], env: Readonly<Record<string, string>> = {}): Promise<number> {
  const [file, ...args] = command;
  const child = spawn(file, args, { cwd: ROOT, stdio: "inherit", env: { ...process.env, ...env } });
  // Ctrl-C reaches the child by itself, as part of the terminal's group; here it only must not end the parent first.
  const stay = (): void => {};
  const pass = (): void => void child.kill("SIGTERM");
  // A signal that ends npm does not reach what npm started: whoever is left alone ends too.
  const alone = onParentGone(pass);
  process.on("SIGINT", stay);
  process.on("SIGTERM", pass);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      process.off("SIGINT", stay);
      process.off("SIGTERM", pass);
      clearInterval(alone);
      resolve(code ?? (signal === "SIGINT" ? 130 : 143));
    });
  });
}

/** Calls back when the process that started this one is gone. Does not keep this one alive. */
export function onParentGone(then: () => void): NodeJS.Timeout {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    then();
  }, 500);
  return timer.unref();
}

/** Runs one command quietly. @returns its exit code and all that it wrote */
export function runQuietly(
  command: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; output: string }> {
  const [file, ...args] = command;
  const child = spawn(file, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1", ...env } });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() }));
  });
}
