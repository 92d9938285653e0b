/**
 * The index of one day: the charges that changed on it, each in its newest state. Shards send their updates at least once. The index
 * decides nothing.
 */
import { DurableObject } from "cloudflare:workers";
import { DAY } from "../src/lib/time.ts";
import { endOfDay } from "../src/lib/almaty-day.ts";
import type { Shards } from "./home.ts";
import { homeOf, shardAt } from "./home.ts";
import type { DayQuery } from "./http/day-query.ts";
import { describeError, log } from "./log.ts";
import { shardOf, slotOf } from "./storage/placement.ts";
import type { DayEntry, DayPage } from "./rpc.ts";
import type { Home } from "./machine/record.ts";
import { readSettings } from "./settings.ts";

/** Charges per page. */
const PAGE_SIZE = 50;

/** Characters per page, because one charge with hundreds of operations is large. Fifty usual charges are far below. */
const MAX_PAGE_CHARACTERS = 4 * 1024 * 1024;

/** The statuses in which something of a charge is still to come, as SQL. */
const UNSETTLED = "'processing', 'unconfirmed', 'authorized'";

/** Most charges of a day have succeeded, so the index of statuses leaves them out: it is written for the others alone. */
const IS_INDEXED = "status <> 'succeeded'";

/** SQLite uses the index only where the condition stands in the query. */
function indexed(status: string): string {
  return status === "succeeded" ? "" : ` AND ${IS_INDEXED}`;
}

/** One day. Shards write it, the Worker reads it. */
export class DailyIndex extends DurableObject<Readonly<Record<string, unknown>>> {
  /** Whether the tables were found. The object forgets it when it deletes them. */
  #isMade = false;

  /** Stores the state of a charge, unless a newer one is stored. */
  put({ day, orderId, version, status, view }: DayEntry): void {
    if (!this.#hasTables()) this.#makeTables(day);
    // One statement, so it needs no transaction of its own.
    this.ctx.storage.sql.exec(
      "INSERT INTO entry (order_id, version, status, view) VALUES (?, ?, ?, ?) ON CONFLICT (order_id) DO UPDATE SET version = excluded.version, status = excluded.status, view = excluded.view WHERE excluded.version > entry.version",
      orderId,
      version,
      status,
      view,
    );
  }

  /** A page of the index, in the order in which the charges came to it. Reading writes nothing. */
  list({ status, after }: Omit<DayQuery, "day">): DayPage {
    if (!this.#hasTables()) return { charges: [], next: null };
    const rows = this.ctx.storage.sql.exec<{ position: number; view: string }>(
      `SELECT position, view FROM entry WHERE position > ?${status === null ? "" : ` AND status = ?${indexed(status)}`} ORDER BY position LIMIT ${PAGE_SIZE + 1}`,
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

  /**
   * A day and a week after its day the index opens the shards of its undecided and held charges, so that a lost alarm is set again. At
   * the end of the retention it is deleted.
   */
  override async alarm(): Promise<void> {
    const { storage } = this.ctx;
    const day = this.#hasTables() ? storage.sql.exec<{ day: string }>("SELECT day FROM day").one().day : null;
    if (day === null || this.#ends(day) <= Date.now()) {
      await storage.deleteAlarm();
      await storage.deleteAll();
      this.#isMade = false;
      return;
    }
    await storage.setAlarm(this.#nextAlarm(day));
    await this.#checkShards();
  }

  /** When the alarm fires next: a day after the day, a week after it, at the end of the retention. */
  #nextAlarm(day: string): number {
    const now = Date.now();
    const times = [endOfDay(day) + DAY, endOfDay(day) + 7 * DAY].filter((at) => at > now);
    return Math.min(...times, this.#ends(day));
  }

  async #checkShards(): Promise<void> {
    const reading = readSettings(this.env);
    const charges = this.env["CHARGES"] as Shards<{ check(): Promise<unknown> }> | undefined;
    if (!reading.ok || charges === undefined) return;
    const rows = this.ctx.storage.sql.exec<{ order_id: string }>(
      `SELECT order_id FROM entry WHERE status IN (${UNSETTLED}) AND ${IS_INDEXED}`,
    );
    // The settings may name another gateway or merchant by now. A shard of this one checks its alarm all the same.
    const { host, merchant_id: merchantId } = this.ctx.storage.sql
      .exec<{ host: string; merchant_id: string }>("SELECT host, merchant_id FROM day")
      .one();
    const { locationHint } = reading.settings;
    const positions = new Set([...rows].map(({ order_id }) => shardOf(slotOf(order_id))));
    for (const position of positions) {
      try {
        await shardAt(charges, { home: { host, merchantId }, locationHint }, position).check();
      } catch (error) {
        log({ event: "error", ...describeError(error) });
      }
    }
  }

  /** The gateway and merchant of its charges: only a shard that is at home sends updates. */
  #home(): Home {
    const reading = readSettings(this.env);
    if (!reading.ok) throw new Error("The settings are not complete");
    return homeOf(reading.settings);
  }

  /** When the index is deleted. While the settings are incomplete that is not known: it is computed again in a day. */
  #ends(day: string): number {
    const reading = readSettings(this.env);
    return reading.ok ? endOfDay(day) + reading.settings.retentionDays * DAY : Date.now() + DAY;
  }

  /** Entries are never deleted one by one, so positions grow without AUTOINCREMENT, which would write a row more. */
  #makeTables(day: string): void {
    const { sql } = this.ctx.storage;
    this.ctx.storage.transactionSync(() => {
      sql.exec("CREATE TABLE day (day TEXT NOT NULL, host TEXT NOT NULL, merchant_id TEXT NOT NULL)");
      sql.exec(
        "CREATE TABLE entry (position INTEGER PRIMARY KEY, order_id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, status TEXT NOT NULL, view TEXT NOT NULL)",
      );
      sql.exec(`CREATE INDEX entry_by_status ON entry (status, position) WHERE ${IS_INDEXED}`);
      const { host, merchantId } = this.#home();
      sql.exec("INSERT INTO day (day, host, merchant_id) VALUES (?, ?, ?)", day, host, merchantId);
      void this.ctx.storage.setAlarm(this.#nextAlarm(day));
    });
  }

  #hasTables(): boolean {
    this.#isMade ||= this.ctx.storage.sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'entry'").toArray().length > 0;
    return this.#isMade;
  }
}
