import { describe, expect, test } from "vitest";
import { alarmAt, deadlinesOf } from "../../../edge/machine/deadlines.ts";
import { created, OrderHistory, START } from "./order-history.ts";

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

describe("when an order is due", () => {
  test.each(["attempt 1 poll", "attempt 2 undecided_15_minutes", "operation 1 poll", "resolution 1", "gateway changed"])(
    "%s is rounded up to the second",
    (name) => {
      expect(alarmAt([{ name, at: START + 1 }])).toBe(START + SECOND);
      expect(alarmAt([{ name, at: START }])).toBe(START);
    },
  );

  test.each(["retention", "attempt 1 undecided_1_day", "attempt 3 hold_expires", "attempt 1 refund_unsettled"])(
    "%s is rounded up to the hour",
    (name) => {
      expect(alarmAt([{ name, at: START + 1 }])).toBe(START + HOUR);
      expect(alarmAt([{ name, at: START + HOUR }])).toBe(START + HOUR);
    },
  );

  test("an order is due at its earliest deadline, after rounding", () => {
    const retention = { name: "retention", at: START + 1 };
    const poll = { name: "attempt 1 poll", at: START + 30 * SECOND + 1 };
    expect(alarmAt([retention, poll])).toBe(START + 31 * SECOND);
    expect(alarmAt([])).toBeNull();
  });
});

describe("every deadline that an order can have is rounded to the right unit", () => {
  const dueOf = (order: OrderHistory): readonly [string, number | null][] =>
    deadlinesOf(order.record, order).map((deadline) => [deadline.name, alarmAt([deadline])]);

  test("an undecided charge is polled to the second; attention after a day is raised to the hour", () => {
    const order = new OrderHistory();
    order.pass(1);
    order.pay();
    expect(dueOf(order)).toEqual([
      ["attempt 1 poll", START + 26 * SECOND],
      ["attempt 1 undecided_15_minutes", START + 900 * SECOND + SECOND],
      ["attempt 1 undecided_1_day", START + DAY + HOUR],
    ]);
  });

  test("a paid charge is redacted to the hour", () => {
    const order = new OrderHistory();
    order.succeed();
    expect(dueOf(order)).toEqual([["retention", START + 400 * DAY + HOUR]]);
  });

  test("attention for a hold is raised to the hour", () => {
    const order = new OrderHistory();
    order.hold();
    expect(dueOf(order)).toContainEqual(["attempt 1 hold_expires", START + 4 * DAY + HOUR]);
  });

  test("attention for a refund that is not settled is raised to the hour", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(created("process"));
    order.untilPoll();
    order.see({ payment: order.payment("success", { refund_payments: [{ id: "r1", amount: -1, status: "process" }] }) });
    expect(dueOf(order)).toContainEqual(["attempt 1 refund_unsettled", START + DAY + HOUR]);
  });
});
