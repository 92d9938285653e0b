/** The storage of one shard: its identity, its tables, and which of its orders are due. Each table is described in edge/README.md. */
import { deadlineRules } from "../machine/deadlines.ts";
import type { Home } from "../machine/record.ts";
import { GENERATION, SHARDS, slotOf } from "./placement.ts";
import type { OrderShard, StoreOptions } from "./order-store.ts";
import { OrderStore } from "./order-store.ts";
import { OUTBOX_TABLE } from "./outbox-rows.ts";
import type { ShardStorage, Sql } from "./sql.ts";
import type { Migrations } from "./tables.ts";
import { migrateTables, tablesVersion } from "./tables.ts";

/** The tables. Once a version was released it is not changed; the next one is added. */
const MIGRATIONS: Migrations = [
  [
    `CREATE TABLE shard (host TEXT NOT NULL, merchant_id TEXT NOT NULL, generation TEXT NOT NULL, shards INTEGER NOT NULL,
      position INTEGER NOT NULL, deadline_rules TEXT NOT NULL, swept_slot INTEGER, swept_order_id TEXT)`,
    "CREATE TABLE record (slot INTEGER NOT NULL, order_id TEXT NOT NULL, due INTEGER, days TEXT, record TEXT NOT NULL, PRIMARY KEY (slot, order_id)) WITHOUT ROWID",
    "CREATE INDEX record_due ON record (due) WHERE due IS NOT NULL",
    `CREATE TABLE key (slot INTEGER NOT NULL, order_id TEXT NOT NULL, scope TEXT NOT NULL, key TEXT NOT NULL, content TEXT NOT NULL,
      subject INTEGER NOT NULL, PRIMARY KEY (slot, order_id, scope, key)) WITHOUT ROWID`,
    OUTBOX_TABLE,
  ],
];

/** Bytes that a Durable Object can store (Durable Objects, "Limits"). */
export const MAX_BYTES: number = 10 * 1024 ** 3;

/** From this share of MAX_BYTES on a shard takes no new orders. */
const FULL_AT = 0.9;

/** Which shard this is. Stored with its first row, and never changed. */
export interface ShardIdentity {
  readonly home: Home;
  readonly generation: string;
  readonly shards: number;
  readonly position: number;
}

/** The settings and ports of a shard's storage. */
export interface ShardStoreOptions extends Omit<StoreOptions, "isAway"> {
  /** The gateway and merchant that the settings name. */
  readonly home: Home;
  now(): number;
  arm(at: number | null): void;
}

/** The storage of one shard. Opening it writes nothing: tables are made with the first order. */
export class ShardStore {
  readonly #storage: ShardStorage;
  readonly #options: ShardStoreOptions;
  #hasTables = false;
  /** Whether a write has found or made the newest tables and the identity. */
  #isPrepared = false;
  /** Read once, because it never changes. */
  #identity: ShardIdentity | null = null;
  /** Grows with every transaction. */
  #writes = 0;

  constructor(storage: ShardStorage, options: ShardStoreOptions) {
    this.#storage = storage;
    this.#options = options;
  }

