/** Refund rows that the gateway never settles: their status is missing, or a word that the contract does not list. */
import { describe, expect, test } from "vitest";
import { deadlinesOf } from "../../../edge/machine/deadlines.ts";
import { OrderHistory } from "./order-history.ts";

const DAY = 86_400_000;

function withRow(status: string | undefined, retentionDays = 400): OrderHistory {
  const order = new OrderHistory();
  order.retentionDays = retentionDays;
  order.succeed();
  order.pass(10_000);
  order.happen({ type: "hint", ticket: "ticket-key-1" });
  order.see({ payment: order.payment("success", { refund_payments: [row(status)] }) });
  return order;
}

function row(status: string | undefined): { id: string; amount: number; status?: string } {
  return { id: "r1", amount: -1, ...(status === undefined ? {} : { status }) };
}

/** Reads the payment at each of its deadlines, up to a number of days from now. */
function live(order: OrderHistory, days: number, status: string | undefined): number {
  const end = order.now + days * DAY;
  let polls = 0;
  for (;;) {
    const at = Math.min(...deadlinesOf(order.record, order).map((deadline) => deadline.at));
    if (at > end) break;
    order.fireAlarm();
    if (order.polls === 0) continue;
    polls += 1;
    order.see({ payment: order.payment("success", { refund_payments: [row(status)] }) });
  }
  order.now = end;
  return polls;
}

describe.each([undefined, "", "process", "pending", "frozen", "toString"])("a row with status %s", (status) => {
  test("raises attention after a day, with its status", () => {
    const order = withRow(status);
    live(order, 0.99, status);
    expect(order.told).toEqual([]);
    live(order, 0.02, status);
    expect(order.record.attention).toMatchObject([{ reason: "refund_unsettled", attempt: 1, detail: status ?? null }]);
  });

  test("is read daily from then on up to day 30, and never again", () => {
    const order = withRow(status);
    live(order, 2, status);
    const polls = live(order, 27, status);
    expect([polls >= 26, polls <= 28]).toEqual([true, true]);
    live(order, 3, status);
    expect(order.attempt(1).nextPollAt).toBeNull();
    expect(live(order, 300, status)).toBe(0);
  });

  test("is not read once more on day 31", () => {
    const order = withRow(status);
    live(order, 30, status);
    expect([order.attempt(1).nextPollAt, live(order, 300, status)]).toEqual([null, 0]);
  });

  test("does not delay the order's retention", () => {
    const order = withRow(status, 2);
    live(order, 3, status);
    expect(order.record.redactedAt).not.toBeNull();
    expect(deadlinesOf(order.record, order)).toEqual([]);
  });
});

test("raises no attention after the order was redacted", () => {
  const order = withRow("pending", 1);
  order.pass(400 * DAY);
  order.happen({ type: "alarm" });
  expect(order.record.redactedAt).not.toBeNull();
  expect(deadlinesOf(order.record, order)).toEqual([]);
});

test("a row that is settled in time raises no attention", () => {
  const order = withRow("process");
  live(order, 0.5, "success");
  live(order, 5, "success");
  expect([order.told, order.attempt(1).nextPollAt]).toEqual([[], null]);
});
