/** `npm run serve` as a process: the package's command with a Worker of these sources. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { ROOT } from "../../scripts/run.ts";
import { SECRETS, until } from "./test-server.ts";

/** A context of a test that cleans up. Concurrent tests share no other. */
export type Cleanup = Pick<TestContext, "onTestFinished">;

/** A started command. */
export interface Served {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Resolves to the exit code, or to null after a signal. */
  readonly ended: Promise<number | null>;
}

/** Settings with which the edge is whole, but for the gateway's and its own address. */
export const SETTINGS_TO_SERVE = {
  ...SECRETS,
  FREEDOM_PAY_MERCHANT_ID: "999999",
  ALLOWED_ORIGINS: "https://shop.example",
  PUBLIC_URL: "https://edge.example",
  GATEWAY_CALLBACKS: "none",
  CLIENT_IP_HEADER: "",
} as const;

/** A new folder, which is deleted at the end of the test. */
export async function temporaryFolder({ onTestFinished }: Cleanup): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "serve-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts a command in the project's folder with only these variables. It ends at the end of the test. */
export function startCommand(context: Cleanup, env: Readonly<Record<string, string>>, file: string, ...args: readonly string[]): Served {
  const { PATH = "" } = process.env;
  const child = spawn(file, args, { cwd: ROOT, env: { PATH, ...env } });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  context.onTestFinished(async () => {
    if (child.exitCode === null) child.kill("SIGTERM");
    await ended;
  });
  return { child, output: () => output, ended };
}

/** `npm run serve` without npm. */
export function startServe(context: Cleanup, settings: Readonly<Record<string, string>>, ...flags: readonly string[]): Served {
  return startCommand(context, settings, process.execPath, "scripts/serve.ts", ...flags);
}

/** Where it listens, after it was started this many times. */
export function origin({ child, output }: Served, starts = 1): Promise<string> {
  return until("the edge is ready", () => {
    const found = [...output().matchAll(/^Ready on (http:\S+)$/gm)][starts - 1]?.[1] ?? null;
    if (found === null && child.exitCode !== null) throw new Error(`It has ended: ${output()}`);
    return found;
  });
}

/** The pid of its workerd. */
export async function workerdOf({ child }: Served): Promise<number> {
  const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, "utf8");
  for (const pid of children.trim().split(" "))
    if ((await readFile(`/proc/${pid}/cmdline`, "utf8")).includes("\0serve\0")) return Number(pid);
  throw new Error("workerd does not run");
}

/** Waits until nobody listens at an address any more. */
export function untilGone(address: string): Promise<true> {
  return until(`nobody listens at ${address}`, () =>
    fetch(address).then(
      () => null,
      () => true,
    ),
  );
}
