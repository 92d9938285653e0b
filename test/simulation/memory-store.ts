/** An order's rows in memory. A write can be not yet durable, refused, lost, or rolled back to an older state. */
import type { ChargeRecord, Deadline, KeyBinding, OutboxRow } from "../../edge/machine/record.ts";
import type { ChargeStore, Commit } from "../../edge/machine/runner.ts";
import type { Schedule } from "./schedule.ts";

/** Everything that an order's object stores at one moment. Immutable. */
export interface Rows {
  /** JSON text, as in the real table. */
  readonly record: string | null;
  readonly bindings: ReadonlyMap<string, KeyBinding>;
  readonly outbox: readonly OutboxRow[];
  readonly deadlines: readonly Deadline[];
  /** By the edge's clock; null: none. */
  readonly alarm: number | null;
}

const EMPTY: Rows = { record: null, bindings: new Map(), outbox: [], deadlines: [], alarm: null };

/** The storage refuses a write. The message contains a secret that no log may show. */
export class StorageRefused extends Error {
  override readonly name: string = "StorageRefused";

  constructor() {
    super("INSERT INTO charge: test-secret-of-a-row");
  }
}

/** The part of the world that the store uses. */
export interface StorePlatform {
  readonly schedule: Schedule;
  /** The time by the edge's clock. */
  edgeNow(): number;
  /** Milliseconds until a commit is durable. */
  flushTime(): number;
  /** Whether a commit is refused now. */
  refusesCommit(): boolean;
  /** Whether a flush fails now. Then the object is evicted. */
  failsFlush(): boolean;
  /** The alarm may have moved. */
  onAlarmChanged(): void;
  /** The rows could not be flushed. */
  onFlushFailed(): void;
}

/** The writes of one step of the history that are not yet durable. They become durable together. */
interface PendingWrite {
  readonly step: number;
  rows: Rows;
  readonly waiting: (() => void)[];
}

/** The storage of one object over all its incarnations. */
export class MemoryStore implements ChargeStore {
  readonly #platform: StorePlatform;
  #rows: Rows = EMPTY;
  #durableRows: Rows = EMPTY;
  #pendingWrites: PendingWrite[] = [];
  #flushesAt = 0;
  /** Every durable state, without those that differ in the alarm alone. */
  readonly #history: Rows[] = [];

  constructor(platform: StorePlatform) {
    this.#platform = platform;
  }

  /** The rows as the object sees them. */
  get rows(): Rows {
    return this.#rows;
  }

  /** The rows that would survive a crash now. */
  get durableRows(): Rows {
    return this.#durableRows;
  }

  load(): ChargeRecord | null {
    return this.#rows.record === null ? null : (JSON.parse(this.#rows.record) as ChargeRecord);
  }

  binding(scope: string, key: string): KeyBinding | null {
    return this.#rows.bindings.get(`${scope} ${key}`) ?? null;
  }

  commit({ record, binding, outbox, deadlines, forget }: Commit): void {
    if (this.#platform.refusesCommit()) throw new StorageRefused();
    const bindings =
      binding === null ? this.#rows.bindings : new Map([...this.#rows.bindings, [`${binding.scope} ${binding.key}`, binding]]);
    if (binding !== null && bindings.size === this.#rows.bindings.size) throw new Error("UNIQUE constraint failed: key");
    const sequences = new Set(this.#rows.outbox.map(({ sequence }) => sequence));
    if (outbox.some(({ sequence }) => sequences.has(sequence))) throw new Error("UNIQUE constraint failed: outbox");
    const alarm = this.#earliest(deadlines);
    this.#write({
      record: JSON.stringify(record),
      bindings: forget ? new Map() : bindings,
      outbox: forget ? [] : [...this.#rows.outbox, ...outbox],
      deadlines,
      alarm,
    });
  }

  schedule(deadlines: readonly Deadline[]): void {
    if (JSON.stringify(deadlines) === JSON.stringify(this.#rows.deadlines)) return;
    if (this.#platform.refusesCommit()) throw new StorageRefused();
    this.#write({ ...this.#rows, deadlines });
    this.arm(null);
  }

  durable(): Promise<void> {
    const last = this.#pendingWrites.at(-1);
    return last === undefined ? Promise.resolve() : new Promise((resolve) => last.waiting.push(resolve));
  }

  /** As order-store.ts: sets the alarm to the earliest deadline, or to another time instead. */
  arm(override: number | null): void {
    this.#write({ ...this.#rows, alarm: override ?? this.#earliest(this.#rows.deadlines) });
  }

  /** As order-store.ts: never in the past. */
  #earliest(deadlines: readonly Deadline[]): number | null {
    return deadlines.length === 0 ? null : Math.max(this.#platform.edgeNow(), Math.min(...deadlines.map(({ at }) => at)));
  }

  /** The alarm has fired, so it is no longer set. */
  startAlarm(): void {
    this.#write({ ...this.#rows, alarm: null });
  }

  /** The object is evicted. Writes that were not yet durable are kept or lost. */
  crash(keepsUnflushed: boolean): void {
    this.#pendingWrites = [];
    if (keepsUnflushed) this.#makeDurable(this.#rows);
    this.#rows = this.#durableRows;
    this.#platform.onAlarmChanged();
  }

  /** Restores the n-th durable state, or the last one. 0: the state before the first write. */
  restore(to: number): void {
    this.#rows = to === 0 ? EMPTY : (this.#history[to - 1] ?? this.#durableRows);
    this.crash(true);
  }

  #write(rows: Rows): void {
    this.#rows = rows;
    const { schedule } = this.#platform;
    const last = this.#pendingWrites.at(-1);
    if (last?.step === schedule.steps) last.rows = rows;
    else {
      const pending: PendingWrite = { step: schedule.steps, rows, waiting: [] };
      this.#pendingWrites.push(pending);
      this.#flushesAt = Math.max(this.#flushesAt, schedule.now + this.#platform.flushTime());
      schedule.at(this.#flushesAt, () => this.#flush(pending));
    }
    this.#platform.onAlarmChanged();
  }

  #flush(pending: PendingWrite): void {
    if (this.#pendingWrites[0] !== pending) return;
    if (this.#platform.failsFlush()) {
      this.#platform.onFlushFailed();
      return;
    }
    this.#pendingWrites.shift();
    this.#makeDurable(pending.rows);
    for (const resolve of pending.waiting) resolve();
  }

  #makeDurable(rows: Rows): void {
    if (rows.record !== this.#durableRows.record) this.#history.push(rows);
    this.#durableRows = rows;
  }
}
