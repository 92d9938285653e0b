/**
 * The version of an object's tables. It is a row of its own, so that an object that an older deployment wrote is migrated when it is
 * next opened, and one that a newer deployment wrote is left alone.
 */

/** For each version, the statements that lead to it from the version before. The first list makes the tables. */
export type Migrations = readonly (readonly string[])[];

/** The version of the tables of an object: 0 where nothing was ever written. Reading it writes nothing. */
export function tablesVersion(sql: SqlStorage): number {
  const isThere = sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'tables_version'").toArray().length > 0;
  return isThere ? sql.exec<{ version: number }>("SELECT version FROM tables_version").one().version : 0;
}

/**
 * Brings the tables to the newest version. Call it inside a transaction.
 *
 * @throws {TypeError} for tables of a newer version: a deployment that does not know them must not write them
 */
export function migrateTables(sql: SqlStorage, migrations: Migrations): void {
  const version = tablesVersion(sql);
  if (version === migrations.length) return;
  if (version > migrations.length) throw new TypeError(`This deployment does not know tables of version ${version}`);
  for (const statement of migrations.slice(version).flat()) sql.exec(statement);
  sql.exec("CREATE TABLE IF NOT EXISTS tables_version (version INTEGER NOT NULL)");
  sql.exec("DELETE FROM tables_version");
  sql.exec("INSERT INTO tables_version (version) VALUES (?)", migrations.length);
}
