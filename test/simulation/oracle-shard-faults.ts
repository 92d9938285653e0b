/** I9 and I11: a lost alarm is set again, an order whose record cannot be read stops alone, and a full shard takes no new order. */
import type { ChargeRecord } from "../../edge/machine/record.ts";
import type { Checker, CheckContext, Fail } from "./checker.ts";
import { HOUR } from "./scenario.ts";
import type { Rows } from "./shard-storage.ts";
import type { CallName, SimulationEvent } from "./simulation-event.ts";

/** How long an order is put off whose record cannot be read, and how often a full shard writes its attention. */
const PUT_OFF = HOUR;
const FULL_IS_LOGGED = HOUR;

/** The calls that make a new order. */
const MAKES_ORDERS: ReadonlySet<CallName> = new Set<CallName>(["pay", "close"]);

/** Everything of an order that must stay as it is while its record cannot be read. */
function contentOf({ record, bindings, outbox }: Rows): string {
  return JSON.stringify([record, [...bindings.keys()], outbox]);
}

export function shardFaultsChecker(context: CheckContext, fail: Fail): Checker {
  const { object, schedule } = context;
  /** The order's rows since its record cannot be read. */
  let unreadable: { readonly rows: Rows; readonly content: string } | null = null;
  /** When attention was last logged, by reason. True time; for the full shard since it was last opened. */
  const loggedAt = new Map<string, number>();
  /** The alarm fired for an order that was due and whose record cannot be read. */
  let firedFor: number | null = null;
  /** The storage refused to put the order off. Until the object is opened again only its memory knows that. */
  let wasRefused = false;

  const isNewOrder = ({ attempts, closedAt }: ChargeRecord): boolean => attempts.length === 0 && closedAt === null;

  function onRefused({ call, code, isNew }: Extract<SimulationEvent, { readonly type: "call_refused" }>): void {
    if (object.isUnreadable) {
      if (code !== "unavailable") fail("I11", `${call} of an order whose record cannot be read was answered ${code}`);
      if (loggedAt.get("record_unreadable") !== schedule.now)
        fail("I11", `${call} found an unreadable record, and no attention was logged`);
      return;
    }
    if (code !== "unavailable") return;
    if (!object.isFull || !isNew || !MAKES_ORDERS.has(call)) fail("I11", `${call} was refused as unavailable, and nothing is the matter`);
    else if (schedule.now - (loggedAt.get("storage_full") ?? Number.NEGATIVE_INFINITY) > FULL_IS_LOGGED + 2 * context.clockSkew())
      fail("I11", "a full shard refused a new order, and no attention was logged within an hour");
    if (object.rows.record !== null || object.rows.bindings.size > 0) fail("I11", "a refused order was stored, or its key");
  }

  /** Nothing of the order leaves, and nothing changes, while its record cannot be read. */
  function onEventOfUnreadable(event: SimulationEvent): void {
    if (event.type === "call_sent" || event.type === "delivery_sent")
      fail(
        "I11",
        `${event.type === "call_sent" ? event.inFlight.call.action.name : event.what} was sent of an order whose record cannot be read`,
      );
    else if (event.type === "applied") fail("I11", `${event.chargeEvent.type} changed an order whose record cannot be read`);
    else if (event.type === "request_handled" && event.reply !== null)
      fail("I11", `${event.request.type} of an order whose record cannot be read was answered ${JSON.stringify(event.reply)}`);
    else if (event.type === "alarm_fired") onAlarm();
  }

  function onAlarm(): void {
    if ((object.rows.due ?? Number.POSITIVE_INFINITY) > object.now) return;
    wasRefused ||= context.refusesCommit();
    if (!wasRefused) firedFor = object.now;
  }

  /** An order that was due is put off by an hour, and told. */
  function isPutOff(at: number): void {
    const { due } = object.rows;
    if (loggedAt.get("record_unreadable") !== schedule.now)
      fail("I11", "the alarm found an unreadable record, and no attention was logged");
    if (due !== at + PUT_OFF)
      fail("I11", `the alarm found an unreadable record, and it is due ${due === null ? "never" : `in ${due - at} ms`}`);
  }

  return {
    onEvent(event): void {
      if (event.type === "attention_logged") loggedAt.set(event.reason, schedule.now);
      else if (event.type === "call_refused") onRefused(event);
      else if (event.type === "evicted") {
        unreadable = null;
        wasRefused = false;
        loggedAt.clear();
      } else if (event.type === "request_handled" && event.isFull && event.reply?.ok === true && isNewOrder(event.before))
        fail("I11", `a full shard took a new order: ${event.request.type}`);
      if (unreadable !== null) onEventOfUnreadable(event);
    },
    check(): void {
      if (object.alarm.isNotSetAgain) fail("I9", "the alarm was lost, and a call has reached the object since, but no alarm is set");
      if (unreadable !== null) {
        if (object.rows !== unreadable.rows && contentOf(object.rows) !== unreadable.content)
          fail("I11", "the rows of an order changed while its record could not be read");
        if (firedFor !== null) isPutOff(firedFor);
      }
      firedFor = null;
      if (object.isUnreadable) unreadable ??= { rows: object.rows, content: contentOf(object.rows) };
      else unreadable = null;
    },
  };
}
