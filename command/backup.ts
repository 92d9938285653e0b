/** Copies a state while the edge runs: each SQLite file by SQLite's online backup, as it is at one moment. */
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import type * as Sqlite from "node:sqlite";
import { writeManifest } from "./backup-manifest.ts";
import { sqliteFiles } from "./object-files.ts";
import { isWhole, loadSqlite, makeOneFile, openFile, whyNoSqlite } from "./sqlite.ts";
import { hasObjects, objectsFolder, restoringFolder, whyNotOwner } from "./state-folder.ts";
import type { Terminal } from "./terminal.ts";

/** The usage text. */
export const BACKUP_USAGE = `       freedom-pay-charge backup FOLDER [--state FOLDER]
  Copies the state to a new folder, also while the edge runs. Needs Node 22.16.`;

/** @returns 0 when the backup is whole and in its place, 1 when there is none */
export async function backup(target: string, state: string, { write }: Pick<Terminal, "write">): Promise<0 | 1> {
  const [to, from] = [resolve(target), resolve(state)];
  const sqlite = await loadSqlite();
  const why = sqlite === null ? whyNoSqlite() : whyNoBackup(to, from);
  if (sqlite === null || why !== null) {
    write(`${why}\n`);
    return 1;
  }
  process.umask(0o077);
  const draft = `${to}.${randomUUID()}`;
  try {
    const { files, begun_at } = await copyState(sqlite, from, draft);
    renameSync(draft, to);
    write(`Backed up ${files} files of ${from} to ${to}. It has every order that began before ${begun_at}\n`);
    return 0;
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    write(`No backup was made: ${error instanceof Error ? error.message : "an error"}\n`);
    return 1;
  }
}

/** Why no backup can be made. Null if it can. */
function whyNoBackup(to: string, from: string): string | null {
  if (!hasObjects(from)) return `There is no state in ${from}`;
  if (existsSync(restoringFolder(from))) return `A restore of ${from} was cut off, or still runs`;
  if (to === from || to.startsWith(`${from}${sep}`)) return "The backup cannot be in the state folder";
  if (existsSync(to) && readdirSync(to).length > 0) return `${to} is not empty`;
  if (!existsSync(dirname(to))) return `There is no folder ${dirname(to)}`;
  return whyNotOwner(from);
}

async function copyState(sqlite: typeof Sqlite, state: string, draft: string): Promise<{ files: number; begun_at: string }> {
  const begunAt = new Date();
  const objects = objectsFolder(state);
  const files = sqliteFiles(objects);
  mkdirSync(draft);
  for (const file of files) {
    mkdirSync(dirname(join(objectsFolder(draft), file)), { recursive: true });
    await copyFile(sqlite, join(objects, file), join(objectsFolder(draft), file));
  }
  return writeManifest(draft, { begunAt, files: files.length });
}

/** @throws Error when the copy is not whole */
async function copyFile(sqlite: typeof Sqlite, from: string, to: string): Promise<void> {
  const file = openFile(sqlite, from);
  try {
    // All pages in one step: SQLite begins a copy of several steps again whenever the file changes.
    await sqlite.backup(file, to, { rate: 0x7fff_ffff });
  } finally {
    file.close();
  }
  makeOneFile(sqlite, to);
  if (!isWhole(sqlite, to)) throw new Error(`the copy of ${from} is damaged`);
}
