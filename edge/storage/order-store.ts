/** The rows of one order in its shard. */
import { alarmAt, deadlinesOf } from "../machine/deadlines.ts";
import type { ChargeRecord, Deadline, KeyBinding } from "../machine/record.ts";
import type { ChargeStore, Commit } from "../machine/runner.ts";
import { HOME_CHECK_INTERVAL, MAX_KEYS } from "../machine/schedule.ts";
import type { IndexDay, PendingUpdate } from "./index-days.ts";
import { changedDays, confirmedDays, daysOf, daysText, failedDays, leasedDays, nextUpdateAt, pendingUpdates } from "./index-days.ts";
import { migrateRecord } from "./migration.ts";
import type { LeasedRow } from "./outbox-rows.ts";
import { OutboxRows } from "./outbox-rows.ts";
import type { Sql, SqlValue } from "./sql.ts";

/** The settings that a store depends on. */
export interface StoreOptions {
  /** Whether there is a NOTIFY_URL. Without one notifications are sent only when the merchant requests them. */
  readonly hasReceiver: boolean;
  /** Whether there are daily indexes (the binding DAYS). */
  readonly hasIndex: boolean;
  readonly retentionDays: number;
  /** Whether the settings name another gateway or merchant than the shard's home (M1). */
  readonly isAway: boolean;
}

/** What an order's store needs of its shard. */
export interface OrderShard {
  readonly sql: Sql;
  now(): number;
  /** Whether the shard has tables. */
  hasTables(): boolean;
  /** How often something was written. A row that was read before is read again when this has grown. */
  writes(): number;
  /** Makes the tables and stores the identity, with the shard's first row. Runs the function in one transaction. */
  write(closure: () => void): void;
  /** Arms the alarm, if it becomes earlier. */
  arm(at: number | null): void;
}

/** A record that this deployment cannot read, because a newer one wrote it or it is damaged. Its order alone stops. */
export class UnreadableRecord extends Error {
  override readonly name: string = "UnreadableRecord";
}

/** The row of an order. */
interface Row {
  readonly record: string;
  readonly due: number | null;
  /** The days on which it changed, as JSON text. */
  readonly days: string | null;
}

/** One order in its shard. Reading writes nothing. */
export class OrderStore implements ChargeStore {
  readonly outbox: OutboxRows;
  readonly #shard: OrderShard;
  readonly #order: readonly [slot: number, orderId: string];
  readonly #options: StoreOptions;
  /** Rows that the last commit wrote and leased: they are to be sent now. */
  #leased: readonly LeasedRow[] = [];
  /** The row that was read or written last. */
  #known: { readonly row: Row | null; readonly writes: number } | null = null;
  /** The record that was read last, and its text. It is not parsed again while the text is the same. */
  #parsed: { readonly text: string; readonly record: ChargeRecord } | null = null;

  constructor(shard: OrderShard, order: readonly [slot: number, orderId: string], options: StoreOptions) {
    this.#shard = shard;
    this.#order = order;
    this.#options = options;
    this.outbox = new OutboxRows(shard.sql, order);
  }

  /** @throws {UnreadableRecord} */
  load(): ChargeRecord | null {
    const row = this.#row();
    return row === null ? null : this.#recordOf(row);
  }

  #recordOf({ record: text }: Row): ChargeRecord {
    if (this.#parsed?.text === text) return this.#parsed.record;
    try {
      const record = migrateRecord(JSON.parse(text));
      this.#parsed = { text, record };
      return record;
    } catch (cause) {
      throw new UnreadableRecord(`The record of an order cannot be read`, { cause });
    }
  }

