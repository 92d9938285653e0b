/** M1, M9 and M10 when the settings change between two deployments: an order's home, and its deadlines. */
import type { ChargeRecord, Home } from "../../edge/machine/record.ts";
import type { InFlightCall } from "./simulation-event.ts";
import type { Fail, Checker, CheckContext } from "./checker.ts";
import { DAY, HOUR, MINUTE, SECOND } from "./scenario.ts";

/** The most alarms of one order within {@link ALARM_WINDOW}: twice as many as its polls can need. */
const MAX_ALARMS = 12;
const ALARM_WINDOW = 5 * SECOND;

/** A provisional failure is read for a day. */
const READ_ON: number = DAY + HOUR;

/** How late the alarm's work may be: a lost poll, a failed alarm. */
const ALARM_TAKES = 2 * MINUTE;

/** Failures after which an attempt is read for a day. One without a page is, if its address was lost. */
const PROVISIONAL: ReadonlySet<string> = new Set(["silence", "page_expired", "replaced", "no_page"]);

const homeText = ({ host, merchantId }: Home): string => `${host}, merchant ${merchantId}`;

export function settingsChecker(context: CheckContext, fail: Fail): Checker {
  const { object, schedule } = context;
  const alarmTimes: number[] = [];
  let checkedRows: unknown = null;
  let checkedOpen: number | null = null;
  let firstHome: Home | null = null;

  /** M1: no call is sent to another gateway or merchant than the one that the order was first stored with. */
  function onSent({ call, to }: InFlightCall): void {
    const { home } = object.durableRows;
    if (home === null || homeText(home) !== homeText(to))
      fail(
        "M1",
        `${call.action.name} was sent to ${homeText(to)}, but the order ${home === null ? "is not stored" : `belongs to ${homeText(home)}`}`,
      );
  }

  /** M1, by the books: an order is paid at one gateway, as one merchant. */
  function paidInOnePlace(): void {
    const places = Object.values(context.connections).filter(({ books }) => books.payments().some(({ id }) => !context.oldIds.has(id)));
    if (places.length > 1 && !context.wasRestored())
      fail("M1", `the order has payments in the books of ${places.map(({ to }) => homeText(to)).join(" and of ")}`);
  }

  /** M9: the alarm does not fire again and again. After it no deadline is in the past. */
  function onAlarmFired(): void {
    const now = schedule.now;
    alarmTimes.push(now);
    while ((alarmTimes[0] ?? now) < now - ALARM_WINDOW) alarmTimes.shift();
    if (alarmTimes.length > MAX_ALARMS) fail("M9", `the alarm fired ${alarmTimes.length} times within ${ALARM_WINDOW / SECOND} s`);
  }

  function onAlarmDone(): void {
    const { due, alarm } = object.rows;
    // An order that failed in an alarm is taken again a minute later. A sweep can find an order due, and sets the alarm to now.
    if (schedule.now <= context.lastDisturbance() || (alarm !== null && alarm <= object.now)) return;
    if (due !== null && due <= object.now) fail("M9", "the alarm fired, but the order is still due");
  }

  /** Whether the order is no longer polled, so that its retention runs (M10). A refund that is not settled does not count. */
  function isSettled({ attempts, operations, resolutions, redactedAt, updatedAt }: ChargeRecord): boolean {
    if (redactedAt !== null || updatedAt === null || operations.some(({ state }) => state === "undecided")) return false;
    if (resolutions.some(({ state }) => state === "reading")) return false;
    return attempts.every(({ state, failure, decidedAt, pollStartedAt, hint, nextPollAt }) => {
      if (state === "undecided" || state === "held") return false;
      // A callback that is not followed yet, or a poll in flight.
      if (state !== "paid" && (pollStartedAt !== null || hint !== null)) return false;
      return !PROVISIONAL.has(failure?.by ?? "") || (nextPollAt === null && object.now > (decidedAt ?? 0) + READ_ON);
    });
  }

  /** M10: the retention is a deadline by the current settings, and it is kept. */
  function retention(record: ChargeRecord): void {
    const { due } = object.rows;
    // Deadlines of days are rounded up to the hour.
    const ends = Math.ceil(((record.updatedAt ?? 0) + context.retentionDays() * DAY) / HOUR) * HOUR;
    if (!isSettled(record)) return;
    const { openedAt } = object;
    const calmSince = Math.max(context.lastDisturbance(), openedAt ?? 0);
    // A changed setting is taken over by a sweep, which begins when the object is next opened.
    if (openedAt !== null && schedule.now > calmSince + ALARM_TAKES && (due === null || due > Math.max(ends, object.now)))
      fail(
        "M10",
        `the order is settled and its retention ends in ${since(ends)}, but it is due ${due === null ? "never" : `in ${since(due)}`}`,
      );
    const keptUntil = openedAt === null ? (due ?? ends) : ends;
    if (object.now > keptUntil + ALARM_TAKES + 2 * context.clockSkew() && schedule.now > calmSince + ALARM_TAKES)
      fail("M10", `the retention ended ${Math.round((object.now - keptUntil) / MINUTE)} min ago, but the order is not redacted`);
  }

  const since = (at: number): string => `${Math.round((at - object.now) / MINUTE)} min`;

  /** M1: attention is raised for an order that is away. */
  function attentionIsRaised(after: ChargeRecord): void {
    if (context.isAway() && after.redactedAt === null && !after.attention.some(({ reason }) => reason === "gateway_changed"))
      fail("M1", "the order is away, and no attention is raised");
  }

  /** M1: an order belongs to the gateway and merchant of its first write, for good. */
  function homeIsUnchanged(): void {
    const { home } = object.durableRows;
    if (firstHome !== null && home !== null && homeText(firstHome) !== homeText(home) && !context.wasRestored())
      fail("M1", `the order belonged to ${homeText(firstHome)}, and now to ${homeText(home)}`);
    firstHome ??= home;
  }

  return {
    onEvent(event): void {
      if (event.type === "call_sent") onSent(event.inFlight);
      else if (event.type === "gateway_acted" && event.made !== null) paidInOnePlace();
      else if (event.type === "alarm_fired") onAlarmFired();
      else if (event.type === "alarm_done") onAlarmDone();
      // An eviction drops unflushed writes, so the same alarm fires again.
      else if (event.type === "evicted") alarmTimes.length = 0;
      else if (event.type === "applied") {
        attentionIsRaised(event.after);
        homeIsUnchanged();
      }
    },
    check(record): void {
      const { rows } = object;
      const isDue = record.redactedAt === null && (rows.due ?? 0) < object.now;
      if (rows === checkedRows && object.openedAt === checkedOpen && !isDue) return;
      checkedRows = rows;
      checkedOpen = object.openedAt;
      retention(record);
    },
  };
}
