/**
 * The rows of an order's object, in its SQLite. Each table is described in edge/README.md; the version of the tables is a row of
 * its own, so that an object written by an older deployment is migrated when it is next opened.
 */
import type { ChargeRecord, KeyBinding } from "./record.ts";
import { migrateRecord } from "./migration.ts";
import type { ChargeStore, Commit } from "./runner.ts";

/** Statements that bring the tables from the version before to this one; the first makes them. */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    "CREATE TABLE charge (id INTEGER PRIMARY KEY CHECK (id = 1), record TEXT NOT NULL)",
    "CREATE TABLE key (scope TEXT NOT NULL, key TEXT NOT NULL, content TEXT NOT NULL, subject INTEGER NOT NULL, PRIMARY KEY (scope, key)) WITHOUT ROWID",
    "CREATE TABLE deadline (name TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE outbox (sequence INTEGER PRIMARY KEY, type TEXT NOT NULL, at INTEGER NOT NULL, data TEXT NOT NULL)",
  ],
];

/** The version of the tables that this code writes. */
export const TABLES_VERSION: number = MIGRATIONS.length;

/** An order in a Durable Object's storage. Opening it writes nothing: tables are made with the first commit. */
export class SqlChargeStore implements ChargeStore {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** @throws {TypeError} when a newer deployment wrote the record: an older one must not touch it. */
  load(): ChargeRecord | null {
    if (!this.#open()) return null;
    const row = this.#storage.sql.exec<{ record: string }>("SELECT record FROM charge").toArray()[0];
    if (row === undefined) return null;
    return migrateRecord(JSON.parse(row.record));
  }

  binding(scope: string, key: string): KeyBinding | null {
    if (!this.#open()) return null;
    const found = this.#storage.sql.exec<{ content: string; subject: number }>(
      "SELECT content, subject FROM key WHERE scope = ? AND key = ?",
      scope,
      key,
    );
    const row = found.toArray()[0];
    return row === undefined ? null : { scope, key, ...row };
  }

  commit({ record, binding, outbox, deadlines, forget }: Commit): void {
    this.#storage.transactionSync(() => {
      const { sql } = this.#storage;
      this.#migrate();
      sql.exec(
        "INSERT INTO charge (id, record) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET record = excluded.record",
        JSON.stringify(record),
      );
      if (forget) for (const table of ["key", "outbox"]) sql.exec(`DELETE FROM ${table}`);
      if (binding !== null) {
        const { scope, key, content, subject } = binding;
        sql.exec("INSERT INTO key (scope, key, content, subject) VALUES (?, ?, ?, ?)", scope, key, content, subject);
      }
      for (const { sequence, type, at, data } of outbox) {
        sql.exec("INSERT INTO outbox (sequence, type, at, data) VALUES (?, ?, ?, ?)", sequence, type, at, data);
      }
      sql.exec("DELETE FROM deadline");
      for (const { name, at } of deadlines) sql.exec("INSERT INTO deadline (name, at) VALUES (?, ?)", name, at);
    });
    this.arm(null);
  }

  durable(): Promise<void> {
    return this.#storage.sync();
  }

  /**
   * Sets the alarm to the earliest deadline, or takes it away when there is none. Coalesced by the storage with the commit before it.
   * @param instead the alarm rings at this time (milliseconds), whatever the rows say: a deadline that is due and does not get
   * through must not ring again at once, and again
   */
  arm(instead: number | null): void {
    const earliest = this.#open() ? this.#storage.sql.exec<{ at: number | null }>("SELECT MIN(at) AS at FROM deadline").one().at : null;
    const at = instead ?? earliest;
    if (at === null) void this.#storage.deleteAlarm();
    else void this.#storage.setAlarm(at);
  }

  /** Whether the object has rows. Brings the rows of an older deployment up to date. */
  #open(): boolean {
    const version = this.#version();
    if (version === 0) return false;
    if (version < TABLES_VERSION) this.#storage.transactionSync(() => this.#migrate());
    return true;
  }

  #version(): number {
    const { sql } = this.#storage;
    const isThere = sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'tables_version'").toArray().length > 0;
    return isThere ? sql.exec<{ version: number }>("SELECT version FROM tables_version").one().version : 0;
  }

  #migrate(): void {
    const { sql } = this.#storage;
    const version = this.#version();
    if (version === TABLES_VERSION) return;
    if (version > TABLES_VERSION) throw new Error("A newer deployment wrote these tables");
    for (const statement of MIGRATIONS.slice(version).flat()) sql.exec(statement);
    sql.exec("CREATE TABLE IF NOT EXISTS tables_version (version INTEGER NOT NULL)");
    sql.exec("DELETE FROM tables_version");
    sql.exec("INSERT INTO tables_version (version) VALUES (?)", TABLES_VERSION);
  }
}
