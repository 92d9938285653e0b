/** The alarms of a restored class, on files with workerd's tables. Real files: test/process/backup.test.ts. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import * as sqlite from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { setAlarms } from "../../command/alarm-table.ts";

const TABLE = "CREATE TABLE _cf_ALARM (actor_id TEXT PRIMARY KEY, scheduled_time INTEGER, actor_name TEXT) WITHOUT ROWID";

/** Nanoseconds since the epoch, which a number cannot hold. */
const AT = 1_795_987_844_000_000_001n;

function run(folder: string, name: string, ...statements: readonly string[]): void {
  const file = new DatabaseSync(join(folder, name));
  for (const statement of statements) file.exec(statement);
  file.close();
}

/** A folder with three objects: one with an alarm, one without, one that never had one. */
function classFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "alarms-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const table = "CREATE TABLE _cf_METADATA (key INTEGER PRIMARY KEY, value BLOB)";
  run(folder, "a1.sqlite", table, `INSERT INTO _cf_METADATA VALUES (1, ${AT})`);
  run(folder, "b2.sqlite", table, "INSERT INTO _cf_METADATA VALUES (1, NULL)");
  run(folder, "c3.sqlite", "CREATE TABLE record (slot INTEGER)");
  return folder;
}

function alarmsIn(folder: string): unknown[] {
  const file = new DatabaseSync(join(folder, "metadata.sqlite"), { readOnly: true });
  const statement = file.prepare("SELECT * FROM _cf_ALARM ORDER BY actor_id");
  statement.setReadBigInts(true);
  const rows = statement.all().map((row) => ({ ...row }));
  file.close();
  return rows;
}

test("an alarm that the class's file has at another time, or lost, or has too many of, is its object's again", () => {
  const folder = classFolder();
  run(folder, "metadata.sqlite", TABLE, "INSERT INTO _cf_ALARM VALUES ('a1', 5, 'shard 1'), ('b2', 6, NULL), ('gone', 7, NULL)");
  expect(setAlarms(sqlite, folder)).toBe(1);
  expect(alarmsIn(folder)).toEqual([{ actor_id: "a1", scheduled_time: AT, actor_name: "shard 1" }]);
});

test("alarms are set where the class's file is missing", () => {
  const folder = classFolder();
  expect(setAlarms(sqlite, folder)).toBe(1);
  expect(alarmsIn(folder)).toEqual([{ actor_id: "a1", scheduled_time: AT, actor_name: null }]);
});
