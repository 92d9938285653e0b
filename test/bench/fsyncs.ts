/** Counts how often a process waits for the disk, with strace. It slows the process down, so nothing else is measured meanwhile. */
import { spawn } from "node:child_process";

/** A running count. */
export interface FsyncCount {
  /** Calls of fsync and fdatasync until now; null where strace cannot be used. */
  count(): number | null;
  stop(): Promise<void>;
}

/** Begins to count once strace is attached to all threads of the process. */
export async function countFsyncs(pid: number): Promise<FsyncCount> {
  const child = spawn("strace", ["-f", "-e", "trace=fsync,fdatasync", "-e", "signal=none", "-p", String(pid)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let output = "";
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    child.once("error", () => resolve());
  });
  const attached = new Promise<boolean>((resolve) => {
    child.stderr.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (/: Process \d+ attached/.test(output)) resolve(true);
    });
    void ended.then(() => resolve(false));
  });
  const works = await attached;
  return {
    count: () => (works ? [...output.matchAll(/\b(?:fsync|fdatasync)\(/g)].length : null),
    stop: async () => {
      child.kill("SIGINT");
      await ended;
    },
  };
}
