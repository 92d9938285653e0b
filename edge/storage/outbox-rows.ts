/**
 * The outbox of one order: which notification is due, how often it was tried, how it ended. A row is written with the change that it
 * reports (M9). Its content never changes.
 */
import type { NotificationType, NotificationView } from "../../src/edge-api.ts";
import type { OutboxRow } from "../machine/record.ts";
import type { DeliveryResult, Message } from "./message.ts";
import { nextTryAt, TRY_LEASE } from "../machine/notification-retries.ts";
import type { Sql, SqlValue } from "./sql.ts";

/**
 * The table. `next_at` is null for a row that is not to be sent. It is not WITHOUT ROWID: there a row of more than about 1,000 bytes has a
 * page of its own beside its key, and a notification has 1,200. The key's index is a row more for each notification, and a third of the disk.
 */
export const OUTBOX_TABLE = `CREATE TABLE outbox (
  slot INTEGER NOT NULL, order_id TEXT NOT NULL, sequence INTEGER NOT NULL, type TEXT NOT NULL, at INTEGER NOT NULL, data TEXT NOT NULL,
  id TEXT NOT NULL, tries INTEGER NOT NULL, failed INTEGER NOT NULL DEFAULT 0, resend_requested INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER, delivered_at INTEGER, ended TEXT, last_status INTEGER, PRIMARY KEY (slot, order_id, sequence))`;

/** A notification that failed so often no longer holds back the next one (M10). */
const BLOCKS_UNTIL_FAILED = 3;

/** The merchant's view shows so many. */
const MAX_SHOWN = 50;

/** Rows that are taken to be sent at once. */
const MAX_LEASED = 20;

/**
 * The rows that may be sent when their time comes: in order up to the first that has not yet failed three times, and those that the
 * merchant requested again.
 */
const IS_SENDABLE = `next_at IS NOT NULL AND (resend_requested = 1 OR sequence <= COALESCE(
  (SELECT MIN(o.sequence) FROM outbox AS o WHERE o.slot = outbox.slot AND o.order_id = outbox.order_id
    AND o.next_at IS NOT NULL AND o.resend_requested = 0 AND o.failed < ${BLOCKS_UNTIL_FAILED}), sequence))`;

/** A row whose try is about to leave. */
export interface LeasedRow extends Message {
  readonly sequence: number;
  /** How many tries there were, this one included. */
  readonly tries: number;
}

/** A row as it is read to be sent. */
type SendableRow = { sequence: number; tries: number; id: string; type: string; at: number; data: string };

/** The outbox of one order. Every method is synchronous; the tables exist. */
export class OutboxRows {
  readonly #sql: Sql;
  readonly #order: readonly [slot: number, orderId: string];

  constructor(sql: Sql, order: readonly [slot: number, orderId: string]) {
    this.#sql = sql;
    this.#order = order;
  }

  /**
   * Writes new rows, each under an id of its own. Those that may be sent now are leased at once, which saves a write.
   * @param options.isDue whether there is a NOTIFY_URL: without one a row is stored, and sent only when the merchant requests it
   * @param options.mayLeave whether the order is at home
   * @returns the leased rows, to be sent now
   */
  insert(
    rows: readonly OutboxRow[],
    { isDue, mayLeave, now }: { readonly isDue: boolean; readonly mayLeave: boolean; readonly now: number },
  ): readonly LeasedRow[] {
    const leased: LeasedRow[] = [];
    for (const row of rows) {
      const { sequence, type, at, data } = row;
      const isLeased = isDue && mayLeave && leased.length === 0 && !this.#isBlocked();
      const nextAt = isLeased ? now + TRY_LEASE : now;
      const { id } = this.#sql
        .exec<{ id: string }>(
          `INSERT INTO outbox (slot, order_id, sequence, type, at, data, id, tries, next_at)
          VALUES (?, ?, ?, ?, ?, ?, 'msg_' || lower(hex(randomblob(16))), ?, ?) RETURNING id`,
          ...this.#order,
          sequence,
          type,
          at,
          data,
          isLeased ? 1 : 0,
          isDue ? nextAt : null,
        )
        .one();
      if (isLeased) leased.push(leasedRow({ ...row, id, tries: 0 }));
    }
    return leased;
  }

