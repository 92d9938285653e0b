import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { QUIET_WRANGLER, ROOT, toolCommand } from "../scripts/run.ts";

const START_TIMEOUT = 60_000;

/** The edge as a separate process: wrangler dev with its own settings and storage. */
export interface EdgeProcess {
  readonly origin: string;
  /** Its output. */
  log(): string;
  /** Calls the listener when the process ends unexpectedly. */
  onExit(listener: () => void): void;
  close(): Promise<void>;
}

/**
 * Starts the edge. Its settings are in a file in a temporary folder, so that it does not read .dev.vars and the list of
 * processes does not show them. Its storage is in the same folder, which is deleted at the end.
 *
 * @param settings - by name, without `PUBLIC_URL`, which is the edge's own address
 * @throws Error with the output of wrangler, when the edge does not answer within a minute
 */
export async function startEdge(settings: Readonly<Record<string, string>>): Promise<EdgeProcess> {
  const folder = await mkdtemp(join(tmpdir(), "freedom-pay-charge-"));
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const file = join(folder, "settings");
  const lines = Object.entries({ ...settings, PUBLIC_URL: origin }).map(([name, value]) => `${name}='${value}'\n`);
  await writeFile(file, lines.join(""), { mode: 0o600 });

  const [command, ...args] = toolCommand(
    "wrangler",
    ...["dev", "--ip", "127.0.0.1", "--port", String(port), "--inspector-port", "0"],
    ...["--env-file", file, "--persist-to", join(folder, "state"), "--show-interactive-dev-session", "false"],
  );
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, ...QUIET_WRANGLER, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    // Its own process group: Ctrl-C in the terminal reaches only the demo, which then ends the edge and its child processes.
    detached: true,
  });
  process.once("exit", () => signalGroup(child, "SIGKILL"));
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  const log = (): string => Buffer.concat(chunks).toString();

  let closing = false;
  const edge: EdgeProcess = {
    origin,
    log,
    onExit: (listener) => void child.once("close", () => closing || listener()),
    close: async () => {
      closing = true;
      await stop(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await waitUntilHealthy(`${origin}/healthz`, child);
  } catch (error) {
    await edge.close();
    throw new Error(`The edge did not start: ${error instanceof Error ? error.message : error}\n${log()}`);
  }
  return edge;
}

/** Waits until the URL answers 200. */
async function waitUntilHealthy(url: string, child: ChildProcess): Promise<void> {
  const until = Date.now() + START_TIMEOUT;
  let last = "no answer";
  while (Date.now() < until) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`wrangler ended with ${child.exitCode ?? child.signalCode}`);
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
      if (response.ok) return;
      last = await response.text();
      if (response.status === 503) break;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(last);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("close", resolve));
  signalGroup(child, "SIGTERM");
  const killTimer = setTimeout(() => signalGroup(child, "SIGKILL"), 5_000);
  await ended;
  clearTimeout(killTimer);
}

function signalGroup({ pid, exitCode, signalCode }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Already ended.
  }
}

/** Finds a free port, because the edge must know its own address before it starts. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
