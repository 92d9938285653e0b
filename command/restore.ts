/** Puts a backup in the place of a state. Nothing may run on it meanwhile. */
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type * as Sqlite from "node:sqlite";
import { setAlarms } from "./alarm-table.ts";
import type { Manifest } from "./backup-manifest.ts";
import { readManifest } from "./backup-manifest.ts";
import { classFolders, sqliteFiles } from "./object-files.ts";
import { isWhole, loadSqlite, whyNoSqlite } from "./sqlite.ts";
import { hasObjects, objectsFolder, openStateFolder, restoringFolder, tighten } from "./state-folder.ts";
import type { Terminal } from "./terminal.ts";

/** The flags for `parseArgs`. */
export const RESTORE_FLAGS = { state: { type: "string" }, replace: { type: "boolean", default: false } } as const;

/** The usage text. */
export const RESTORE_USAGE = `       freedom-pay-charge restore FOLDER [--state FOLDER] [--replace]
  Puts a backup in the place of the state, while the edge does not run. Needs Node 22.16.
  --replace             also where there is a state. It is kept in the state folder, under another name`;

export interface RestoreOptions {
  readonly state: string;
  readonly replace: boolean;
}

/** @returns 0 when the state is that of the backup, 1 when nothing was changed */
export async function restore(backup: string, options: RestoreOptions, { write }: Pick<Terminal, "write">): Promise<0 | 1> {
  const from = resolve(backup);
  const sqlite = await loadSqlite();
  const manifest = sqlite === null ? whyNoSqlite() : readWholeBackup(sqlite, from);
  const state = typeof manifest === "string" ? manifest : await openStateFolder(options.state);
  if (sqlite === null || typeof manifest === "string" || typeof state === "string") {
    write(`${typeof manifest === "string" ? manifest : state}\n`);
    return 1;
  }
  const { folder, release } = state;
  try {
    if (hasObjects(folder) && !options.replace) {
      write(`There is a state in ${folder}. Restore to another folder, or with --replace, which keeps it under another name\n`);
      return 1;
    }
    const alarms = prepare(sqlite, from, folder);
    const replaced = putInPlace(folder);
    write(reportOf({ manifest, from, folder, alarms, replaced }));
    return 0;
  } catch (error) {
    write(`Nothing was restored: ${error instanceof Error ? error.message : "an error"}\n`);
    return 1;
  } finally {
    release();
  }
}

/** Reads a backup, with all its files. @returns its manifest, or a text that says why it cannot be restored */
function readWholeBackup(sqlite: typeof Sqlite, from: string): Manifest | string {
  const manifest = readManifest(from);
  if (typeof manifest === "string") return manifest;
  const files = sqliteFiles(objectsFolder(from));
  if (files.length !== manifest.files) return `${from} has ${files.length} of its ${manifest.files} files`;
  const damaged = files.find((file) => !isWhole(sqlite, join(objectsFolder(from), file)));
  return damaged === undefined ? manifest : `${join(from, damaged)} is damaged`;
}

/** Copies the files beside their place, and sets their alarms. @returns how many alarms there are */
function prepare(sqlite: typeof Sqlite, from: string, folder: string): number {
  const restoring = restoringFolder(folder);
  rmSync(restoring, { recursive: true, force: true });
  mkdirSync(restoring);
  for (const file of sqliteFiles(objectsFolder(from))) {
    mkdirSync(dirname(join(restoring, file)), { recursive: true });
    cpSync(join(objectsFolder(from), file), join(restoring, file));
  }
  tighten(restoring);
  return classFolders(restoring).reduce((sum, name) => sum + setAlarms(sqlite, join(restoring, name)), 0);
}

/** Puts the prepared files in their place. @returns where those before them are; null if there were none */
function putInPlace(folder: string): string | null {
  const objects = objectsFolder(folder);
  const replaced = hasObjects(folder) ? join(folder, `replaced-${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "")}`) : null;
  if (replaced !== null) renameSync(objects, replaced);
  else if (existsSync(objects)) rmSync(objects, { recursive: true });
  renameSync(restoringFolder(folder), objects);
  return replaced;
}

interface Restored {
  readonly manifest: Manifest;
  readonly from: string;
  readonly folder: string;
  readonly alarms: number;
  readonly replaced: string | null;
}

function reportOf({ manifest, from, folder, alarms, replaced }: Restored): string {
  const { files, begun_at, ended_at } = manifest;
  const kept = replaced === null ? "" : `The state before is kept in ${replaced}\n`;
  return `Restored ${files} files and ${alarms} alarms from ${from} to ${folder}
${kept}
The edge does not know orders that began after ${ended_at}, and may not know those that began after ${begun_at}.
If your books say that such an order was paid, POST it again with the same order_id and terms: the gateway answers with the
payment that it has, and makes no second one. Orders that were undecided then are polled as soon as the edge starts. What
happened to the others after the backup, such as a refund, is read before their next operation. See docs/backup.md
`;
}
