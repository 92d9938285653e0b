/** The edge as a separate process of workerd. A test can kill it and start it again with the same state. */
import type { ChildProcess } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { freePort } from "./free-port.ts";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startWorkerd } from "../../command/workerd-process.ts";

/** Settings by name. */
export type EdgeSettings = Readonly<Record<string, string>>;

/** One deployment of the edge and its state. */
export interface Edge {
  /** It does not change over a restart. */
  readonly origin: string;
  /**
   * Starts the process with the existing state.
   *
   * @param settings replace those of the same name from now on
   * @param version the configuration of another version of the Worker, for this start
   */
  start(settings?: EdgeSettings, version?: string): Promise<void>;
  /** `kill -STOP`: the process stops. Requests to it wait. */
  freeze(): void;
  /** `kill -9`: only stored state remains. Resolves when the process has ended. */
  kill(): Promise<void>;
  /** The output of the process, over all restarts. */
  output(): string;
  /** Files of the state, and open descriptors of the process. */
  openFiles(): Promise<{ readonly stored: number; readonly open: number }>;
  /** Kills the process and deletes the state. */
  close(): Promise<void>;
}

/** Creates an edge with empty state. It is not started. */
export async function createEdge(config: string, settings: EdgeSettings): Promise<Edge> {
  const state = await mkdtemp(join(tmpdir(), "edge-state-"));
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  let env: EdgeSettings = { ...settings, PUBLIC_URL: origin };
  const chunks: Buffer[] = [];
  let running: ChildProcess | null = null;

  async function kill(): Promise<void> {
    const edge = running;
    running = null;
    if (edge === null || edge.exitCode !== null || edge.signalCode !== null) return;
    const closed = new Promise((resolve) => edge.once("close", resolve));
    edge.kill("SIGKILL");
    await closed;
  }

  return {
    origin,
    async start(changed = {}, version = config) {
      if (running !== null) throw new Error("The edge is already running");
      env = { ...env, ...changed };
      const { process: edge, listening } = startWorkerd(version, { listen: `127.0.0.1:${port}`, state, env, output: "pipe" });
      running = edge;
      for (const stream of [edge.stdout, edge.stderr]) stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
      await listening;
    },
    freeze: () => void running?.kill("SIGSTOP"),
    kill,
    output: () => Buffer.concat(chunks).toString(),
    async openFiles() {
      const entries = await readdir(state, { recursive: true, withFileTypes: true });
      const open = await readdir(`/proc/${running?.pid ?? "self"}/fd`);
      return { stored: entries.filter((entry) => entry.isFile()).length, open: open.length };
    },
    async close() {
      await kill();
      await rm(state, { recursive: true, force: true });
    },
  };
}