  /** Whether an earlier row has to be sent first. */
  #isBlocked(): boolean {
    const statement = `SELECT 1 FROM outbox WHERE slot = ? AND order_id = ? AND next_at IS NOT NULL AND resend_requested = 0 AND failed < ${BLOCKS_UNTIL_FAILED} LIMIT 1`;
    return this.#sql.exec(statement, ...this.#order).toArray().length > 0;
  }

  /** When the next row is due, in milliseconds; null when nothing is to be sent. */
  nextAt(): number | null {
    const statement = `SELECT MIN(next_at) AS at FROM outbox WHERE slot = ? AND order_id = ? AND ${IS_SENDABLE}`;
    return this.#sql.exec<{ at: number | null }>(statement, ...this.#order).one().at;
  }

  /** Leases the rows that are due. A row whose try ends nowhere is due again at the end of its lease. */
  lease(now: number): readonly LeasedRow[] {
    const rows = this.#sql
      .exec<SendableRow>(
        `SELECT sequence, tries, id, type, at, data FROM outbox
        WHERE slot = ? AND order_id = ? AND next_at <= ? AND ${IS_SENDABLE} ORDER BY sequence LIMIT ${MAX_LEASED}`,
        ...this.#order,
        now,
      )
      .toArray();
    for (const { sequence } of rows)
      this.#sql.exec(
        "UPDATE outbox SET tries = tries + 1, next_at = ? WHERE slot = ? AND order_id = ? AND sequence = ?",
        now + TRY_LEASE,
        ...this.#order,
        sequence,
      );
    return rows.map(leasedRow);
  }

  /** Gives back a row whose try never left: it is due at `at`. */
  release({ sequence, tries }: LeasedRow, at: number): void {
    this.#sql.exec(
      "UPDATE outbox SET tries = tries - 1, next_at = ? WHERE slot = ? AND order_id = ? AND sequence = ? AND tries = ? AND next_at IS NOT NULL",
      at,
      ...this.#order,
      sequence,
      tries,
    );
  }

  /**
   * Records how a try ended. A delivery always counts; the failure of a try that was repeated meanwhile does not.
   * @returns whether the notification was given up
   */
  record({ sequence, tries }: LeasedRow, result: DeliveryResult, now: number, fraction: number): boolean {
    if (result.end !== null) {
      this.#sql.exec(
        `UPDATE outbox SET next_at = NULL, resend_requested = 0, ended = ?, last_status = ?,
        delivered_at = CASE ? WHEN 'delivered' THEN ? ELSE delivered_at END WHERE slot = ? AND order_id = ? AND sequence = ?`,
        result.end,
        result.status,
        result.end,
        now,
        ...this.#order,
        sequence,
      );
      return false;
    }
    const row = this.#sql
      .exec<{ failed: number }>(
        "SELECT failed FROM outbox WHERE slot = ? AND order_id = ? AND sequence = ? AND tries = ? AND next_at IS NOT NULL",
        ...this.#order,
        sequence,
        tries,
      )
      .toArray()[0];
    if (row === undefined) return false;
    const failed = row.failed + 1;
    const nextAt = nextTryAt({ now, failed, fraction, retryAfter: result.retryAfter });
    this.#sql.exec(
      "UPDATE outbox SET failed = ?, next_at = ?, last_status = ?, ended = ? WHERE slot = ? AND order_id = ? AND sequence = ?",
      failed,
      nextAt,
      result.status,
      nextAt === null ? "given_up" : null,
      ...this.#order,
      sequence,
    );
    return nextAt === null;
  }

  /**
   * Makes a row due at once, with the whole retry schedule before it.
   * @param sequence null: the newest
   * @returns its number; null when there is no such row
   */
  resend(sequence: number | null, now: number): number | null {
    const row = this.#sql
      .exec<{ sequence: number }>(
        "SELECT sequence FROM outbox WHERE slot = ? AND order_id = ? AND (? IS NULL OR sequence = ?) ORDER BY sequence DESC LIMIT 1",
        ...this.#order,
        sequence,
        sequence,
      )
      .toArray()[0];
    if (row === undefined) return null;
    this.#sql.exec(
      "UPDATE outbox SET resend_requested = 1, failed = 0, ended = NULL, next_at = ? WHERE slot = ? AND order_id = ? AND sequence = ?",
      now,
      ...this.#order,
      row.sequence,
    );
    return row.sequence;
  }

  /** Whether a row waits for the first answer of its receiver since it was requested. */
  isPending(sequence: number): boolean {
    const statement = "SELECT 1 FROM outbox WHERE slot = ? AND order_id = ? AND sequence = ? AND ended IS NULL AND failed = 0";
    return this.#sql.exec(statement, ...this.#order, sequence).toArray().length > 0;
  }

  /** Deletes the rows of a redacted order (M10). Those that are still to be sent stay until they have ended. */
  forgetEnded(): void {
    this.#sql.exec("DELETE FROM outbox WHERE slot = ? AND order_id = ? AND next_at IS NULL", ...this.#order);
  }

  /** Deletes all rows: the order is redacted while nothing of it may leave. */
  forgetAll(): void {
    this.#sql.exec("DELETE FROM outbox WHERE slot = ? AND order_id = ?", ...this.#order);
  }

  /** The newest rows, oldest first. */
  views(): readonly NotificationView[] {
    type Row = Omit<NotificationView, "type" | "at" | "delivered_at"> & {
      readonly type: string;
      readonly at: number;
      readonly delivered_at: number | null;
    };
    const rows = this.#sql
      .exec<Row & Record<string, SqlValue>>(
        `SELECT sequence, id, type, at, tries, delivered_at, ended, last_status FROM outbox
        WHERE slot = ? AND order_id = ? ORDER BY sequence DESC LIMIT ${MAX_SHOWN}`,
        ...this.#order,
      )
      .toArray();
    return rows.reverse().map(({ type, at, delivered_at, ...row }) => ({
      ...row,
      type: type as NotificationType,
      at: new Date(at).toISOString(),
      delivered_at: delivered_at === null ? null : new Date(delivered_at).toISOString(),
    }));
  }
}

function leasedRow({ sequence, tries, id, type, at, data }: SendableRow): LeasedRow {
  const timestamp = JSON.stringify(new Date(at).toISOString());
  return { sequence, tries: tries + 1, id, body: `{"type":${JSON.stringify(type)},"timestamp":${timestamp},"data":${data}}` };
}
