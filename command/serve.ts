/** Runs the edge on workerd, on a server of one's own. Settings and secrets come from the environment. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Problem } from "../src/edge-api.ts";
import { createDiskCheck, DISK_CHECK_INTERVAL } from "./disk-check.ts";
import { SETTINGS } from "./edge-settings.ts";
import { keepRunning } from "./keep-running.ts";
import { openFilesLimit, whyTooFewFiles } from "./open-files.ts";
import { onParentExit } from "./parent-watch.ts";
import { settingsWithPrivateAddress } from "./private-addresses.ts";
import { hasObjects, objectsFolder, openStateFolder, restoringFolder } from "./state-folder.ts";
import type { Terminal } from "./terminal.ts";
import type { Workerd } from "./workerd-process.ts";
import { findWorkerd, startWorkerd, WORKERD_VERSION } from "./workerd-process.ts";

/** The flags for `parseArgs`. */
export const SERVE_FLAGS = {
  listen: { type: "string", default: "127.0.0.1:8787" },
  state: { type: "string" },
  "allow-few-files": { type: "boolean", default: false },
} as const;

/** The usage text. */
export const SERVE_USAGE = `       freedom-pay-charge serve [--listen 127.0.0.1:8787] [--state FOLDER] [--allow-few-files]
  Runs the edge on this server, until SIGTERM or SIGINT. Every setting comes from the environment.
  --state FOLDER        its state (STATE_DIRECTORY, else freedom-pay-charge-state in the current folder)
  --allow-few-files     starts also where fewer than 8192 files may be open`;

/** The configurations that are built with the Worker: without private addresses, and with them. */
export type BuiltConfig = "public.capnp" | "private.capnp";

/** Valid options of {@link serve}. */
export interface ServeOptions {
  readonly listen: string;
  readonly state: string;
  readonly allowFewFiles: boolean;
}

/** The Worker that is built into the package. */
const PACKAGED_WORKER = fileURLToPath(new URL("../worker/", import.meta.url));

/** Whether a text is an address to listen at: `127.0.0.1:8787`, `[::1]:8787`, `localhost:0`. */
export function isListenAddress(text: string): boolean {
  const port = /^(?:\[[0-9a-fA-F:.]+\]|[^\s:[\]/]+):(\d{1,5})$/.exec(text)?.[1];
  return port !== undefined && Number(port) < 65_536;
}

/**
 * Serves until it is to stop.
 *
 * @param worker the folder of the built Worker
 * @returns 0 when it was stopped, 1 when it refused to start
 */
export async function serve(options: ServeOptions, { env, write }: Terminal, worker: string = PACKAGED_WORKER): Promise<0 | 1> {
  const refuse = (why: string): 1 => {
    write(`${why}\n`);
    return 1;
  };
  const why = whyNotHere(options, env);
  if (why !== null) return refuse(why);
  const state = await openStateFolder(options.state);
  if (typeof state === "string") return refuse(state);
  const { folder, corrected } = state;
  if (corrected > 0) write(`Others could read ${corrected} files or folders in ${folder}: corrected\n`);
  if (existsSync(restoringFolder(folder))) return refuse(unfinishedRestore(folder));
  const objects = objectsFolder(folder);
  mkdirSync(objects, { recursive: true });
  const settings = settingsOf(env);
  const needPrivate = await settingsWithPrivateAddress(settings);
  if (needPrivate.length > 0) write(`Private addresses are open to the edge, because of ${needPrivate.join(" and ")}\n`);
  const config: BuiltConfig = needPrivate.length > 0 ? "private.capnp" : "public.capnp";
  let workerd: Workerd | null = null;
  const checkDisk = createDiskCheck({ folder, write, onRoom: () => workerd?.process.kill("SIGKILL") });
  checkDisk();
  const checks = setInterval(checkDisk, DISK_CHECK_INTERVAL);
  const code = await keepRunning({
    start: () => {
      workerd = startWorkerd(join(worker, config), { listen: options.listen, state: objects, env: settings, output: "inherit" });
      return workerd;
    },
    onListening: (port) => void reportReady(originOf(options.listen, port), write),
    write,
    stop: stopSignal(env),
  });
  clearInterval(checks);
  return code;
}

/** Why the edge cannot run here. Null if it can. */
function whyNotHere({ allowFewFiles }: ServeOptions, env: Terminal["env"]): string | null {
  if (process.platform === "win32") return "The edge does not run on Windows. Use Linux, macOS, or the Windows Subsystem for Linux";
  if (env["CLIENT_IP_HEADER"] === undefined)
    // Without a proxy that overwrites the header, a caller can choose it. With a proxy whose header is not read, every shopper has the proxy's address.
    return "CLIENT_IP_HEADER is not set: set it to the header in which your proxy writes the client's address, or set it empty if there is no proxy";
  if (findWorkerd() === null) return `workerd is not installed: run \`npm install workerd@${WORKERD_VERSION}\``;
  return allowFewFiles ? null : whyTooFewFiles(openFilesLimit());
}

function unfinishedRestore(folder: string): string {
  const rest = hasObjects(folder) ? `, or delete ${restoringFolder(folder)} to keep the state from before it` : "";
  return `A restore of ${folder} was cut off: run it again with --replace${rest}`;
}

/** The settings of this environment, without its other variables. */
function settingsOf(env: Terminal["env"]): Record<string, string> {
  return Object.fromEntries(
    SETTINGS.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Where this machine reaches the edge. */
function originOf(listen: string, port: number): string {
  return `http://${listen.replace(/:\d+$/, `:${port}`)}`;
}

/** Says where it listens, and prints missing settings, because an edge that is not configured starts too. */
async function reportReady(origin: string, write: Terminal["write"]): Promise<void> {
  write(`Ready on ${origin}\n`);
  try {
    const answer = await fetch(`${origin.replace("//0.0.0.0", "//127.0.0.1").replace("//[::]", "//[::1]")}/healthz`);
    if (!answer.ok) write(`Not ready to charge: ${((await answer.json()) as Problem).detail}\n`);
  } catch {
    // It has ended meanwhile, which is written where that is seen.
  }
}

/** Aborted by a signal, and by the end of the npm that started this process. */
function stopSignal(env: Terminal["env"]): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  if (env["npm_command"] !== undefined) onParentExit(stop);
  return controller.signal;
}
