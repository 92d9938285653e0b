/**
 * The storage of one simulated object: real SQLite in memory, with the failures of a Durable Object's storage. Writes become durable some
 * milliseconds later, all of one step together. They may be refused, lost in an eviction, or undone by a restore.
 */
import { DatabaseSync } from "node:sqlite";
import type { StatementSync } from "node:sqlite";
import type { Home, KeyBinding, OutboxRow } from "../../edge/machine/record.ts";
import { slotOf } from "../../edge/storage/placement.ts";
import { MAX_BYTES } from "../../edge/storage/shard-store.ts";
import type { ShardStorage, Sql, SqlRows, SqlValue } from "../../edge/storage/sql.ts";
import type { Schedule } from "./schedule.ts";

/** The rows of one order, and the alarm, at one moment. */
export interface Rows {
  /** JSON text. */
  readonly record: string | null;
  readonly due: number | null;
  readonly bindings: ReadonlyMap<string, KeyBinding>;
  readonly outbox: readonly OutboxRow[];
  /** By the edge's clock; null: none. */
  readonly alarm: number | null;
  /** The stored home of the shard. */
  readonly home: Home | null;
}

/** The whole storage at one moment. */
interface Dump {
  readonly schema: readonly string[];
  readonly tables: readonly { readonly name: string; readonly rows: readonly Record<string, SqlValue>[] }[];
  readonly alarm: number | null;
}

/** The longest time until a commit is durable, in ms. */
export const LONGEST_FLUSH = 12;

const EMPTY: Dump = { schema: [], tables: [], alarm: null };

/** The shard as it was before the order: the shard's identity is there, because it had other orders before. */
function withoutOrders(dump: Dump): Dump {
  return {
    ...dump,
    alarm: null,
    tables: dump.tables.map((table) => ({ ...table, rows: table.rows.filter((row) => !("order_id" in row)) })),
  };
}

/** The storage refuses a commit. Its message holds what no log may show. */
export class StorageRefused extends Error {
  override readonly name: string = "StorageRefused";

  constructor() {
    super("INSERT INTO charge: test-secret-of-a-row");
  }
}

/** The part of the world that the storage uses. */
export interface StoragePlatform {
  readonly schedule: Schedule;
  /** Milliseconds until a commit is durable. */
  flushTime(): number;
  /** Whether commits are refused now. */
  refusesCommit(): boolean;
  /** Whether a flush fails now. Then the object is evicted. */
  failsFlush(): boolean;
  onAlarmChanged(): void;
  onFlushFailed(): void;
}

/** The writes of one step that are not durable yet. They become durable together. */
interface Unflushed {
  readonly step: number;
  /** Null while it is the state of the database. */
  dump: Dump | null;
  readonly waiting: (() => void)[];
}

export class SimulatedStorage implements ShardStorage {
  readonly #platform: StoragePlatform;
  readonly sql: Sql;
  #db = new DatabaseSync(":memory:");
  #statements = new Map<string, StatementSync>();
  #schema: { readonly schema: readonly string[]; readonly tables: readonly string[] } | null = null;
  #alarm: number | null = null;
  #version = 0;
  #rows: { readonly version: number; readonly orderId: string; readonly rows: Rows } | null = null;
  #durable: Dump = EMPTY;
  #durableRows: { readonly dump: Dump; readonly orderId: string; readonly rows: Rows } | null = null;
  #unflushed: Unflushed[] = [];
  #flushedBy = 0;
  #inTransaction = false;
  /** Every durable state in which a record differed. */
  readonly #history: Dump[] = [];
  /** The version of the records that are loaded; null: as they were stored. */
  #recordVersion: number | null = null;
  /** Whether the storage reports 90 % of what it can hold. */
  isFull = false;

  constructor(platform: StoragePlatform) {
    this.#platform = platform;
    const size = (): number => (this.isFull ? 0.9 * MAX_BYTES : 0);
    this.sql = {
      get databaseSize() {
        return size();
      },
      exec: (statement, ...bindings) => this.#exec(statement, bindings),
    };
  }

  /** The alarm; null without one. By the edge's clock. */
  get alarm(): number | null {
    return this.#alarm;
  }

  setAlarm(at: number | null): void {
    this.#beforeWrite();
    this.#alarm = at;
    this.#platform.onAlarmChanged();
  }

