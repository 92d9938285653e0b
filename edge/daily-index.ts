/**
 * The object of one day: an index of the charges that changed on it, each in its newest state. The orders' own objects feed it, at least
 * once. It decides nothing.
 */
import { DurableObject } from "cloudflare:workers";
import type { ChargeStatus } from "../src/edge-api.ts";
import { DAY } from "../src/lib/time.ts";
import { endOfDay } from "../src/lib/almaty-day.ts";
import type { DayQuery } from "./http/day-query.ts";
import { readSettings } from "./settings.ts";

/** Charges per page. */
const PAGE_SIZE = 50;

/** Characters per page, because one charge with hundreds of operations is large. Fifty usual charges are far below. */
const MAX_PAGE_CHARACTERS = 4 * 1024 * 1024;

/** A charge in the list of one day. */
export interface DayEntry {
  readonly day: string;
  readonly orderId: string;
  /** Grows with every change of the charge, so that an older state never replaces a newer one. */
  readonly version: number;
  readonly status: ChargeStatus;
  /** The merchant's view as JSON text. */
  readonly view: string;
}

/** A page: views as JSON texts, and the position of the next page. */
export interface DayPage {
  readonly charges: readonly string[];
  readonly next: string | null;
}

/** One day. Orders' objects write to it, the Worker reads it. */
export class DailyIndex extends DurableObject<Readonly<Record<string, unknown>>> {
  /** Stores the state of a charge, unless a newer one is stored. */
  put({ day, orderId, version, status, view }: DayEntry): void {
    this.ctx.storage.transactionSync(() => {
      const { sql } = this.ctx.storage;
      if (!this.#hasTables()) {
        sql.exec("CREATE TABLE day (day TEXT NOT NULL)");
        sql.exec(
          "CREATE TABLE entry (position INTEGER PRIMARY KEY AUTOINCREMENT, order_id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, status TEXT NOT NULL, view TEXT NOT NULL)",
        );
        sql.exec("CREATE INDEX entry_by_status ON entry (status, position)");
        sql.exec("INSERT INTO day (day) VALUES (?)", day);
        void this.ctx.storage.setAlarm(this.#expiresAt(day));
      }
      sql.exec(
        "INSERT INTO entry (order_id, version, status, view) VALUES (?, ?, ?, ?) ON CONFLICT (order_id) DO UPDATE SET version = excluded.version, status = excluded.status, view = excluded.view WHERE excluded.version > entry.version",
        orderId,
        version,
        status,
        view,
      );
    });
  }

  /** A page of the list, in the order in which the charges were first stored. Reading writes nothing. */
  list({ status, after }: Omit<DayQuery, "day">): DayPage {
    if (!this.#hasTables()) return { charges: [], next: null };
    const rows = this.ctx.storage.sql.exec<{ position: number; view: string }>(
      `SELECT position, view FROM entry WHERE position > ?${status === null ? "" : " AND status = ?"} ORDER BY position LIMIT ${PAGE_SIZE + 1}`,
      ...(status === null ? [after] : [after, status]),
    );
    const charges: string[] = [];
    let [last, text] = [after, 0];
    for (const { position, view } of rows) {
      text += view.length;
      if (charges.length === PAGE_SIZE || (charges.length > 0 && text > MAX_PAGE_CHARACTERS)) return { charges, next: String(last) };
      charges.push(view);
      last = position;
    }
    return { charges, next: null };
  }

  /** Deletes the list when the retention of its day has passed. */
  override async alarm(): Promise<void> {
    const { storage } = this.ctx;
    const expiresAt = this.#hasTables() ? this.#expiresAt(storage.sql.exec<{ day: string }>("SELECT day FROM day").one().day) : 0;
    if (expiresAt > Date.now()) return storage.setAlarm(expiresAt);
    await storage.deleteAlarm();
    await storage.deleteAll();
  }

  /** When the list is deleted. While the settings are incomplete this is not known, so the alarm tries again in a day. */
  #expiresAt(day: string): number {
    const reading = readSettings(this.env);
    return reading.ok ? endOfDay(day) + reading.settings.retentionDays * DAY : Date.now() + DAY;
  }

  #hasTables(): boolean {
    return this.ctx.storage.sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'entry'").toArray().length > 0;
  }
}
