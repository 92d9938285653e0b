/**
 * What an order's object owes to the lists of days: one row for each day on which something happened to it, written with the change
 * itself, and due until that day's object has confirmed it.
 */
import { DAY, SECOND } from "../../src/lib/time.ts";
import { dayOf } from "../../src/lib/almaty-day.ts";

/** The table. `next_at` is null for a day whose list has the newest state. */
export const INDEX_TABLE =
  "CREATE TABLE day (day TEXT PRIMARY KEY, version INTEGER NOT NULL, tries INTEGER NOT NULL, next_at INTEGER) WITHOUT ROWID";

/** Changes that come close after one another are told together: a charge that is paid has four in a second. */
const UPDATE_AFTER = SECOND;

/** A day's object that has not answered after this is told again. */
const UPDATE_LEASE = 20 * SECOND;

/** The longest pause after a failure. */
const MAX_PAUSE = 60 * SECOND;

/** A day that is to be told. */
export interface PendingUpdate {
  readonly day: string;
  readonly version: number;
}

/** The days of one order. Every method is synchronous; the table is there. */
export class IndexTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /**
   * The charge has changed: every list that it stands on is to have it as it is now.
   *
   * @param day beside those it stands on already
   * @param isFed whether there are lists: without the binding DAYS it is only kept which days there were
   */
  changed(day: string, { now, retentionDays, isFed }: { now: number; retentionDays: number; isFed: boolean }): void {
    const { newest } = this.#sql.exec<{ newest: number | null }>("SELECT MAX(version) AS newest FROM day").one();
    const oldest = dayOf(now - retentionDays * DAY);
    this.#sql.exec("INSERT OR IGNORE INTO day (day, version, tries) VALUES (?, 0, 0)", day);
    // Their lists are gone, or about to go.
    this.#sql.exec("DELETE FROM day WHERE day <= ?", oldest);
    // By the clock, so that it also grows where an object was put back to an older state.
    const version = Math.max(now, (newest ?? 0) + 1);
    if (isFed) this.#sql.exec("UPDATE day SET version = ?1, next_at = MIN(COALESCE(next_at, ?2), ?2)", version, now + UPDATE_AFTER);
    else this.#sql.exec("UPDATE day SET version = ?, next_at = NULL", version);
  }

  /** When a day is to be told next, in milliseconds; null when every list has the newest state. */
  nextAt(): number | null {
    return this.#sql.exec<{ at: number | null }>("SELECT MIN(next_at) AS at FROM day").one().at;
  }

  /** Takes all days that are due. Each is due again soon, should nothing be heard of it any more. */
  lease(now: number): readonly PendingUpdate[] {
    const updates = this.#sql
      .exec<{ day: string; version: number }>("SELECT day, version FROM day WHERE next_at <= ? ORDER BY day", now)
      .toArray();
    this.#sql.exec("UPDATE day SET next_at = ? WHERE next_at <= ?", now + UPDATE_LEASE, now);
    return updates;
  }

  /** The day's list has this version. */
  confirmed({ day, version }: PendingUpdate): void {
    this.#sql.exec("UPDATE day SET tries = 0, next_at = NULL WHERE day = ? AND version = ?", day, version);
  }

  /** The day's object could not be told. */
  failed({ day, version }: PendingUpdate, now: number): void {
    this.#sql.exec(
      "UPDATE day SET tries = tries + 1, next_at = ? + MIN(?, ? * (1 << MIN(tries, 10))) WHERE day = ? AND version = ?",
      now,
      MAX_PAUSE,
      SECOND,
      day,
      version,
    );
  }
}