  transactionSync<Value>(closure: () => Value): Value {
    if (this.#platform.refusesCommit()) throw new StorageRefused();
    this.#beforeWrite();
    this.#db.exec("BEGIN");
    this.#inTransaction = true;
    try {
      const value = closure();
      this.#db.exec("COMMIT");
      return value;
    } catch (error) {
      this.#db.exec("ROLLBACK");
      this.#schema = null;
      throw error;
    } finally {
      this.#inTransaction = false;
    }
  }

  /** Resolves when everything that was written is durable. */
  durable(): Promise<void> {
    const last = this.#unflushed.at(-1);
    return last === undefined ? Promise.resolve() : new Promise((resolve) => last.waiting.push(resolve));
  }

  /** The rows of an order as the object sees them. The same value as long as nothing was written. */
  rows(orderId: string): Rows {
    if (this.#rows?.version !== this.#version || this.#rows.orderId !== orderId)
      this.#rows = { version: this.#version, orderId, rows: this.#readRows(orderId) };
    return this.#rows.rows;
  }

  /** The rows of an order that would survive a crash now. */
  durableRows(orderId: string): Rows {
    if (this.#unflushed.length === 0) return this.rows(orderId);
    if (this.#durableRows?.dump !== this.#durable || this.#durableRows.orderId !== orderId)
      this.#durableRows = { dump: this.#durable, orderId, rows: rowsOfDump(this.#durable, orderId) };
    return this.#durableRows.rows;
  }

  /** The object is evicted. Writes that were not yet durable are kept or lost. */
  crash(keepsUnflushed: boolean): void {
    const isDirty = this.#unflushed.length > 0;
    this.#unflushed = [];
    if (keepsUnflushed) {
      if (isDirty) this.#keep(this.#dump());
    } else if (isDirty) this.#load(this.#durable);
    this.#platform.onAlarmChanged();
  }

  /** The platform loses the alarm. */
  loseAlarm(): void {
    this.#version += 1;
    this.#alarm = null;
    this.#durable = { ...this.#durable, alarm: null };
    for (const one of this.#unflushed) if (one.dump !== null) one.dump = { ...one.dump, alarm: null };
  }

  /** Another deployment reads the records, for which they have this version. Call it when everything is durable. */
  setRecordVersion(version: number): void {
    this.#recordVersion = version;
    this.#load(withRecordVersion(this.#durable, version));
    this.#durable = this.#dump();
  }

  /** Restores the n-th durable state, or the last. 0: the one before the order's first write. */
  restore(to: number): void {
    this.#unflushed = [];
    const dump = to === 0 ? withoutOrders(this.#durable) : (this.#history[to - 1] ?? this.#durable);
    this.#load(this.#recordVersion === null ? dump : withRecordVersion(dump, this.#recordVersion));
    this.#keep(this.#dump());
    this.#platform.onAlarmChanged();
  }

  #exec<Row extends Record<string, SqlValue>>(statement: string, bindings: readonly SqlValue[]): SqlRows<Row> {
    if (!/^\s*SELECT/.test(statement)) {
      if (!this.#inTransaction && this.#platform.refusesCommit()) throw new StorageRefused();
      this.#beforeWrite();
    }
    if (statement.includes(";\n")) {
      this.#schema = null;
      this.#db.exec(statement);
      return rowsOf<Row>([]);
    }
    const prepared = this.#statements.get(statement) ?? this.#db.prepare(statement);
    this.#statements.set(statement, prepared);
    return rowsOf(prepared.all(...(bindings as (string | number | null)[])) as Row[]);
  }

  /** Before the first write of a step the state after the step before is kept, because its flush may still fail. */
  #beforeWrite(): void {
    this.#version += 1;
    const { schedule } = this.#platform;
    const last = this.#unflushed.at(-1);
    if (last?.step === schedule.steps) return;
    if (last !== undefined) last.dump ??= this.#dump();
    const unflushed: Unflushed = { step: schedule.steps, dump: null, waiting: [] };
    this.#unflushed.push(unflushed);
    this.#flushedBy = Math.max(this.#flushedBy, schedule.now + this.#platform.flushTime());
    schedule.at(this.#flushedBy, () => this.#flush(unflushed));
  }

  #flush(unflushed: Unflushed): void {
    if (this.#unflushed[0] !== unflushed) return;
    if (this.#platform.failsFlush()) {
      this.#platform.onFlushFailed();
      return;
    }
    this.#unflushed.shift();
    this.#keep(unflushed.dump ?? this.#dump());
    for (const resolve of unflushed.waiting) resolve();
  }

  #keep(dump: Dump): void {
    if (recordsOf(dump) !== recordsOf(this.#durable)) this.#history.push(dump);
    this.#durable = dump;
  }

  #dump(): Dump {
    const { schema, tables } = this.#tables();
    return { schema, tables: tables.map((name) => ({ name, rows: this.#all(`SELECT * FROM ${name}`) })), alarm: this.#alarm };
  }

  #load({ schema, tables, alarm }: Dump): void {
    this.#version += 1;
    this.#db = new DatabaseSync(":memory:");
    this.#statements = new Map();
    this.#schema = null;
    for (const statement of schema) this.#db.exec(statement);
    for (const { name, rows } of tables)
      for (const row of rows) {
        const columns = Object.keys(row);
        this.#db
          .prepare(`INSERT INTO ${name} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`)
          .run(...(Object.values(row) as (string | number | null)[]));
      }
    this.#alarm = alarm;
  }

  #readRows(orderId: string): Rows {
    const { tables } = this.#tables();
    const own = (name: string): readonly Record<string, SqlValue>[] =>
      this.#all(`SELECT * FROM ${name} WHERE slot = ? AND order_id = ?`, slotOf(orderId), orderId);
    const isMade = tables.length > 0;
    return rowsFrom({
      own: (name) => (isMade ? own(name) : []),
      shard: isMade ? this.#all("SELECT * FROM shard")[0] : undefined,
      alarm: this.#alarm,
    });
  }

  /** The tables and the statements that made them. Read again after a change of them alone. */
  #tables(): { readonly schema: readonly string[]; readonly tables: readonly string[] } {
    if (this.#schema === null) {
      const objects = this.#db.prepare("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid").all() as {
        type: string;
        name: string;
        sql: string;
      }[];
      this.#schema = {
        schema: objects.map(({ sql }) => sql),
        tables: objects.filter(({ type }) => type === "table").map(({ name }) => name),
      };
    }
    return this.#schema;
  }

  #all(statement: string, ...bindings: readonly (string | number)[]): Record<string, SqlValue>[] {
    const prepared = this.#statements.get(statement) ?? this.#db.prepare(statement);
    this.#statements.set(statement, prepared);
    return prepared.all(...bindings) as Record<string, SqlValue>[];
  }
}

function rowsOf<Row>(rows: Row[]): SqlRows<Row> {
  return {
    toArray: () => rows,
    one() {
      const [row] = rows;
      if (row === undefined || rows.length > 1) throw new Error(`Expected one row, got ${rows.length}`);
      return row;
    },
  };
}

function table(dump: Dump, name: string): readonly Record<string, SqlValue>[] {
  return dump.tables.find((one) => one.name === name)?.rows ?? [];
}

/** The same state with another version in every record. */
function withRecordVersion(dump: Dump, version: number): Dump {
  const tables = dump.tables.map(({ name, rows }) =>
    name === "record" ? { name, rows: rows.map((row) => ({ ...row, record: versioned(String(row["record"]), version) })) } : { name, rows },
  );
  return { ...dump, tables };
}

function versioned(record: string, version: number): string {
  return JSON.stringify({ ...(JSON.parse(record) as Record<string, unknown>), version });
}

function recordsOf(dump: Dump): string {
  return table(dump, "record")
    .map(({ record }) => record)
    .join("\n");
}

function rowsOfDump(dump: Dump, orderId: string): Rows {
  const slot = slotOf(orderId);
  return rowsFrom({
    own: (name) => table(dump, name).filter((row) => row["slot"] === slot && row["order_id"] === orderId),
    shard: table(dump, "shard")[0],
    alarm: dump.alarm,
  });
}

function rowsFrom({
  own,
  shard,
  alarm,
}: {
  readonly own: (table: string) => readonly Record<string, SqlValue>[];
  readonly shard: Record<string, SqlValue> | undefined;
  readonly alarm: number | null;
}): Rows {
  const [record] = own("record");
  return {
    record: record === undefined ? null : String(record["record"]),
    due: (record?.["due"] as number | null | undefined) ?? null,
    bindings: new Map(own("key").map((row) => [`${row["scope"]} ${row["key"]}`, row as unknown as KeyBinding])),
    outbox: own("outbox") as unknown as readonly OutboxRow[],
    alarm,
    home: shard === undefined ? null : { host: String(shard["host"]), merchantId: String(shard["merchant_id"]) },
  };
}
