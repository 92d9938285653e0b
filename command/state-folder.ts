/**
 * The folder of the edge's state. Only its owner may read it, because orders are about persons.
 *
 * - `objects/`: what workerd writes, one SQLite file for each object and two with alarms
 * - `lock.N`: see state-lock.ts
 * - `restoring/`: a restore that was cut off
 * - `replaced-TIME/`: the `objects/` that a restore replaced
 */
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { isLocked, isTooLong, lockState } from "./state-lock.ts";

/** A state folder that this process has locked. */
export interface StateFolder {
  readonly folder: string;
  /** How many files and folders others could read or write. They were corrected. */
  readonly corrected: number;
  /** Gives the lock back. */
  release(): void;
}

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** The permissions that everybody but the owner has. */
const OTHERS = 0o077;

/** A name of the state folder, where none is given: systemd's, or one in the current folder. */
export function defaultStateFolder(env: Readonly<Record<string, string | undefined>>): string {
  // systemd separates several folders by colons.
  const [first = ""] = (env["STATE_DIRECTORY"] ?? "").split(":");
  return first === "" ? "freedom-pay-charge-state" : first;
}

/** Where the objects' files are in a state folder. */
export function objectsFolder(state: string): string {
  return join(state, "objects");
}

/** Where a restore puts the files before they take their place. */
export function restoringFolder(state: string): string {
  return join(state, "restoring");
}

/** Whether something is in the folder of the objects' files. */
export function hasObjects(state: string): boolean {
  const objects = objectsFolder(state);
  return existsSync(objects) && readdirSync(objects).length > 0;
}

/**
 * Creates the state folder where there is none, locks it, and takes the permissions of others away. From here on this process makes files
 * that only it may read.
 *
 * @returns the folder, or a text that says why it cannot be used
 */
export async function openStateFolder(path: string): Promise<StateFolder | string> {
  process.umask(OTHERS);
  const folder = resolve(path);
  if (isTooLong(folder)) return `The path of the state folder is too long for the lock in it: ${folder}`;
  try {
    mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
    const stranger = whyNotOwner(folder);
    if (stranger !== null) return stranger;
    const lock = await lockState(folder);
    if (!isLocked(lock)) return `Another process${lock.pid === null ? "" : ` (pid ${lock.pid})`} uses the state folder ${folder}`;
    return { folder, corrected: tighten(folder), release: lock.release };
  } catch (error) {
    const { code, path: where = folder } = error as NodeJS.ErrnoException;
    return `The state folder ${folder} cannot be used: ${code ?? "an error"} at ${where}`;
  }
}

/** Files of another user would be unreadable for the user that the edge runs as. @returns null if the folder is this user's */
export function whyNotOwner(folder: string): string | null {
  const { uid } = statSync(folder);
  return uid === process.getuid?.() ? null : `The folder ${folder} belongs to the user ${uid}: run this as that user`;
}

/** Takes the permissions of others away. @returns how many files and folders had some */
export function tighten(path: string): number {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  // workerd may remove a file meanwhile. A link has no permissions of its own.
  if (stats === undefined || stats.isSymbolicLink()) return 0;
  const isWide = (stats.mode & OTHERS) !== 0;
  if (isWide) chmodSync(path, stats.isDirectory() ? FOLDER_MODE : FILE_MODE);
  const inside = stats.isDirectory() ? readdirSync(path).map((name) => tighten(join(path, name))) : [];
  return inside.reduce((sum, count) => sum + count, isWide ? 1 : 0);
}
