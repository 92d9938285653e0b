/** The SQLite files that workerd keeps: a folder for each class, with a file for each object and one with the alarms. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The file with the alarms of a class. */
export const ALARMS_FILE = "metadata.sqlite";

/** The classes' folders. The daily indexes come last: an index that is newer than a shard is harmless, an older one would miss changes. */
export function classFolders(objects: string): string[] {
  const names = readdirSync(objects, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  return names.toSorted((one, other) => Number(isIndex(one)) - Number(isIndex(other)));
}

function isIndex(name: string): boolean {
  return name.endsWith("-daily-index");
}

/** The files of all classes, below the folder. Their logs (`-wal`, `-shm`) belong to them. */
export function sqliteFiles(objects: string): string[] {
  if (!existsSync(objects)) return [];
  return classFolders(objects).flatMap((folder) =>
    readdirSync(join(objects, folder))
      .filter((name) => name.endsWith(".sqlite"))
      .map((name) => join(folder, name)),
  );
}
