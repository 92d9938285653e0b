/**
 * The updates of daily indexes that one order has to send: one row for each day on which the order changed. It is written with the
 * change itself, and is due until that day's object has confirmed it.
 */
import { DAY, SECOND } from "../../src/lib/time.ts";
import { dayOf } from "../../src/lib/almaty-day.ts";
import type { Sql } from "./sql.ts";

/** The table. `next_at` is null for a day whose index has the newest state. */
export const INDEX_TABLE = `CREATE TABLE day (
  slot INTEGER NOT NULL, order_id TEXT NOT NULL, day TEXT NOT NULL, version INTEGER NOT NULL, tries INTEGER NOT NULL, next_at INTEGER,
  PRIMARY KEY (slot, order_id, day)) WITHOUT ROWID`;

/** Changes within this time are sent together, from memory: a charge that is paid has several in a second. */
export const UPDATE_AFTER: number = SECOND;

/** The lease of an update: after it the update is sent by the alarm, because its object was evicted or the day's object did not answer. */
const UPDATE_LEASE = 30 * SECOND;

/** The longest pause after a failure. */
const MAX_PAUSE = 60 * SECOND;

/** A day whose index is to be updated. */
export interface PendingUpdate {
  readonly day: string;
  readonly version: number;
}

/** The pending updates of one order. Every method is synchronous; the tables exist. */
export class IndexRows {
  readonly #sql: Sql;
  readonly #order: readonly [slot: number, orderId: string];

  constructor(sql: Sql, order: readonly [slot: number, orderId: string]) {
    this.#sql = sql;
    this.#order = order;
  }

  /**
   * The charge has changed: the index of every day on which it ever changed gets its new state.
   *
   * @param options.hasIndex whether there are daily indexes: without the binding DAYS only the days are stored
   */
  changed(now: number, { retentionDays, hasIndex }: { readonly retentionDays: number; readonly hasIndex: boolean }): void {
    const day = dayOf(now);
    const { newest } = this.#sql
      .exec<{ newest: number | null }>("SELECT MAX(version) AS newest FROM day WHERE slot = ? AND order_id = ?", ...this.#order)
      .one();
    // By the clock, so that it also grows after the shard was restored to an older state.
    const version = Math.max(now, (newest ?? 0) + 1);
    const nextAt = hasIndex ? now + UPDATE_LEASE : null;
    this.#sql.exec(
      `INSERT INTO day (slot, order_id, day, version, tries, next_at) VALUES (?, ?, ?, ?, 0, ?)
      ON CONFLICT (slot, order_id, day) DO UPDATE SET version = excluded.version, next_at = excluded.next_at`,
      ...this.#order,
      day,
      version,
      nextAt,
    );
    // The indexes of days before the retention are deleted.
    this.#sql.exec("DELETE FROM day WHERE slot = ? AND order_id = ? AND day <= ?", ...this.#order, dayOf(now - retentionDays * DAY));
    this.#sql.exec(
      "UPDATE day SET version = ?, next_at = ? WHERE slot = ? AND order_id = ? AND day <> ?",
      version,
      nextAt,
      ...this.#order,
      day,
    );
  }

  /** When an update is due, in milliseconds; null when every index has the newest state. */
  nextAt(): number | null {
    return this.#sql.exec<{ at: number | null }>("SELECT MIN(next_at) AS at FROM day WHERE slot = ? AND order_id = ?", ...this.#order).one()
      .at;
  }

  /** The updates that are to be sent. They are leased already, up to the given time. */
  pending(until: number): readonly PendingUpdate[] {
    return this.#sql
      .exec<{ day: string; version: number }>(
        "SELECT day, version FROM day WHERE slot = ? AND order_id = ? AND next_at <= ? ORDER BY day",
        ...this.#order,
        until,
      )
      .toArray();
  }

  /** Leases the updates that are due. */
  lease(now: number): readonly PendingUpdate[] {
    const updates = this.pending(now);
    if (updates.length > 0)
      this.#sql.exec(
        "UPDATE day SET next_at = ? WHERE slot = ? AND order_id = ? AND next_at <= ?",
        now + UPDATE_LEASE,
        ...this.#order,
        now,
      );
    return updates;
  }

  /** The day's index has this version. */
  confirmed({ day, version }: PendingUpdate): void {
    this.#sql.exec(
      "UPDATE day SET tries = 0, next_at = NULL WHERE slot = ? AND order_id = ? AND day = ? AND version = ?",
      ...this.#order,
      day,
      version,
    );
  }

  /** The day's object could not be reached. */
  failed({ day, version }: PendingUpdate, now: number): void {
    this.#sql.exec(
      `UPDATE day SET tries = tries + 1, next_at = ? + MIN(?, ? * (1 << MIN(tries, 10)))
      WHERE slot = ? AND order_id = ? AND day = ? AND version = ?`,
      now,
      MAX_PAUSE,
      SECOND,
      ...this.#order,
      day,
      version,
    );
  }

  /** Deletes all rows: the order is redacted while nothing of it may leave. */
  forgetAll(): void {
    this.#sql.exec("DELETE FROM day WHERE slot = ? AND order_id = ?", ...this.#order);
  }
}
