/** Node's SQLite with the online backup, which older Nodes do not have. */
import type * as Sqlite from "node:sqlite";

/** Milliseconds to wait for a file that workerd is opening or closing. */
const BUSY_TIME = 10_000;

/** The module. Null on a Node without it, or without the online backup. */
export async function loadSqlite(): Promise<typeof Sqlite | null> {
  try {
    const sqlite = await import("node:sqlite");
    return typeof sqlite.backup === "function" ? sqlite : null;
  } catch {
    return null;
  }
}

/** What to say without it. */
export function whyNoSqlite(): string {
  return `Backup and restore need Node 22.16 or newer, for its SQLite; this is ${process.version}. \`serve\` runs on older ones`;
}

/** Opens a file. A read-only connection never truncates the log of a file that workerd has open. */
export function openFile({ DatabaseSync }: typeof Sqlite, path: string, { readOnly = true } = {}): Sqlite.DatabaseSync {
  return new DatabaseSync(path, { readOnly, timeout: BUSY_TIME });
}

/** Whether SQLite finds a file whole. */
export function isWhole(sqlite: typeof Sqlite, path: string): boolean {
  try {
    const file = openFile(sqlite, path);
    try {
      return Object.values(file.prepare("PRAGMA quick_check(1)").get() ?? {})[0] === "ok";
    } finally {
      file.close();
    }
  } catch {
    return false;
  }
}

/** Makes one file of a file and its logs. workerd opens it with logs again. */
export function makeOneFile(sqlite: typeof Sqlite, path: string): void {
  const file = openFile(sqlite, path, { readOnly: false });
  try {
    file.exec("PRAGMA journal_mode = DELETE");
  } finally {
    file.close();
  }
}
