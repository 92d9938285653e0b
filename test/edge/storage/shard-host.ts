/** What a shard's storage has of its object, in tests in Node: SQLite, a clock and an alarm. */
import type { Home, OutboxRow } from "../../../edge/machine/record.ts";
import { newRecord } from "../../../edge/machine/record.ts";
import type { Commit } from "../../../edge/machine/runner.ts";
import type { OrderStore } from "../../../edge/storage/order-store.ts";
import type { ShardStoreOptions } from "../../../edge/storage/shard-store.ts";
import { ShardStore } from "../../../edge/storage/shard-store.ts";
import { SqliteStorage } from "./sqlite-storage.ts";

export const HOME: Home = { host: "test-api.freedompay.kz", merchantId: "999999" };

/** The settings of a deployment that moved on to another merchant. */
export const AWAY = { home: { ...HOME, merchantId: "999998" } };

export const NOW: number = Date.parse("2026-11-22T10:00:00.000Z");

export const SECOND = 1_000;
export const HOUR: number = 3_600 * SECOND;
export const DAY: number = 24 * HOUR;

/** The shard of the order 1234. */
export const POSITION = 47;

export const ROW: OutboxRow = { sequence: 1, type: "charge.succeeded", at: NOW, data: '{"order_id":"1234"}' };

/** A commit of the order 1234 that changes only its record, unless something else is given. */
export function commitOf(more: Partial<Commit> = {}): Commit {
  return { record: newRecord("1234"), binding: null, outbox: [], deadlines: [], forget: false, isViewChanged: false, ...more };
}

export class ShardHost {
  readonly storage = new SqliteStorage();
  /** Every time that the alarm was to be armed for. */
  readonly armed: (number | null)[] = [];
  now = NOW;

  /** Opens the shard with empty memory, as a new object does. */
  shard(changed: Partial<ShardStoreOptions> = {}): ShardStore {
    return new ShardStore(this.storage, {
      hasReceiver: true,
      hasIndex: true,
      retentionDays: 400,
      home: HOME,
      now: () => this.now,
      arm: (at) => this.armed.push(at),
      ...changed,
    });
  }

  /** Opens the order 1234 in a shard that was just opened. */
  order(changed: Partial<ShardStoreOptions> = {}): OrderStore {
    return this.shard(changed).order("1234", POSITION);
  }

  /** The stored due time of the order 1234. */
  get due(): number | null {
    return this.storage.sql.exec<{ due: number | null }>("SELECT due FROM record WHERE order_id = '1234'").one().due;
  }

  /** From now on the disk refuses every write of a record. */
  refuseRecords(): void {
    for (const write of ["INSERT", "UPDATE"])
      this.storage.sql.exec(`CREATE TRIGGER refused_${write} BEFORE ${write} ON record BEGIN SELECT RAISE(ABORT, 'refused'); END`);
  }

  /** The disk takes writes again. */
  acceptRecords(): void {
    for (const write of ["INSERT", "UPDATE"]) this.storage.sql.exec(`DROP TRIGGER refused_${write}`);
  }
}
