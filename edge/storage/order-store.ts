/** The rows of one order in its shard. */
import { alarmAt, deadlinesOf } from "../machine/deadlines.ts";
import type { ChargeRecord, Deadline, KeyBinding } from "../machine/record.ts";
import type { ChargeStore, Commit } from "../machine/runner.ts";
import { HOME_CHECK_INTERVAL, MAX_KEYS } from "../machine/schedule.ts";
import { IndexRows } from "./index-rows.ts";
import { migrateRecord } from "./migration.ts";
import type { LeasedRow } from "./outbox-rows.ts";
import { OutboxRows } from "./outbox-rows.ts";
import type { Sql } from "./sql.ts";

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
  /** Makes the tables and stores the identity, with the shard's first row. Runs the function in one transaction. */
  write(closure: () => void): void;
  /** Arms the alarm, if it becomes earlier. */
  arm(at: number | null): void;
}

/** A record that this deployment cannot read, because a newer one wrote it or it is damaged. Its order alone stops. */
export class UnreadableRecord extends Error {
  override readonly name: string = "UnreadableRecord";
}

/** One order in its shard. Reading writes nothing. */
export class OrderStore implements ChargeStore {
  readonly outbox: OutboxRows;
  readonly index: IndexRows;
  readonly #shard: OrderShard;
  readonly #order: readonly [slot: number, orderId: string];
  readonly #options: StoreOptions;
  /** Rows that the last commit wrote and leased: they are to be sent now. */
  #leased: readonly LeasedRow[] = [];

  constructor(shard: OrderShard, order: readonly [slot: number, orderId: string], options: StoreOptions) {
    this.#shard = shard;
    this.#order = order;
    this.#options = options;
    this.outbox = new OutboxRows(shard.sql, order);
    this.index = new IndexRows(shard.sql, order);
  }

  /** @throws {UnreadableRecord} */
  load(): ChargeRecord | null {
    const row = this.#row();
    if (row === null) return null;
    try {
      return migrateRecord(JSON.parse(row.record));
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
      if (isViewChanged) this.index.changed(now, { retentionDays, hasIndex });
      due = this.#dueOf(deadlines);
      this.#write(JSON.stringify(record), before, due);
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
    if (row === null) return;
    const due = this.#dueOf(deadlines);
    if (due !== row.due) this.#shard.write(() => this.#writeDue(due));
    this.#shard.arm(due);
  }

  /** Computes the due time again: after a delivery, or under other settings. @throws {UnreadableRecord} */
  reschedule(): void {
    const record = this.load();
    if (record !== null) this.storeDueTime(deadlinesOf(record, this.#options));
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

  #row(): { readonly record: string; readonly due: number | null } | null {
    if (!this.#shard.hasTables()) return null;
    return (
      this.#shard.sql
        .exec<{ record: string; due: number | null }>("SELECT record, due FROM record WHERE slot = ? AND order_id = ?", ...this.#order)
        .toArray()[0] ?? null
    );
  }

  /** The due column has an index of its own, so it is written only when it changes. */
  #write(record: string, before: { readonly due: number | null } | null, due: number | null): void {
    const { sql } = this.#shard;
    if (before === null) sql.exec("INSERT INTO record (slot, order_id, due, record) VALUES (?, ?, ?, ?)", ...this.#order, due, record);
    else if (before.due === due) sql.exec("UPDATE record SET record = ? WHERE slot = ? AND order_id = ?", record, ...this.#order);
    else sql.exec("UPDATE record SET record = ?, due = ? WHERE slot = ? AND order_id = ?", record, due, ...this.#order);
  }

  #writeDue(due: number | null): void {
    this.#shard.sql.exec("UPDATE record SET due = ? WHERE slot = ? AND order_id = ?", due, ...this.#order);
  }

  /** The earliest deadline, notification or index update. While the order is away nothing leaves, so the last two are compared hourly. */
  #dueOf(deadlines: readonly Deadline[]): number | null {
    const unsent = earliestOf([this.outbox.nextAt(), this.index.nextAt()]);
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
    if (!this.#options.isAway) {
      this.outbox.forgetEnded();
      return;
    }
    this.outbox.forgetAll();
    this.index.forgetAll();
  }
}

function earliestOf(times: readonly (number | null)[]): number | null {
  const set = times.filter((time) => time !== null);
  return set.length === 0 ? null : Math.min(...set);
}
