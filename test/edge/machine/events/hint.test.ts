/** A callback is followed by a poll that began after it and could be read (M7). */
import { expect, test } from "vitest";
import type { PaymentState } from "../../../../src/payment.ts";
import { deadlinesOf } from "../../../../edge/machine/deadlines.ts";
import { lost, OrderHistory, refusal } from "../order-history.ts";

const DAY = 86_400_000;
const answered = (answer: PaymentState) => ({ kind: "answered", httpStatus: 200, answer }) as const;

test("a poll that could not be read is repeated", () => {
  const order = new OrderHistory();
  order.pay();
  order.answer(refusal("10009", "insufficient_funds"));
  order.pass(10_000);
  order.happen({ type: "hint", ticket: "ticket-key-1" });
  order.see({ request: lost(), payment: lost() });
  expect(order.attempt(1).nextPollAt).not.toBeNull();
});
test("an open send of a decided attempt does not delay the poll after a callback", () => {
  const order = new OrderHistory();
  order.pay();
  order.resolve("p1");
  order.happen({ type: "resolution_read", resolution: 1, payment: answered(order.payment("success")) });
  order.effects = [];
  order.pass(DAY);
  order.happen({ type: "alarm" });
  order.happen({ type: "hint", ticket: "ticket-key-1" });
  expect(order.polls).toBe(1);
});
/** Orders by when their next poll would be without a callback. */
const NEXT_LOOKS: Readonly<Record<string, (order: OrderHistory) => void>> = {
  never: (order) => order.succeed(),
  "in minutes": (order) => order.silent(),
  tomorrow: (order) => order.hold(),
};

test.each(Object.keys(NEXT_LOOKS))(
  "a callback that came while the settings named another merchant is followed by a poll at once when they name the order's own again; the next poll was due %s",
  (when) => {
    const order = new OrderHistory();
    NEXT_LOOKS[when]?.(order);
    order.effects = [];
    order.pass(10_000);
    order.isAway = true;
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    order.isAway = false;
    expect(Math.min(...deadlinesOf(order.record, order).map(({ at }) => at))).toBeLessThanOrEqual(order.now);
    order.happen({ type: "alarm" });
    expect(order.polls).toBe(1);
  },
);

test("the polls after a callback end a day later if none of them can be read", () => {
  const order = new OrderHistory();
  order.succeed();
  order.pass(10_000);
  order.happen({ type: "hint", ticket: "ticket-key-1" });
  let polls = 0;
  for (; order.polls > 0 || order.attempt(1).nextPollAt !== null; polls += 1) {
    if (order.polls === 0) order.untilPoll();
    order.see({ payment: lost() });
  }
  expect(order.attempt(1).hint).toBeNull();
  expect(polls).toBeGreaterThan(100);
  expect(polls).toBeLessThan(1_000);
});

test("a callback whose polls cannot be read delays no poll that the attempt's state needs", () => {
  const order = new OrderHistory();
  order.silent();
  const decidedAt = order.attempt(1).decidedAt ?? 0;
  order.pass(19 * 60_000);
  order.happen({ type: "hint", ticket: "ticket-key-1" });
  while (order.now < decidedAt + 20 * 60_000) {
    if (order.polls > 0) order.see({ request: lost(), payment: lost() });
    expect(order.attempt(1).nextPollAt).toBeLessThanOrEqual(Math.max(order.now + 1, decidedAt + 20 * 60_000));
    order.fireAlarm();
  }
  expect([order.now, order.polls]).toEqual([decidedAt + 20 * 60_000, 1]);
});
