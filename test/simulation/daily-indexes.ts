/** The daily indexes of a simulated edge, as far as they act: a day and a week after its day each calls the shards of its unsettled orders. */
import { endOfDay } from "../../src/lib/almaty-day.ts";
import type { DayEntry } from "../../edge/rpc.ts";
import { DAY } from "./scenario.ts";
import type { Schedule } from "./schedule.ts";

/** The statuses in which something of a charge is still to come. */
const UNSETTLED: ReadonlySet<string> = new Set(["processing", "unconfirmed", "authorized"]);

export interface IndexHost {
  readonly schedule: Schedule;
  /** The edge's RETENTION_DAYS. At its end an index is deleted. */
  retentionDays(): number;
  /** Calls the order's shard. */
  check(): void;
}

export class DailyIndexes {
  readonly #host: IndexHost;
  /** The newest entry of the order, by day. */
  readonly #entries = new Map<string, DayEntry>();

  constructor(host: IndexHost) {
    this.#host = host;
  }

  /** Stores the order's state, unless a newer one is stored. */
  put(entry: DayEntry): void {
    const known = this.#entries.get(entry.day);
    if (known === undefined) this.#schedule(entry.day);
    if (known === undefined || entry.version > known.version) this.#entries.set(entry.day, entry);
  }

  #schedule(day: string): void {
    const { schedule } = this.#host;
    for (const after of [DAY, 7 * DAY]) {
      const at = endOfDay(day) + after;
      if (at <= schedule.now) continue;
      schedule.at(at, () => {
        const isDeleted = after >= this.#host.retentionDays() * DAY;
        if (!isDeleted && UNSETTLED.has(this.#entries.get(day)?.status ?? "")) this.#host.check();
      });
    }
  }
}
