/** M1, M9 and M10 when the settings change between two starts: where an order is at home, and its deadlines. */
import type { ChargeRecord, Home } from "../../edge/machine/record.ts";
import type { InFlightCall } from "./simulation-event.ts";
import type { Fail, Checker, CheckContext } from "./checker.ts";
import { DAY, HOUR, MINUTE, SECOND } from "./scenario.ts";

/** The most times that one order's alarm rings within {@link ALARM_WINDOW}: twice as often as its looks can be due. */
const MAX_ALARMS = 12;
const ALARM_WINDOW = 5 * SECOND;

/** A provisional failure is read for a day. */
const READ_ON: number = DAY + HOUR;

/** What the alarm may take beside its time: a look that was lost, an alarm that did not get through. */
const ALARM_TAKES = 2 * MINUTE;

const homeText = ({ host, merchantId }: Home): string => `${host}, merchant ${merchantId}`;

export function settingsChecker(context: CheckContext, fail: Fail): Checker {
  const { object, schedule } = context;
  const alarmTimes: number[] = [];
  let checkedRows: unknown = null;
  let checkedOpen: number | null = null;

  /** M1: nothing leaves for another gateway or merchant than the one that the order was first stored with. */
  function onSent({ call, to }: InFlightCall): void {
    const home = object.durableRecord?.home ?? null;
    if (home === null || homeText(home) !== homeText(to))
      fail(
        "M1",
        `${call.action.name} left for ${homeText(to)}, and the order ${home === null ? "is not stored" : `belongs to ${homeText(home)}`}`,
      );
  }

  /** M1, by the books: an order is paid at one gateway, as one merchant. */
  function paidInOnePlace(): void {
    const places = Object.values(context.connections).filter(({ model }) =>
      [...model.payments.keys()].some((id) => !context.oldIds.has(id)),
    );
    if (places.length > 1 && !context.wasRestored())
      fail("M1", `the order has payments in the books of ${places.map(({ to }) => homeText(to)).join(" and of ")}`);
  }

  /** M9: the alarm does what is due, so nothing is due after it; and it does not ring again and again. */
  function onAlarmFired(): void {
    const now = schedule.now;
    alarmTimes.push(now);
    while ((alarmTimes[0] ?? now) < now - ALARM_WINDOW) alarmTimes.shift();
    if (alarmTimes.length > MAX_ALARMS) fail("M9", `the alarm rang ${alarmTimes.length} times within ${ALARM_WINDOW / SECOND} s`);
  }

  function onAlarmDone(): void {
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
    const ends = (record.updatedAt ?? 0) + context.retentionDays() * DAY;
    if (!isSettled(record)) return;
    const { openedAt } = object;
    if (openedAt !== null && row?.at !== ends)
      fail(
        "M10",
        `the order is settled and its retention ends in ${since(ends)}, but its deadline is ${row === undefined ? "none" : since(row.at)}`,
      );
    // A changed setting counts from when the object is next opened.
    const keptUntil = openedAt === null ? (row?.at ?? ends) : ends;
    const calmSince = Math.max(context.lastDisturbance(), openedAt ?? 0);
    if (object.now > keptUntil + ALARM_TAKES + 2 * context.clockSkew() && schedule.now > calmSince + ALARM_TAKES)
      fail("M10", `the retention ended ${Math.round((object.now - keptUntil) / MINUTE)} min ago, and the order is kept whole`);
  }

  const since = (at: number): string => `${Math.round((at - object.now) / MINUTE)} min`;

  /** M1: the merchant is told that an order is away. */
  function attentionIsRaised(after: ChargeRecord): void {
    if (context.isAway() && after.redactedAt === null && !after.attention.some(({ reason }) => reason === "gateway_changed"))
      fail("M1", "the order is away, and the merchant is not told");
  }

  /** M1: an order belongs to the gateway and merchant of its first write, for good. */
  function homeIsUnchanged(before: ChargeRecord, after: ChargeRecord): void {
    if (homeText(before.home) !== homeText(after.home))
      fail("M1", `the order belonged to ${homeText(before.home)}, and now to ${homeText(after.home)}`);
  }

  return {
    onEvent(event): void {
      if (event.type === "call_sent") onSent(event.inFlight);
      else if (event.type === "gateway_acted" && event.made !== null) paidInOnePlace();
      else if (event.type === "alarm_fired") onAlarmFired();
      else if (event.type === "alarm_done") onAlarmDone();
      // The platform throws the object out: what it had written is not there, and the same alarm rings again.
      else if (event.type === "evicted") alarmTimes.length = 0;
      else if (event.type === "applied") {
        attentionIsRaised(event.after);
        homeIsUnchanged(event.before, event.after);
      }
    },
    check(record): void {
      const { rows } = object.store;
      const isDue = record.redactedAt === null && rows.deadlines.some(({ name, at }) => name === "retention" && at < object.now);
      if (rows === checkedRows && object.openedAt === checkedOpen && !isDue) return;
      checkedRows = rows;
      checkedOpen = object.openedAt;
      retention(record);
    },
  };
}
