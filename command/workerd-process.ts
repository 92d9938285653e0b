/** Runs workerd as one process, which ends with the process that started it. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import type { Readable, Writable } from "node:stream";

/** The workerd that this version was tested with, as in `peerDependencies`. */
export const WORKERD_VERSION = "1.20261023.1";

/** A process of workerd. */
export interface Workerd {
  readonly process: ChildProcess;
  /** Resolves to the port when it listens. Rejects when the process ends before. */
  readonly listening: Promise<number>;
}

/** Options of {@link startWorkerd}. */
export interface WorkerdOptions {
  /** `127.0.0.1:8787`; port 0 for a free one. */
  readonly listen: string;
  /** An existing folder for the objects' files. It is kept after the process. */
  readonly state: string;
  /** The settings. The edge can read no other variables. */
  readonly env: Readonly<Record<string, string>>;
  /** `inherit` for this terminal, `pipe` for the caller, `ignore` for /dev/null. */
  readonly output: "inherit" | "pipe" | "ignore";
  /** More arguments of `workerd serve`. */
  readonly args?: readonly string[];
}

/** The file of the installed workerd. Null if workerd, or its part for this platform, is not installed. */
export function findWorkerd(): string | null {
  try {
    const { default: file }: { default: string } = createRequire(import.meta.url)("workerd");
    return file;
  } catch {
    return null;
  }
}

/**
 * Becomes workerd, and leaves a process behind that kills it when the other end of the pipe 4 is closed without a line. The kernel closes
 * it when its owner ends, however that ends.
 */
const WATCHED = `(trap '' HUP INT TERM; read -r end <&4 || kill -9 $$) </dev/null >/dev/null 2>&1 3>&- &
exec "$@" 4<&-`;

/**
 * Starts the edge on workerd. The process ends when this one ends, also by SIGKILL. Signals of a terminal do not reach it.
 *
 * @param config the path of a configuration of the built Worker
 * @throws Error when workerd is not installed
 */
export function startWorkerd(config: string, options: WorkerdOptions): Workerd {
  const { listen, state, env, output } = options;
  const file = findWorkerd();
  if (file === null) throw new Error("workerd is not installed");
  const own = ["serve", config, "--socket-addr", `http=${listen}`, "--directory-path", `state=${state}`, "--control-fd=3"];
  const child = spawn("/bin/sh", ["-c", WATCHED, "sh", file, ...own, ...(options.args ?? [])], {
    env: { ...env },
    stdio: ["ignore", output, output, "pipe", "pipe"],
    detached: true,
  });
  const owner = child.stdio[4] as Writable;
  owner.on("error", () => {});
  child.once("exit", () => owner.end("\n"));
  const listening = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => reject(new Error(`workerd ended with ${code ?? signal}`)));
    let messages = "";
    (child.stdio[3] as Readable).on("data", (chunk: Buffer) => {
      messages += chunk.toString();
      const port = /"event":"listen","socket":"http"[^\n]*"port":(\d+)/.exec(messages)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
  });
  // Callers that do not wait for the port see the end of the process itself.
  listening.catch(() => {});
  return { process: child, listening };
}
