/** Starts the processes of a bench and measures them from outside. */
import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runQuietly } from "../../scripts/run.ts";
import { startWorkerd } from "../../command/workerd-process.ts";
import { MERCHANT } from "./fixture.ts";
import type { GatewayCounts } from "./gateway.ts";
import type { LoadJob, LoadResult } from "./load-generator.ts";
import type { PeerName } from "./peer-name.ts";

/** What ends when the bench ends, last first. */
export class Cleanup {
  readonly #steps: (() => Promise<void>)[] = [];

  add(step: () => Promise<void>): void {
    this.#steps.push(step);
  }

  async run(): Promise<void> {
    for (const step of this.#steps.reverse()) await step();
  }
}

/** A server under load. */
export interface Server {
  readonly pid: number;
  readonly port: number;
  /** Its folder. */
  readonly state: string;
  /** Its output until now, if it is kept. */
  output(): string;
  /** Kills it. */
  end(): Promise<void>;
}

/** A folder that is deleted at the end. */
export async function temporaryFolder(cleanup: Cleanup, name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `bench-${name}-`));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** What ends a process and waits for that. */
export function endOf(child: ChildProcess): () => Promise<void> {
  return async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
    child.kill("SIGKILL");
    await closed;
  };
}

/** Options of {@link serveOn}. */
export interface WorkerdOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Default: it goes to /dev/null, so that nobody has to read it. */
  readonly keepsOutput?: boolean;
  readonly args?: readonly string[];
  /** Default: a free one. */
  readonly port?: number;
  /** The state of a server that has ended. Default: an empty one. */
  readonly state?: string;
}

/** Starts workerd. */
export async function serveOn(cleanup: Cleanup, config: string, options: WorkerdOptions): Promise<Server> {
  const { env, keepsOutput = false, args = [], port = 0 } = options;
  const state = options.state ?? (await temporaryFolder(cleanup, "state"));
  const { process: child, listening } = startWorkerd(config, {
    listen: `127.0.0.1:${port}`,
    state,
    env,
    output: keepsOutput ? "pipe" : "ignore",
    args,
  });
  cleanup.add(endOf(child));
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
  return { pid: child.pid ?? 0, port: await listening, state, output: () => Buffer.concat(chunks).toString(), end: endOf(child) };
}

/** The settings of the edge. */
export function edgeSettings(gateway: BenchGateway, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return {
    FREEDOM_PAY_MERCHANT_ID: MERCHANT.merchantId,
    FREEDOM_PAY_SECRET_KEY: MERCHANT.secretKey,
    FREEDOM_PAY_URL: gateway.origin,
    CHARGE_TOKEN_KEY: MERCHANT.tokenKey,
    EDGE_API_KEY: MERCHANT.apiKey,
    CALLBACK_KEY: MERCHANT.callbackKey,
    ALLOWED_ORIGINS: "https://shop.example",
    PUBLIC_URL: "https://edge.example",
    ...more,
  };
}

/** The settings of a peer, on workerd and on Node. */
export function peerSettings(gateway: BenchGateway, peer: PeerName | "fastify"): Readonly<Record<string, string>> {
  const { merchantId, secretKey, tokenKey } = MERCHANT;
  return { PEER: peer, GATEWAY_URL: gateway.origin, MERCHANT_ID: merchantId, SECRET_KEY: secretKey, CHARGE_TOKEN_KEY: tokenKey };
}

/** Forks a file of this folder and waits for its first message. */
async function forked<First>(
  cleanup: Cleanup,
  file: string,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly [ChildProcess, First]> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), { env: { ...env, PATH: process.env["PATH"] }, execArgv: [] });
  cleanup.add(endOf(child));
  return [child, await nextMessage<First>(child)];
}

function nextMessage<Message>(child: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`A process of the bench ended with ${code}`));
    child.once("close", ended);
    child.once("message", (message) => {
      child.off("close", ended);
      resolve(message as Message);
    });
  });
}

/** The gateway that answers at once. */
export interface BenchGateway {
  readonly origin: string;
  counts(): Promise<GatewayCounts>;
}

export async function startGateway(cleanup: Cleanup): Promise<BenchGateway> {
  const [, port] = await forked<number>(cleanup, "gateway.ts");
  const origin = `http://127.0.0.1:${port}`;
  return { origin, counts: async () => (await (await fetch(`${origin}/counts`)).json()) as GatewayCounts };
}

/** Puts a load on a server. */
export type Load = (job: LoadJob) => Promise<LoadResult>;

export async function startLoadGenerator(cleanup: Cleanup): Promise<Load> {
  const [child] = await forked(cleanup, "load-generator.ts");
  return async (job) => {
    child.send(job);
    const result = await nextMessage<LoadResult | string>(child);
    if (typeof result === "string") throw new Error(result);
    return result;
  };
}

/** The service on Fastify. It is installed into a temporary folder. */
export async function startFastify(cleanup: Cleanup, gateway: BenchGateway): Promise<Server & { readonly version: string }> {
  const folder = await temporaryFolder(cleanup, "fastify");
  const { code, output } = await runQuietly(["npm", "install", "--no-save", "--no-package-lock", "--prefix", folder, "fastify@5"]);
  if (code !== 0) throw new Error(`Fastify is not installed:\n${output}`);
  const { version } = JSON.parse(await readFile(join(folder, "node_modules/fastify/package.json"), "utf8")) as { version: string };
  const state = await temporaryFolder(cleanup, "state");
  const env = { ...peerSettings(gateway, "fastify"), FASTIFY_FOLDER: folder, STATE: state, NODE_ENV: "production", NODE_NO_WARNINGS: "1" };
  const [child, port] = await forked<number>(cleanup, "fastify-shop.ts", env);
  return { pid: child.pid ?? 0, port, state, version, output: () => "", end: endOf(child) };
}

/** Milliseconds of one tick of /proc/PID/stat (USER_HZ is 100 on Linux). */
const TICK = 10;

/** Milliseconds of CPU that a process has used: user and system. */
export async function cpuOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // The name, in brackets, can contain spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK;
}

/** Resident memory of a process in MB. */
export async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}
