/** The edge as a process of its own on bare workerd, which a test can kill and start again on the same state. */
import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { freePort } from "./free-port.ts";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startWorkerd } from "../../scripts/workerd.ts";

/** Settings by name. */
export type EdgeSettings = Readonly<Record<string, string>>;

/** One deployment of the edge and its state. */
export interface Edge {
  /** The same over a restart, as behind a name. */
  readonly origin: string;
  /** Starts the process on the state that is there. @param settings replace those of the same name, from now on */
  start(settings?: EdgeSettings): Promise<void>;
  /** `kill -STOP`: from here on it takes no step any more. What is sent to it waits at its door. */
  freeze(): void;
  /** `kill -9`: nothing that it had not stored is left. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** All that the process has written, over all its lives. */
  output(): string;
  /** Kills the process and takes the state away. */
  close(): Promise<void>;
}

/** An edge that is not yet started, with an empty state. */
export async function layOutEdge(config: string, settings: EdgeSettings): Promise<Edge> {
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
    const gone = new Promise((resolve) => edge.once("close", resolve));
    edge.kill("SIGKILL");
    await gone;
  }

  return {
    origin,
    async start(changed = {}) {
      if (running !== null) throw new Error("The edge is running already");
      env = { ...env, ...changed };
      const { process: edge, listening } = startWorkerd(config, { listen: `127.0.0.1:${port}`, state, env, output: "pipe" });
      running = edge;
      for (const stream of [edge.stdout, edge.stderr]) stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
      await listening;
    },
    freeze: () => void running?.kill("SIGSTOP"),
    kill,
    output: () => Buffer.concat(chunks).toString(),
    async close() {
      await kill();
      await rm(state, { recursive: true, force: true });
    },
  };
}
