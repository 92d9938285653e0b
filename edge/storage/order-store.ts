/** The rows of an order's object, in its SQLite. Each table is described in edge/README.md. */
import { dayOf } from "../../src/lib/almaty-day.ts";
import { INDEX_TABLE, IndexTable } from "./index-rows.ts";
import { migrateRecord } from "./migration.ts";
import { OUTBOX_TABLE, OutboxTable } from "./outbox-rows.ts";
import { isAway } from "../machine/home-check.ts";
import { HOME_CHECK_INTERVAL, MAX_KEYS } from "../machine/schedule.ts";
import type { ChargeRecord, Deadline, Home, KeyBinding } from "../machine/record.ts";
import type { ChargeStore, Commit } from "../machine/runner.ts";
import type { Migrations } from "./tables.ts";
import { migrateTables, tablesVersion } from "./tables.ts";
import { merchantChargeView } from "../machine/view.ts";

/** The tables. A version is added here, never changed, once one was released. */
const MIGRATIONS: Migrations = [
  [
    "CREATE TABLE charge (id INTEGER PRIMARY KEY CHECK (id = 1), record TEXT NOT NULL)",
    "CREATE TABLE key (scope TEXT NOT NULL, key TEXT NOT NULL, content TEXT NOT NULL, subject INTEGER NOT NULL, PRIMARY KEY (scope, key)) WITHOUT ROWID",
    "CREATE TABLE deadline (name TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID",
    OUTBOX_TABLE,
    INDEX_TABLE,
  ],
];

/** To whom an order's changes go, beside whoever asks. */
export interface StoreOptions {
  /** Whether there is a NOTIFY_URL: what happens while there is none is notified only when it is asked for. */
  readonly hasReceiver: boolean;
  /** Whether there are lists of days (the binding DAYS). */
  readonly hasIndex: boolean;
  readonly retentionDays: number;
  /** The gateway and merchant that the settings name. */
  readonly home: Home;
}

/** An order in a Durable Object's storage. Opening it writes nothing: tables are made with the first commit. */
export class SqlChargeStore implements ChargeStore {
  /** The outbox. Only of an object that has rows. */
  readonly outbox: OutboxTable;
  /** What is owed to the lists of days. Only of an object that has rows. */
  readonly index: IndexTable;
  readonly #storage: DurableObjectStorage;
  readonly #listeners: StoreOptions;

  constructor(storage: DurableObjectStorage, listeners: StoreOptions) {
    this.#storage = storage;
    this.#listeners = listeners;
    this.outbox = new OutboxTable(storage.sql);
    this.index = new IndexTable(storage.sql);
  }

  /** @throws {TypeError} when a newer deployment wrote the record: an older one must not touch it. */
  load(): ChargeRecord | null {
    return this.#open() ? this.#record() : null;
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
      migrateTables(sql, MIGRATIONS);
      const before = this.#record();
      sql.exec(
        "INSERT INTO charge (id, record) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET record = excluded.record",
        JSON.stringify(record),
      );
      if (forget) {
        sql.exec("DELETE FROM key");
        // Nothing leaves while the order is away: what it still owes would be kept for ever.
        if (isAway(record, this.#listeners.home)) this.#forgetUnsent();
        else this.outbox.forget();
      }
      if (binding !== null) {
        const { scope, key, content, subject } = binding;
        sql.exec("INSERT INTO key (scope, key, content, subject) VALUES (?, ?, ?, ?)", scope, key, content, subject);
      }
      for (const row of outbox) this.outbox.insert(row, this.#listeners.hasReceiver);
      if (!forget && viewText(before) !== viewText(record)) this.#updateIndex(Date.now());
      this.#writeDeadlines(deadlines);
    });
    this.arm(null);
  }

  schedule(deadlines: readonly Deadline[]): void {
    const stored = this.#storage.sql.exec<{ name: string; at: number }>("SELECT name, at FROM deadline ORDER BY name").toArray();
    if (deadlinesText(stored) === deadlinesText(deadlines)) return;
    this.#storage.transactionSync(() => this.#writeDeadlines(deadlines));
    this.arm(null);
  }

  #writeDeadlines(deadlines: readonly Deadline[]): void {
    const { sql } = this.#storage;
    sql.exec("DELETE FROM deadline");
    for (const { name, at } of deadlines) sql.exec("INSERT INTO deadline (name, at) VALUES (?, ?)", name, at);
  }

  #forgetUnsent(): void {
    this.#storage.sql.exec("DELETE FROM outbox");
    this.#storage.sql.exec("DELETE FROM day");
  }

  durable(): Promise<void> {
    return this.#storage.sync();
  }

  /** Binds a key of a call that changes no record, unless the order has MOST_KEYS already. */
  bind({ scope, key, content, subject }: KeyBinding): void {
    const { keys } = this.#storage.sql.exec<{ keys: number }>("SELECT COUNT(*) AS keys FROM key").one();
    if (keys < MAX_KEYS)
      this.#storage.sql.exec("INSERT INTO key (scope, key, content, subject) VALUES (?, ?, ?, ?)", scope, key, content, subject);
  }

  /**
   * Sets the alarm to the earliest deadline, notification or list that is owed, or takes it away when there is none. It is never set in
   * the past. Coalesced by the storage with the commit before it.
   * @param instead the alarm rings at this time (milliseconds), whatever the rows say: a deadline that is due and does not get
   * through must not ring again at once, and again
   */
  arm(instead: number | null): void {
    const at = instead ?? (this.#open() ? this.#earliest() : null);
    if (at === null) void this.#storage.deleteAlarm();
    else void this.#storage.setAlarm(Math.max(at, Date.now()));
  }

  #earliest(): number | null {
    const { at } = this.#storage.sql.exec<{ at: number | null }>("SELECT MIN(at) AS at FROM deadline").one();
    const unsent = earliestOf([this.outbox.nextAt(), this.index.nextAt()]);
    // Nothing of an order that is away leaves: what it owes to others waits for its home.
    return earliestOf([at, unsent === null || !this.isAway() ? unsent : Date.now() + HOME_CHECK_INTERVAL]);
  }

  /** Whether the settings name another gateway or merchant than the order's home (M1). */
  isAway(): boolean {
    const record = this.#record();
    return record !== null && isAway(record, this.#listeners.home);
  }

  #record(): ChargeRecord | null {
    const row = this.#storage.sql.exec<{ record: string }>("SELECT record FROM charge").toArray()[0];
    return row === undefined ? null : migrateRecord(JSON.parse(row.record));
  }

  #updateIndex(now: number): void {
    const { hasIndex, retentionDays } = this.#listeners;
    this.index.changed(dayOf(now), { now, retentionDays, isFed: hasIndex });
  }

  /** Whether the object has rows. Brings the rows of an older deployment up to date. */
  #open(): boolean {
    const version = tablesVersion(this.#storage.sql);
    if (version === 0) return false;
    if (version < MIGRATIONS.length) {
      this.#storage.transactionSync(() => migrateTables(this.#storage.sql, MIGRATIONS));
      this.arm(null);
    }
    return true;
  }
}

function earliestOf(times: readonly (number | null)[]): number | null {
  const set = times.filter((time) => time !== null);
  return set.length === 0 ? null : Math.min(...set);
}

/** Deadlines as a text to be compared. */
function deadlinesText(deadlines: readonly Deadline[]): string {
  return JSON.stringify(deadlines.map(({ name, at }) => `${name} ${at}`).sort());
}

/** What a change is seen by: JSON text. */
function viewText(record: ChargeRecord | null): string {
  return record === null ? "" : JSON.stringify(merchantChargeView(record));
}
