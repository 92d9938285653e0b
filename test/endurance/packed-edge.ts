/** The packed package, installed into an empty folder, and its command `serve` under a load. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { WORKERD_VERSION } from "../../command/workerd-process.ts";
import { runQuietly } from "../../scripts/run.ts";
import { MERCHANT } from "../bench/fixture.ts";
import type { Cleanup } from "../bench/processes.ts";
import { memoryOf, temporaryFolder } from "../bench/processes.ts";
import { freePort } from "../process/free-port.ts";
import { EdgeLog } from "./edge-log.ts";

/** The installed package. */
export interface Installed {
  /** The file of its command. */
  readonly command: string;
  /** Bytes of the packed file. */
  readonly packedBytes: number;
}

async function npm(...args: readonly string[]): Promise<string> {
  const { code, output } = await runQuietly(["npm", ...args]);
  if (code !== 0) throw new Error(`npm ${args.join(" ")} failed:\n${output}`);
  return output;
}

/** Packs the package, and installs it with workerd, as docs/self-hosting.md says. */
export async function installPacked(cleanup: Cleanup): Promise<Installed> {
  const folder = await temporaryFolder(cleanup, "packed");
  await npm("pack", "--silent", "--pack-destination", folder);
  const [file = ""] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  await writeFile(join(folder, "package.json"), '{"private":true}');
  await npm("install", "--omit=dev", "--no-audit", "--no-fund", "--prefix", folder, join(folder, file), `workerd@${WORKERD_VERSION}`);
  const command = join(folder, "node_modules/freedom-pay-charge/dist/command/freedom-pay-charge.js");
  return { command, packedBytes: (await stat(join(folder, file))).size };
}

/** Figures of a moment. */
export interface EdgeFigures {
  /** Resident memory of workerd in MB. */
  readonly memory: number;
  /** Open descriptors of workerd. */
  readonly descriptors: number;
  /** Files of the state. */
  readonly files: number;
}

/** A running edge. */
export interface PackedEdge {
  readonly port: number;
  readonly log: EdgeLog;
  /** The process of the command. */
  readonly pid: number;
  /** The folder that has its state. */
  readonly folder: string;
  figures(): Promise<EdgeFigures>;
  /** `kill -9` of workerd. The command starts it again. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Options of {@link startPackedEdge}. */
export interface EdgeOptions {
  readonly gateway: string;
  /** More settings. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Makes another command of the one that serves, for this folder. Default: the same. */
  readonly around?: (folder: string, command: readonly [string, ...string[]]) => readonly [string, ...string[]];
}

/** Starts it with empty state, on a port that it keeps, and waits until it is ready. */
export async function startPackedEdge(cleanup: Cleanup, { command }: Installed, options: EdgeOptions): Promise<PackedEdge> {
  const { gateway, settings = {}, around = (_, same) => same } = options;
  const folder = join(await temporaryFolder(cleanup, "state"), "disk");
  await mkdir(folder);
  const port = await freePort();
  const serve = [process.execPath, command, "serve", "--listen", `127.0.0.1:${port}`, "--state", join(folder, "state")] as const;
  const [file, ...args] = around(folder, [...serve, "--allow-few-files"]);
  const child = spawn(file, args, {
    env: { PATH: process.env["PATH"], npm_command: "run-script", ...settingsOf(gateway, port), ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log = new EdgeLog();
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", (line) => log.add(line));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await ended;
  };
  cleanup.add(stop);
  await untilReady(child, log);
  return {
    port,
    log,
    pid: child.pid ?? 0,
    folder,
    stop,
    figures: async () => {
      const workerd = await workerdOf(child);
      const [memory, open, entries] = await Promise.all([
        memoryOf(workerd),
        readdir(`/proc/${workerd}/fd`),
        readdir(`/proc/${child.pid}/root${folder}`, { recursive: true, withFileTypes: true }),
      ]);
      return { memory, descriptors: open.length, files: entries.filter((entry) => entry.isFile()).length };
    },
    kill: async () => void process.kill(await workerdOf(child), "SIGKILL"),
  };
}

function settingsOf(gateway: string, port: number): Readonly<Record<string, string>> {
  return {
    FREEDOM_PAY_MERCHANT_ID: MERCHANT.merchantId,
    FREEDOM_PAY_SECRET_KEY: MERCHANT.secretKey,
    FREEDOM_PAY_URL: gateway,
    CHARGE_TOKEN_KEY: MERCHANT.tokenKey,
    EDGE_API_KEY: MERCHANT.apiKey,
    CALLBACK_KEY: MERCHANT.callbackKey,
    ALLOWED_ORIGINS: "https://shop.example",
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    GATEWAY_CALLBACKS: "none",
    CLIENT_IP_HEADER: "",
  };
}

/** Milliseconds between two looks. */
const INTERVAL = 100;

/** Looks of {@link untilReady}: a minute. */
const LOOKS = 600;

async function untilReady(child: ChildProcess, log: EdgeLog): Promise<void> {
  for (let look = 0; look < LOOKS && child.exitCode === null; look += 1) {
    if (log.plain.some((line) => line.startsWith("Ready on "))) return;
    await new Promise((resolve) => setTimeout(resolve, INTERVAL));
  }
  throw new Error(`The edge is not ready:\n${log.plain.join("\n")}`);
}

async function workerdOf({ pid }: ChildProcess): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  for (const one of children.trim().split(" "))
    if ((await readFile(`/proc/${one}/cmdline`, "utf8")).includes("\0serve\0")) return Number(one);
  throw new Error("workerd does not run");
}
