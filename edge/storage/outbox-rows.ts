/**
 * The rows of the outbox in an order's SQLite: which notification is due, how often it was tried, how it ended. A row is written with
 * the change that it tells (M9); its content never changes after.
 */
import type { NotificationType, NotificationView } from "../../src/edge-api.ts";
import type { OutboxRow } from "../machine/record.ts";
import type { Message, DeliveryResult } from "./message.ts";
import { nextTryAt, TRY_LEASE } from "./retry-schedule.ts";

/** The table. `next_at` is null for a row that is not to be sent. */
export const OUTBOX_TABLE = `CREATE TABLE outbox (
  sequence INTEGER PRIMARY KEY, type TEXT NOT NULL, at INTEGER NOT NULL, data TEXT NOT NULL,
  id TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0, resend_requested INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER, delivered_at INTEGER, ended TEXT, last_status INTEGER)`;

/** A notification that failed so often lets the next one go too (M10). */
const BLOCKS_UNTIL_FAILED = 3;

/** The merchant is shown so many. */
const MAX_SHOWN = 50;

/**
 * The rows that may be sent when their time comes: in order up to the first that has not yet failed three times; what the merchant
 * asked for again, whenever.
 */
const IS_SENDABLE = `next_at IS NOT NULL AND (resend_requested = 1 OR sequence <= COALESCE(
  (SELECT MIN(sequence) FROM outbox WHERE next_at IS NOT NULL AND resend_requested = 0 AND failed < ${BLOCKS_UNTIL_FAILED}), sequence))`;

/** A row whose try is about to leave. */
export interface LeasedRow extends Message {
  readonly sequence: number;
  /** How many tries there were, this one included. */
  readonly tries: number;
}

/** The outbox of one order. Every method is synchronous; the tables are there. */
export class OutboxTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /**
   * Writes a new row under an id of its own.
   * @param isDue whether there is a NOTIFY_URL: without one the row is kept, and is sent only when it is asked for
   */
  insert({ sequence, type, at, data }: OutboxRow, isDue: boolean): void {
    this.#sql.exec(
      "INSERT INTO outbox (sequence, type, at, data, id, next_at) VALUES (?, ?, ?, ?, 'msg_' || lower(hex(randomblob(16))), ?)",
      sequence,
      type,
      at,
      data,
      isDue ? at : null,
    );
  }

  /** When the next row is due, in milliseconds; null when nothing is to be sent. */
  nextAt(): number | null {
    return this.#sql.exec<{ at: number | null }>(`SELECT MIN(next_at) AS at FROM outbox WHERE ${IS_SENDABLE}`).one().at;
  }

  /** Takes all rows that are due. Each is due again soon, should nothing be heard of the try any more. */
  lease(now: number): readonly LeasedRow[] {
    const rows = this.#sql
      .exec<{ sequence: number; tries: number; id: string; type: string; at: number; data: string }>(
        `SELECT sequence, tries, id, type, at, data FROM outbox WHERE next_at <= ? AND ${IS_SENDABLE} ORDER BY sequence`,
        now,
      )
      .toArray();
    return rows.map(({ sequence, tries, id, type, at, data }) => {
      this.#sql.exec("UPDATE outbox SET tries = tries + 1, next_at = ? WHERE sequence = ?", now + TRY_LEASE, sequence);
      const [type_, timestamp] = [JSON.stringify(type), JSON.stringify(new Date(at).toISOString())];
      return { sequence, tries: tries + 1, id, body: `{"type":${type_},"timestamp":${timestamp},"data":${data}}` };
    });
  }

  /**
   * Writes down how a try ended. A delivery counts whenever it is heard of; the failure of a try that was made again does not.
   * @returns whether the notification was given up with this
   */
  record({ sequence, tries }: LeasedRow, tried: DeliveryResult, now: number, fraction: number): boolean {
    if (tried.end !== null) {
      this.#sql.exec(
        "UPDATE outbox SET next_at = NULL, resend_requested = 0, ended = ?, last_status = ?, delivered_at = CASE ? WHEN 'delivered' THEN ? ELSE delivered_at END WHERE sequence = ?",
        tried.end,
        tried.status,
        tried.end,
        now,
        sequence,
      );
      return false;
    }
    const row = this.#sql
      .exec<{ failed: number }>("SELECT failed FROM outbox WHERE sequence = ? AND tries = ? AND next_at IS NOT NULL", sequence, tries)
      .toArray()[0];
    if (row === undefined) return false;
    const nextAt = nextTryAt({ now, failed: row.failed + 1, fraction, retryAfter: tried.retryAfter });
    this.#sql.exec(
      "UPDATE outbox SET failed = ?, next_at = ?, last_status = ?, ended = ? WHERE sequence = ?",
      row.failed + 1,
      nextAt,
      tried.status,
      nextAt === null ? "given_up" : null,
      sequence,
    );
    return nextAt === null;
  }

  /**
   * Makes a row due at once, with the whole schedule before it.
   * @param sequence null: the newest
   * @returns its number; null when there is no such row
   */
  resend(sequence: number | null, now: number): number | null {
    const row = this.#sql
      .exec<{ sequence: number }>(
        "SELECT sequence FROM outbox WHERE ? IS NULL OR sequence = ? ORDER BY sequence DESC LIMIT 1",
        sequence,
        sequence,
      )
      .toArray()[0];
    if (row === undefined) return null;
    this.#sql.exec("UPDATE outbox SET resend_requested = 1, failed = 0, ended = NULL, next_at = ? WHERE sequence = ?", now, row.sequence);
    return row.sequence;
  }

  /** Whether a row waits for the first word of its receiver since it was asked for. */
  isPending(sequence: number): boolean {
    return this.#sql.exec("SELECT 1 FROM outbox WHERE sequence = ? AND ended IS NULL AND failed = 0", sequence).toArray().length > 0;
  }

  /** Takes away what is not to be sent any more: the order was reduced (M10). What is still owed goes first. */
  forget(): void {
    this.#sql.exec("DELETE FROM outbox WHERE next_at IS NULL");
  }

  /** The newest rows, oldest first. */
  views(): readonly NotificationView[] {
    type Row = Omit<NotificationView, "type" | "at" | "delivered_at"> & {
      readonly type: string;
      readonly at: number;
      readonly delivered_at: number | null;
    };
    const rows = this.#sql
      .exec<Row & Record<string, SqlStorageValue>>(
        `SELECT sequence, id, type, at, tries, delivered_at, ended, last_status FROM outbox ORDER BY sequence DESC LIMIT ${MAX_SHOWN}`,
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
