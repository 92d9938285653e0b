/**
 * One process at a time uses a state folder. The lock is a Unix socket that its owner listens at, because the kernel closes it when the
 * owner ends, however that ends: a pid could be another program's by then, or invisible in another container.
 *
 * 1. Locks have growing numbers: `lock.1`, `lock.2`. The owner is the process that listens at the highest.
 * 2. The highest is never removed. A process that finds no listener there adds the next number. Only one can, because a link is made only
 *    where there is no file; and the socket already listens when it gets its name.
 * 3. A process that added a number looks again. A higher one means that this one was added late, after its predecessors were removed.
 */
import { randomUUID } from "node:crypto";
import { linkSync, readdirSync, rmSync } from "node:fs";
import type { Server } from "node:net";
import { connect, createServer } from "node:net";
import { join } from "node:path";

/** A lock that this process owns, until it ends or gives it back. */
export interface StateLock {
  /** Afterwards another process may use the folder. */
  release(): void;
}

/** The process that uses the folder. Its pid is null if it did not answer with one. */
export interface LockOwner {
  readonly pid: number | null;
}

/** Bytes of a socket's path that every system allows (macOS: 104 with the end). */
const LONGEST_PATH = 100;

/** Milliseconds for the owner's answer. It may be stopped. */
const ANSWER_TIME = 1000;

const NAME = /^lock\.(\d+)$/;

/** Bytes of the longest name in the folder: that of a socket before it gets its number. */
const NAME_BYTES = "/lock-".length + randomUUID().length;

/** Whether the folder's path is too long for a socket in it. */
export function isTooLong(folder: string): boolean {
  return Buffer.byteLength(folder) + NAME_BYTES > LONGEST_PATH;
}

/**
 * Takes the lock of a state folder.
 *
 * @param folder an existing folder, as an absolute path that is not too long
 * @param found called between looking and adding a lock. Tests let other processes come first
 * @returns the lock, or the process that has it
 */
export async function lockState(folder: string, found: () => Promise<void> = async () => {}): Promise<StateLock | LockOwner> {
  for (;;) {
    const highest = Math.max(0, ...numbersIn(folder));
    const owner = highest === 0 ? null : await ownerOf(join(folder, `lock.${highest}`));
    if (owner !== null) return owner;
    await found();
    const server = await addLock(folder, highest + 1);
    if (server === null) continue;
    if (Math.max(...numbersIn(folder)) > highest + 1) {
      rmSync(join(folder, `lock.${highest + 1}`), { force: true });
      server.close();
      continue;
    }
    for (const number of numbersIn(folder)) if (number <= highest) rmSync(join(folder, `lock.${number}`), { force: true });
    return { release: () => void server.close() };
  }
}

/** Whether this process got the lock. */
export function isLocked(lock: StateLock | LockOwner): lock is StateLock {
  return "release" in lock;
}

function numbersIn(folder: string): number[] {
  return readdirSync(folder).flatMap((name) => {
    const number = NAME.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}

/** The process that listens at a lock. Null if there is none any more. */
function ownerOf(path: string): Promise<LockOwner | null> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(path);
    socket.setTimeout(ANSWER_TIME, () => socket.destroy());
    socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
    socket.once("close", () => resolve({ pid: /^\d+$/.test(text) ? Number(text) : null }));
    socket.once("error", (error: NodeJS.ErrnoException) => {
      // A stopped owner with a full queue answers EAGAIN.
      if (error.code === "ECONNREFUSED" || error.code === "ENOENT") resolve(null);
      else if (error.code === "EAGAIN" || error.code === "ECONNRESET") resolve({ pid: null });
      else reject(error);
    });
  });
}

/** Listens at a new lock. Null if another process added it. */
async function addLock(folder: string, number: number): Promise<Server | null> {
  const draft = join(folder, `lock-${randomUUID()}`);
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.end(String(process.pid));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(draft, resolve);
  });
  server.unref();
  try {
    linkSync(draft, join(folder, `lock.${number}`));
    return server;
  } catch (error) {
    server.close();
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return null;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}
