import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { onParentExit } from "../command/parent-watch.ts";

/** The project's folder. */
export const ROOT: string = fileURLToPath(new URL("..", import.meta.url));

/** Settings that keep wrangler quiet and off the network. */
export const QUIET_WRANGLER = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
} as const;

/** The files of the tools. Node runs them directly, without a shell and without PATH. */
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

/** The command that runs a tool with the current Node: `[command, ...arguments]`. */
export function toolCommand(tool: Tool, ...args: readonly string[]): [string, ...string[]] {
  return [process.execPath, fileURLToPath(new URL(`../${TOOLS[tool]}`, import.meta.url)), ...args];
}

/**
 * Runs one command in the project's folder with this terminal, forwards signals to it, and waits for its end.
 *
 * @returns its exit code; 128 plus the signal's number if a signal ended it
 */
export function run(command: readonly [string, ...string[]], env: Readonly<Record<string, string>> = {}): Promise<number> {
  const [file, ...args] = command;
  const child = spawn(file, args, { cwd: ROOT, stdio: "inherit", env: { ...process.env, ...env } });
  // Ctrl-C reaches the child directly, because it is in the terminal's process group. The parent ignores it and ends after the child.
  const ignore = (): void => {};
  const forward = (): void => void child.kill("SIGTERM");
  // npm does not forward signals to its child processes, so this process ends when its parent has ended.
  const parentWatch = onParentExit(forward);
  process.on("SIGINT", ignore);
  process.on("SIGTERM", forward);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      process.off("SIGINT", ignore);
      process.off("SIGTERM", forward);
      clearInterval(parentWatch);
      resolve(code ?? (signal === "SIGINT" ? 130 : 143));
    });
  });
}

/** Runs one command quietly. @returns its exit code and its output */
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
