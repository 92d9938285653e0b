/**
 * The alarms of a class. workerd keeps each twice: in the object's own file, which is what the object sees, and in the file of the class,
 * which is what fires. A backup copies the files at different moments, so a restore writes the second from the first. An alarm in the past
 * fires as soon as workerd starts.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type * as Sqlite from "node:sqlite";
import { ALARMS_FILE } from "./object-files.ts";
import { openFile } from "./sqlite.ts";

const SUFFIX = ".sqlite";

/** The key of an object's alarm among what workerd stores in the object's file, in nanoseconds since the epoch. */
const ALARM_KEY = 1;

const TABLE = "CREATE TABLE IF NOT EXISTS _cf_ALARM (actor_id TEXT PRIMARY KEY, scheduled_time INTEGER, actor_name TEXT) WITHOUT ROWID";

/** Sets the alarms of a class to those of its objects. @returns how many there are */
export function setAlarms(sqlite: typeof Sqlite, folder: string): number {
  const ids = readdirSync(folder).flatMap((name) => (name.endsWith(SUFFIX) && name !== ALARMS_FILE ? [name.slice(0, -SUFFIX.length)] : []));
  const alarms = ids.flatMap((id) => {
    const at = alarmOf(sqlite, join(folder, `${id}${SUFFIX}`));
    return at === null ? [] : [{ id, at }];
  });
  const file = openFile(sqlite, join(folder, ALARMS_FILE), { readOnly: false });
  try {
    file.exec(TABLE);
    const names = new Map(
      file
        .prepare("SELECT actor_id, actor_name FROM _cf_ALARM")
        .all()
        .map((row) => [row["actor_id"], row["actor_name"]]),
    );
    file.exec("BEGIN");
    file.exec("DELETE FROM _cf_ALARM");
    const insert = file.prepare("INSERT INTO _cf_ALARM (actor_id, scheduled_time, actor_name) VALUES (?, ?, ?)");
    for (const { id, at } of alarms) insert.run(id, at, names.get(id) ?? null);
    file.exec("COMMIT");
  } finally {
    file.close();
  }
  return alarms.length;
}

/** The alarm in an object's own file. Null without one. */
function alarmOf(sqlite: typeof Sqlite, path: string): bigint | null {
  const file = openFile(sqlite, path);
  try {
    const hasTable = file.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '_cf_METADATA'").get() !== undefined;
    if (!hasTable) return null;
    const statement = file.prepare("SELECT value FROM _cf_METADATA WHERE key = ?");
    statement.setReadBigInts(true);
    const value = statement.get(ALARM_KEY)?.["value"];
    return typeof value === "bigint" ? value : null;
  } finally {
    file.close();
  }
}