  get #sql(): Sql {
    return this.#storage.sql;
  }

  /** The stored identity; null while nothing is stored. */
  identity(): ShardIdentity | null {
    this.#identity ??= this.#storedIdentity();
    return this.#identity;
  }

  #storedIdentity(): ShardIdentity | null {
    if (!this.hasTables()) return null;
    const row = this.#sql
      .exec<{ host: string; merchant_id: string; generation: string; shards: number; position: number }>(
        "SELECT host, merchant_id, generation, shards, position FROM shard",
      )
      .toArray()[0];
    if (row === undefined) return null;
    const { host, merchant_id: merchantId, generation, shards, position } = row;
    return { home: { host, merchantId }, generation, shards, position };
  }

  /** Whether the settings name another gateway or merchant than the shard's home (M1). */
  isAway(): boolean {
    const home = this.identity()?.home;
    return home !== undefined && (home.host !== this.#options.home.host || home.merchantId !== this.#options.home.merchantId);
  }

  /**
   * The store of one order.
   * @param position the shard that the order belongs to: stored as the identity with the first order
   */
  order(orderId: string, position: number): OrderStore {
    const shard: OrderShard = {
      sql: this.#sql,
      now: () => this.#options.now(),
      hasTables: () => this.hasTables(),
      writes: () => this.#writes,
      write: (closure) => this.#write(position, closure),
      arm: (at) => this.#options.arm(at),
    };
    return new OrderStore(shard, [slotOf(orderId), orderId], { ...this.#options, isAway: this.isAway() });
  }

  /** The orders that are due, the longest first. */
  due(now: number, limit: number): readonly string[] {
    if (!this.hasTables()) return [];
    return this.#sql
      .exec<{ order_id: string }>("SELECT order_id FROM record WHERE due <= ? ORDER BY due LIMIT ?", now, limit)
      .toArray()
      .map(({ order_id }) => order_id);
  }

  /** When the next order is due, of all or of those that are due later than a time; null without one. */
  nextDue(after: number = Number.NEGATIVE_INFINITY): number | null {
    if (!this.hasTables()) return null;
    return this.#sql.exec<{ due: number | null }>("SELECT MIN(due) AS due FROM record WHERE due > ?", after).one().due;
  }

  /**
   * The next orders whose due times are to be computed again, because the rules of deadlines have changed since they were stored. The
   * sweep ends when there are none.
   */
  sweep(limit: number): readonly string[] {
    if (!this.isSweeping()) return [];
    const { slot, orderId } = this.#sql
      .exec<{ slot: number | null; orderId: string | null }>("SELECT swept_slot AS slot, swept_order_id AS orderId FROM shard")
      .one();
    const rows = this.#sql
      .exec<{ slot: number; order_id: string }>(
        "SELECT slot, order_id FROM record WHERE (slot, order_id) > (?, ?) ORDER BY slot, order_id LIMIT ?",
        slot ?? -1,
        orderId ?? "",
        limit,
      )
      .toArray();
    const last = rows.at(-1);
    if (last === undefined || rows.length < limit)
      this.#sql.exec("UPDATE shard SET deadline_rules = ?, swept_slot = NULL, swept_order_id = NULL", deadlineRules(this.#options));
    else this.#sql.exec("UPDATE shard SET swept_slot = ?, swept_order_id = ?", last.slot, last.order_id);
    return rows.map(({ order_id }) => order_id);
  }

  /** Whether RETENTION_DAYS or a rule of deadlines has changed, and not all due times were computed again. */
  isSweeping(): boolean {
    if (!this.hasTables()) return false;
    const row = this.#sql.exec<{ rules: string }>("SELECT deadline_rules AS rules FROM shard").toArray()[0];
    return row !== undefined && row.rules !== deadlineRules(this.#options);
  }

  /** Whether the shard takes no new orders. */
  isFull(): boolean {
    return this.usedBytes() >= FULL_AT * MAX_BYTES;
  }

  usedBytes(): number {
    return this.#sql.databaseSize;
  }

  /** Whether anything was ever stored. */
  hasTables(): boolean {
    if (!this.#hasTables) this.#hasTables = tablesVersion(this.#sql) > 0;
    return this.#hasTables;
  }

  #write(position: number, closure: () => void): void {
    const [hadTables, identity] = [this.#hasTables, this.#identity];
    this.#writes += 1;
    try {
      this.#storage.transactionSync(() => {
        if (!this.#isPrepared) this.#prepare(position);
        closure();
      });
      this.#isPrepared = true;
    } catch (error) {
      // What was made in the transaction is gone with it.
      this.#hasTables = hadTables;
      this.#identity = identity;
      this.#writes += 1;
      throw error;
    }
  }

  /** Makes or migrates the tables, and stores the identity with the shard's first row. */
  #prepare(position: number): void {
    migrateTables(this.#sql, MIGRATIONS);
    if (this.#sql.exec("SELECT 1 FROM shard").toArray().length > 0) return;
    const { home } = this.#options;
    this.#sql.exec(
      "INSERT INTO shard (host, merchant_id, generation, shards, position, deadline_rules) VALUES (?, ?, ?, ?, ?, ?)",
      home.host,
      home.merchantId,
      GENERATION,
      SHARDS,
      position,
      deadlineRules(this.#options),
    );
  }
}
