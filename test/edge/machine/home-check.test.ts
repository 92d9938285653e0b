/** An order belongs to the gateway and merchant of its first write (M1). */
import { describe, expect, test } from "vitest";
import { logLinesOf } from "../../../edge/machine/decision-log.ts";
import type { ChargeEvent } from "../../../edge/machine/event.ts";
import { deadlinesOf } from "../../../edge/machine/deadlines.ts";
import { created, lost, OrderHistory } from "./order-history.ts";
import { PageOrder } from "./page-order.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Orders with pending work, by its kind. */
const ORDERS: Readonly<Record<string, (order: OrderHistory) => void>> = {
  "a create whose answer was lost": (order) => {
    order.pay();
    order.answer(lost());
  },
  "a payment that is undecided": (order) => {
    order.pay();
    order.answer(created("process"));
  },
  "a hold": (order) => order.hold(),
  "a refund in process": (order) => {
    order.succeed();
    order.operate("refund", 100);
    order.seeOperation(order.payment("success"));
    order.edited(lost());
  },
  "a provisional failure": (order) => order.silent(),
};

function orderWith(what: string): OrderHistory {
  const order = new OrderHistory();
  ORDERS[what]?.(order);
  order.effects = [];
  return order;
}

function logged(order: OrderHistory, event: ChargeEvent): string[] {
  const before = order.record;
  order.happen(event);
  return logLinesOf({ event, before, after: order.record, now: order.now, request: null }).map(({ reason }) => reason ?? "");
}

describe("while the settings name another gateway or merchant", () => {
  test.each(Object.keys(ORDERS))("no call about %s is sent: the order compares the settings hourly, and logs once a day", (what) => {
    const order = orderWith(what);
    order.isAway = true;
    const lines: string[] = [];
    const start = order.now;
    for (let fired = 0; fired < 49; fired += 1) {
      order.now = Math.max(order.now, Math.min(...deadlinesOf(order.record, order).map(({ at }) => at)));
      lines.push(...logged(order, { type: "alarm" }));
    }
    expect(order.effects).toEqual([]);
    expect(order.now - start).toBeGreaterThanOrEqual(48 * HOUR);
    expect(lines).toEqual(["gateway_changed", "gateway_changed", "gateway_changed"]);
  });

  test.each(Object.keys(ORDERS))(
    "%s continues once the settings name its own merchant again, and the merchant can see its status meanwhile",
    (what) => {
      const order = orderWith(what);
      order.isAway = true;
      order.pass(HOUR);
      order.happen({ type: "alarm" });
      order.isAway = false;
      order.pass(DAY);
      order.happen({ type: "alarm" });
      expect(order.effects.length).toBeGreaterThan(0);
      expect(order.told.filter((reason) => reason === "gateway_changed")).toHaveLength(1);
      expect(order.record.gatewayChanged).toBeNull();
    },
  );

  test("the next call makes it continue too", () => {
    const order = orderWith("a payment that is undecided");
    order.isAway = true;
    order.happen({ type: "alarm" });
    order.isAway = false;
    order.pass(10_000);
    order.happen({ type: "hint", ticket: null });
    expect(order.polls).toBe(1);
  });

  test("nothing begins: callers get unavailable, and no key is bound", () => {
    const order = new OrderHistory();
    order.declined();
    order.isAway = true;
    const unavailable = { ok: false, code: "unavailable" };
    expect(order.pay("key-2")).toEqual(unavailable);
    expect(order.operate("refund", 100)).toEqual(unavailable);
    expect(order.close()).toEqual(unavailable);
    expect(order.resolve("p1")).toEqual(unavailable);
    expect([order.effects, order.bindings.size]).toEqual([[], 1]);
  });

  test("a late answer changes nothing, and no read follows a callback", () => {
    const order = new OrderHistory();
    order.pay();
    const send = order.takeSend();
    order.isAway = true;
    order.answer(created("process"), send);
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    expect([order.attempt(1).paymentId, order.effects]).toEqual([null, []]);
  });

  test("a shopper's return from a page is kept, and the page is read as soon as the order is at home", () => {
    const order = new PageOrder();
    order.saveCardMonths = 12;
    order.open();
    order.saw(order.try("new"));
    order.isAway = true;
    order.pass(MINUTE);
    order.returned("paid");
    expect(order.page()).toMatchObject({ isCodeGiven: true, hiddenAt: order.now, lastSignAt: order.now });
    expect([order.view.payment_page, order.effects]).toEqual([null, []]);
    order.fireAlarm();
    expect(order.effects).toEqual([]);
    order.isAway = false;
    order.fireAlarm();
    expect(order.polls).toBe(1);
    order.saw(order.try("success", "501", { clearing: { cleared: true, amount: 10 } }));
    expect(order.status).toBe("succeeded");
  });

  test("a settled order keeps only the end of its retention, which needs no gateway", () => {
    const order = new OrderHistory();
    order.succeed();
    order.isAway = true;
    expect(deadlinesOf(order.record, order).map(({ name }) => name)).toEqual(["retention"]);
    order.pass(400 * DAY);
    order.happen({ type: "alarm" });
    expect(order.record.redactedAt).toBe(order.now);
    expect(deadlinesOf(order.record, order)).toEqual([]);
  });

  test("a redacted order raises nothing again", () => {
    const order = new OrderHistory();
    order.succeed();
    order.isAway = true;
    order.pass(400 * DAY);
    order.happen({ type: "alarm" });
    expect(order.pay("key-2")).toEqual({ ok: false, code: "unavailable" });
    expect(order.record.attention).toEqual([]);
  });
});
