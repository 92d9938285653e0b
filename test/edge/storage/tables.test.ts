/** The version of a shard's tables. */
import { beforeEach, expect, test } from "vitest";
import { newRecord } from "../../../edge/machine/record.ts";
import { migrateTables, tablesVersion } from "../../../edge/storage/tables.ts";
import { commitOf, ShardHost } from "./shard-host.ts";
import { SqliteStorage } from "./sqlite-storage.ts";

const FIRST = ["CREATE TABLE one (value TEXT NOT NULL)", "INSERT INTO one (value) VALUES ('first')"];
const SECOND = ["ALTER TABLE one ADD COLUMN more TEXT NOT NULL DEFAULT 'second'"];

let storage: SqliteStorage;

beforeEach(() => {
  storage = new SqliteStorage();
});

test("is 0 where nothing was ever written, and reading it writes nothing", () => {
  expect(tablesVersion(storage.sql)).toBe(0);
  expect(storage.all("SELECT name FROM sqlite_master")).toEqual([]);
});

test("is that of the newest migration, and each of them runs once", () => {
  const versions = [[FIRST], [FIRST, SECOND], [FIRST, SECOND]].map((migrations) => {
    migrateTables(storage.sql, migrations);
    return tablesVersion(storage.sql);
  });
  expect(versions).toEqual([1, 2, 2]);
  expect(storage.all("SELECT * FROM one")).toEqual([{ value: "first", more: "second" }]);
});

test("is written once: tables that are up to date cost no row of an object that is opened again", () => {
  migrateTables(storage.sql, [FIRST]);
  const { writtenRows } = storage;
  migrateTables(storage.sql, [FIRST]);
  expect(storage.writtenRows).toBe(writtenRows);
});

test("makes all tables of an empty object at once", () => {
  migrateTables(storage.sql, [FIRST, SECOND]);
  expect([tablesVersion(storage.sql), storage.all("SELECT * FROM one")]).toEqual([2, [{ value: "first", more: "second" }]]);
});

test("stays where a newer deployment has raised it, because changes only add to tables", () => {
  const host = new ShardHost();
  host.order().commit(commitOf());
  host.storage.sql.exec("UPDATE tables_version SET version = 1000");
  host.storage.sql.exec("ALTER TABLE record ADD COLUMN newer TEXT");
  const record = { ...newRecord("1234"), sequence: 7 };
  host.order().commit(commitOf({ record }));
  expect([tablesVersion(host.storage.sql), host.order().load()]).toEqual([1000, record]);
});

test("a migration that fails leaves the tables and the version as they were", () => {
  migrateTables(storage.sql, [FIRST]);
  const broken = [...SECOND, "INSERT INTO one (value) VALUES (NULL)"];
  expect(() => storage.transactionSync(() => migrateTables(storage.sql, [FIRST, broken]))).toThrow("NOT NULL");
  expect([tablesVersion(storage.sql), storage.all("SELECT * FROM one")]).toEqual([1, [{ value: "first" }]]);
});