  binding(scope: string, key: string): KeyBinding | null {
    if (!this.#shard.hasTables()) return null;
    const row = this.#shard.sql
      .exec<{ content: string; subject: number }>(
        "SELECT content, subject FROM key WHERE slot = ? AND order_id = ? AND scope = ? AND key = ?",
        ...this.#order,
        scope,
        key,
      )
      .toArray()[0];
    return row === undefined ? null : { scope, key, ...row };
  }

  commit({ record, binding, outbox, deadlines, forget, isViewChanged }: Commit): void {
    const { hasReceiver, hasIndex, retentionDays, isAway } = this.#options;
    const now = this.#shard.now();
    let due: number | null = null;
    this.#shard.write(() => {
      const before = this.#row();
      if (forget) this.#forget();
      if (binding !== null) this.#bind(binding);
      this.#leased = this.outbox.insert(outbox, { isDue: hasReceiver, mayLeave: !isAway, now });
      const known = forget && isAway ? [] : daysOf(before?.days ?? null);
      const days = isViewChanged ? changedDays(known, now, { retentionDays, hasIndex }) : known;
      due = this.#dueOf(deadlines, days);
      this.#write({ record: JSON.stringify(record), due, days: daysText(days) }, before);
    });
    this.#shard.arm(due);
  }

  /** The notifications that the last commit leased, once. */
  takeLeased(): readonly LeasedRow[] {
    const leased = this.#leased;
    this.#leased = [];
    return leased;
  }

  storeDueTime(deadlines: readonly Deadline[]): void {
    const row = this.#row();
    if (row !== null) this.#storeDays(row, daysOf(row.days), deadlines);
  }

  /** Computes the due time again: after a delivery, or under other settings. @throws {UnreadableRecord} */
  reschedule(): void {
    this.#changeDays((days) => days);
  }

  /** The updates of daily indexes that are due at a time. They may be leased already. */
  pendingUpdates(until: number): readonly PendingUpdate[] {
    return pendingUpdates(daysOf(this.#row()?.days ?? null), until);
  }

  /** Leases the updates that are due. @throws {UnreadableRecord} */
  leaseUpdates(now: number): readonly PendingUpdate[] {
    const updates = this.pendingUpdates(now);
    if (updates.length > 0) this.#changeDays((days) => leasedDays(days, now));
    return updates;
  }

  /** The day's index has this version. @throws {UnreadableRecord} */
  updateConfirmed(update: PendingUpdate): void {
    this.#changeDays((days) => confirmedDays(days, update));
  }

  /** The day's object could not be reached. @throws {UnreadableRecord} */
  updateFailed(update: PendingUpdate, now: number): void {
    this.#changeDays((days) => failedDays(days, update, now));
  }

  /** Puts the order off: its record cannot be read now. */
  postpone(until: number): void {
    this.#shard.write(() => this.#writeDue(until));
    this.#shard.arm(until);
  }

  /** Binds the key of a call that changes no record, unless the order has MAX_KEYS already. */
  bind(binding: KeyBinding): void {
    const { keys } = this.#shard.sql
      .exec<{ keys: number }>("SELECT COUNT(*) AS keys FROM key WHERE slot = ? AND order_id = ?", ...this.#order)
      .one();
    if (keys < MAX_KEYS) this.#bind(binding);
  }

  #row(): Row | null {
    const writes = this.#shard.writes();
    if (this.#known?.writes !== writes) this.#known = { row: this.#storedRow(), writes };
    return this.#known.row;
  }

  #storedRow(): Row | null {
    if (!this.#shard.hasTables()) return null;
    const statement = "SELECT record, due, days FROM record WHERE slot = ? AND order_id = ?";
    return this.#shard.sql.exec<Row & Record<string, SqlValue>>(statement, ...this.#order).toArray()[0] ?? null;
  }

  /** Changes the days, and computes the due time with them. */
  #changeDays(change: (days: readonly IndexDay[]) => readonly IndexDay[]): void {
    const row = this.#row();
    if (row !== null) this.#storeDays(row, change(daysOf(row.days)), deadlinesOf(this.#recordOf(row), this.#options));
  }

  #storeDays(row: Row, days: readonly IndexDay[], deadlines: readonly Deadline[]): void {
    const due = this.#dueOf(deadlines, days);
    const after = { ...row, due, days: daysText(days) };
    if (after.due !== row.due || after.days !== row.days) this.#shard.write(() => this.#write(after, row));
    this.#shard.arm(due);
  }

  /** The due column has an index of its own, so it is written only when it changes. */
  #write(row: Row, before: Row | null): void {
    const { sql } = this.#shard;
    const { record, due, days } = row;
    this.#known = { row, writes: this.#shard.writes() };
    if (before === null)
      sql.exec("INSERT INTO record (slot, order_id, due, days, record) VALUES (?, ?, ?, ?, ?)", ...this.#order, due, days, record);
    else if (before.due === due)
      sql.exec("UPDATE record SET record = ?, days = ? WHERE slot = ? AND order_id = ?", record, days, ...this.#order);
    else sql.exec("UPDATE record SET record = ?, days = ?, due = ? WHERE slot = ? AND order_id = ?", record, days, due, ...this.#order);
  }

  #writeDue(due: number | null): void {
    this.#known = null;
    this.#shard.sql.exec("UPDATE record SET due = ? WHERE slot = ? AND order_id = ?", due, ...this.#order);
  }

  /** The earliest deadline, notification or index update. While the order is away nothing leaves, so the last two are compared hourly. */
  #dueOf(deadlines: readonly Deadline[], days: readonly IndexDay[]): number | null {
    const unsent = earliestOf([this.outbox.nextAt(), nextUpdateAt(days)]);
    const unsentAt = unsent !== null && this.#options.isAway ? this.#shard.now() + HOME_CHECK_INTERVAL : unsent;
    return earliestOf([alarmAt(deadlines), unsentAt]);
  }

  #bind({ scope, key, content, subject }: KeyBinding): void {
    this.#shard.sql.exec(
      "INSERT INTO key (slot, order_id, scope, key, content, subject) VALUES (?, ?, ?, ?, ?, ?)",
      ...this.#order,
      scope,
      key,
      content,
      subject,
    );
  }

  /** Deletes what a redacted order does not need (M10). While it is away nothing can be sent any more. */
  #forget(): void {
    this.#shard.sql.exec("DELETE FROM key WHERE slot = ? AND order_id = ?", ...this.#order);
    if (this.#options.isAway) this.outbox.forgetAll();
    else this.outbox.forgetEnded();
  }
}

function earliestOf(times: readonly (number | null)[]): number | null {
  const set = times.filter((time) => time !== null);
  return set.length === 0 ? null : Math.min(...set);
}
