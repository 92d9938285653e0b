/**
 * A disk of a few megabytes for one process: a file system in memory, in a mount namespace of that process. It ends with the process, so
 * nothing has to be unmounted.
 */
import { spawnSync } from "node:child_process";
import { rmSync, statfsSync, writeFileSync } from "node:fs";

/** As root, or in a user namespace where those are allowed. */
const UNSHARE = ["--mount", ...(process.getuid?.() === 0 ? [] : ["--map-root-user"])];

/** The command that gives a program a small disk in an empty folder. */
export function onSmallDisk(folder: string, megabytes: number, command: readonly [string, ...string[]]): readonly [string, ...string[]] {
  const script = `mount -t tmpfs -o size=${megabytes}m tmpfs "$0" && exec "$@"`;
  return ["unshare", ...UNSHARE, "sh", "-c", script, folder, ...command];
}

/** Whether this machine allows it. */
export function allowsSmallDisks(): boolean {
  return spawnSync("unshare", [...UNSHARE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], { stdio: "ignore" }).status === 0;
}

/** The small disk of a running process, seen from outside. */
export class SmallDisk {
  readonly #folder: string;

  constructor(pid: number, folder: string) {
    this.#folder = `/proc/${pid}/root${folder}`;
  }

  /** Bytes that are free. */
  free(): number {
    const { bavail, bsize } = statfsSync(this.#folder);
    return bavail * bsize;
  }

  /** Fills it to the last byte. */
  fill(): void {
    for (const size of [2 ** 20, 2 ** 12, 1])
      for (;;)
        try {
          writeFileSync(this.#filler(), Buffer.alloc(size), { flag: "a" });
        } catch {
          break;
        }
  }

  /** Deletes what {@link fill} wrote. */
  makeRoom(): void {
    rmSync(this.#filler(), { force: true });
  }

  #filler(): string {
    return `${this.#folder}/filler`;
  }
}
