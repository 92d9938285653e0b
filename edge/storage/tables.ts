/**
 * The tables of a shard and their version. A shard that an older deployment wrote is migrated when it is next written; one that a newer
 * deployment wrote is used as it is, because tables change additively.
 */
import type { Sql } from "./sql.ts";

/** For each version, the statements that lead to it from the version before. The first list makes the tables. */
export type Migrations = readonly (readonly string[])[];

/** The version of the tables of an object: 0 where nothing was ever written. Reading it writes nothing. */
export function tablesVersion(sql: Sql): number {
  const isThere = sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'tables_version'").toArray().length > 0;
  return isThere ? sql.exec<{ version: number }>("SELECT version FROM tables_version").one().version : 0;
}

/** Migrates the tables to the newest version. Call it inside a transaction. Newer tables are left alone. */
export function migrateTables(sql: Sql, migrations: Migrations): void {
  const version = tablesVersion(sql);
  if (version >= migrations.length) return;
  const statements = [
    ...migrations.slice(version).flat(),
    "CREATE TABLE IF NOT EXISTS tables_version (version INTEGER NOT NULL)",
    "DELETE FROM tables_version",
    `INSERT INTO tables_version (version) VALUES (${migrations.length})`,
  ];
  sql.exec(statements.join(";\n"));
}
