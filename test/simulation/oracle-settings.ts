/** M1, M9 and M10 when the settings change between two starts: where an order is at home, and its deadlines. */
import type { ChargeRecord, Home } from "../../edge/machine/record.ts";
import type { Passage } from "./happening.ts";
import type { Fail, Watch, Watched } from "./watch.ts";
import { DAY, HOUR, MINUTE, SECOND } from "./scenario.ts";

/** The most times that one order's alarm rings within {@link RINGS_WITHIN}: twice as often as its looks can be due. */
const MOST_RINGS = 12;
const RINGS_WITHIN = 5 * SECOND;

/** A provisional failure is read for a day. */
const READ_ON: number = DAY + HOUR;

/** What the alarm may take beside its time: a look that was lost, an alarm that did not get through. */
const RING_TAKES = 2 * MINUTE;

const placeOf = ({ host, merchantId }: Home): string => `${host}, merchant ${merchantId}`;

export function watchSettings(watched: Watched, fail: Fail): Watch {
  const { object, schedule } = watched;
  const rings: number[] = [];
  let checkedRows: unknown = null;
  let checkedOpen: number | null = null;

  /** M1: nothing leaves for another gateway or merchant than the one that the order was first stored with. */
  function departed({ call, to }: Passage): void {
    const home = object.safeRecord?.home ?? null;
    if (home === null || placeOf(home) !== placeOf(to))
      fail(
        "M1",
        `${call.action.name} left for ${placeOf(to)}, and the order ${home === null ? "is not stored" : `belongs to ${placeOf(home)}`}`,
      );
  }

  /** M1, by the books: an order is paid at one gateway, as one merchant. */
  function paidAtOne(): void {
    const places = Object.values(watched.lines).filter(({ model }) => [...model.payments.keys()].some((id) => !watched.oldIds.has(id)));
    if (places.length > 1 && !watched.wasRestored())
      fail("M1", `the order has payments in the books of ${places.map(({ to }) => placeOf(to)).join(" and of ")}`);
  }

  /** M9: the alarm does what is due, so nothing is due after it; and it does not ring again and again. */
  function rang(): void {
    const now = schedule.now;
    rings.push(now);
    while ((rings[0] ?? now) < now - RINGS_WITHIN) rings.shift();
    if (rings.length > MOST_RINGS) fail("M9", `the alarm rang ${rings.length} times within ${RINGS_WITHIN / SECOND} s`);
  }

  function rung(): void {
    const past = object.store.rows.deadlines.find(({ at }) => at <= object.now);
    if (past !== undefined) fail("M9", `the alarm rang, and the deadline "${past.name}" is still in the past`);
  }

  /** Whether nothing of the order is looked at any more, so that its retention runs (M10). A refund that is not settled does not count. */
  function isSettled({ attempts, operations, resolutions, redactedAt, updatedAt }: ChargeRecord): boolean {
    if (redactedAt !== null || updatedAt === null || operations.some(({ state }) => state === "undecided")) return false;
    if (resolutions.some(({ state }) => state === "reading")) return false;
    return attempts.every(({ state, failure, decidedAt, pollStartedAt, hint, nextPollAt }) => {
      if (state === "undecided" || state === "held") return false;
      // A callback, or a read that is out.
      if (state !== "paid" && (pollStartedAt !== null || hint !== null)) return false;
      return failure?.by !== "silence" || (nextPollAt === null && object.now > (decidedAt ?? 0) + READ_ON);
    });
  }

  /** M10: the retention is a deadline by the settings of now, and it is kept. */
  function retention(record: ChargeRecord): void {
    const row = object.store.rows.deadlines.find(({ name }) => name === "retention");
    const ends = (record.updatedAt ?? 0) + watched.retentionDays() * DAY;
    if (!isSettled(record)) return;
    const { openSince } = object;
    if (openSince !== null && row?.at !== ends)
      fail(
        "M10",
        `the order is settled and its retention ends in ${since(ends)}, but its deadline is ${row === undefined ? "none" : since(row.at)}`,
      );
    // A changed setting counts from when the object is next opened.
    const keptUntil = openSince === null ? (row?.at ?? ends) : ends;
    const lately = Math.max(watched.disturbedAt(), openSince ?? 0);
    if (object.now > keptUntil + RING_TAKES + 2 * watched.slip() && schedule.now > lately + RING_TAKES)
      fail("M10", `the retention ended ${Math.round((object.now - keptUntil) / MINUTE)} min ago, and the order is kept whole`);
  }

  const since = (at: number): string => `${Math.round((at - object.now) / MINUTE)} min`;

  /** M1: the merchant is told that an order is away. */
  function isReported(after: ChargeRecord): void {
    if (watched.isAway() && after.redactedAt === null && !after.attention.some(({ reason }) => reason === "gateway_changed"))
      fail("M1", "the order is away, and the merchant is not told");
  }

  /** M1: an order belongs to the gateway and merchant of its first write, for good. */
  function staysAtHome(before: ChargeRecord, after: ChargeRecord): void {
    if (placeOf(before.home) !== placeOf(after.home))
      fail("M1", `the order belonged to ${placeOf(before.home)}, and now to ${placeOf(after.home)}`);
  }

  return {
    hear(happening): void {
      if (happening.what === "departed") departed(happening.passage);
      else if (happening.what === "acted" && happening.made !== null) paidAtOne();
      else if (happening.what === "rang") rang();
      else if (happening.what === "rung") rung();
      // The platform throws the object out: what it had written is not there, and the same alarm rings again.
      else if (happening.what === "evicted") rings.length = 0;
      else if (happening.what === "applied") {
        isReported(happening.after);
        staysAtHome(happening.before, happening.after);
      }
    },
    look(record): void {
      const { rows } = object.store;
      const isDue = record.redactedAt === null && rows.deadlines.some(({ name, at }) => name === "retention" && at < object.now);
      if (rows === checkedRows && object.openSince === checkedOpen && !isDue) return;
      checkedRows = rows;
      checkedOpen = object.openSince;
      retention(record);
    },
  };
}
