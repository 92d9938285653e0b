import { describe, expect, test } from "vitest";
import type { ChargeRecord } from "../../../edge/machine/record.ts";
import { deadlinesOf } from "../../../edge/machine/deadlines.ts";
import { created, lost, notFound, OrderHistory, refusal, START } from "./order-history.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 86_400_000;

function named(record: ChargeRecord): Record<string, number> {
  return Object.fromEntries(deadlinesOf(record, { retentionDays: 400, isAway: false }).map(({ name, at }) => [name, at]));
}

function accepted(): OrderHistory {
  const order = new OrderHistory();
  order.pay();
  order.answer(created("process"));
  return order;
}

describe("deadlines (M9)", () => {
  test("an undecided attempt has its next poll and its attention", () => {
    const order = accepted();
    const attentions = { "attempt 1 undecided_15_minutes": START + 15 * MINUTE, "attempt 1 undecided_1_day": START + DAY };
    expect(named(order.record)).toEqual({ "attempt 1 poll": order.attempt(1).nextPollAt, ...attentions });
    order.pass(15 * MINUTE);
    order.happen({ type: "alarm" });
    expect(order.told).toEqual(["undecided_15_minutes"]);
    expect(Object.keys(named(order.record))).toEqual(["attempt 1 poll", "attempt 1 undecided_1_day"]);
  });

  test("a hold has its daily poll and the attention before it ends; one that the gateway clears by itself raises none", () => {
    const order = new OrderHistory();
    order.hold();
    expect(named(order.record)).toEqual({ "attempt 1 poll": order.now + DAY, "attempt 1 hold_expires": order.now + 4 * DAY });
    const single = accepted();
    single.untilPoll();
    single.see({ payment: single.payment("approved") });
    expect(Object.keys(named(single.record))).toEqual(["attempt 1 poll"]);
  });

  test("a paid charge in two steps has no attention, only the end of its retention", () => {
    const order = new OrderHistory();
    order.hold();
    order.untilPoll();
    order.see({ payment: order.payment("success", { clearing: { cleared: true, amount: 10 } }) });
    expect(Object.keys(named(order.record))).toEqual(["retention"]);
  });

  test("operations and payments that an operator named have their own deadlines", () => {
    const order = new OrderHistory();
    order.succeed();
    order.operate("refund", 100);
    expect(named(order.record)).toEqual({ "operation 1 poll": order.now + 25 * SECOND });
    order.seeOperation(order.payment("success"));
    order.edited(refusal("11017", "operation_refused"));
    expect(Object.keys(named(order.record))).toEqual(["retention"]);
    const stuck = new OrderHistory();
    stuck.pay();
    stuck.answer(refusal("10011", "duplicate"));
    stuck.resolve("p9");
    expect(named(stuck.record)).toMatchObject({ "resolution 1": START + 25 * SECOND });
    stuck.happen({ type: "resolution_read", resolution: 1, payment: lost() });
    expect(named(stuck.record)).not.toHaveProperty("resolution 1");
  });
});

describe("a deadline that has come", () => {
  test("before the deadline nothing happens", () => {
    const order = accepted();
    const { record } = order;
    order.happen({ type: "alarm" });
    expect(order.record).toEqual(record);
    expect(order.effects).toEqual([]);
  });

  test("only the operation that is due is polled", () => {
    const order = new OrderHistory();
    order.succeed();
    order.operate("refund", 100);
    order.take("poll_operation");
    order.pass(24_999);
    order.happen({ type: "alarm" });
    expect(order.wants("poll_operation")).toBe(false);
    order.pass(1);
    order.happen({ type: "alarm" });
    expect(order.take("poll_operation")).toMatchObject({ operation: 1, startedAt: order.now });
    order.seeOperation(order.payment("success"));
    order.edited(refusal("11017", "operation_refused"));
    order.pass(DAY);
    order.happen({ type: "alarm" });
    expect(order.effects).toEqual([]);
  });

  test("an operation without a readable read is not done after two minutes; until then it is polled", () => {
    const order = new OrderHistory();
    order.succeed();
    order.operate("refund", 100);
    order.pass(2 * MINUTE);
    order.happen({ type: "alarm" });
    expect(order.operation(1).state).toBe("undecided");
    order.pass(25 * SECOND);
    order.happen({ type: "alarm" });
    expect(order.operation(1)).toMatchObject({
      state: "not_done",
      refusal: { code: "unavailable", gatewayCode: null, description: null },
      nextPollAt: null,
    });
  });

  test("a later attempt that waits for its reads has failed after two minutes; until then it is polled", () => {
    const order = new OrderHistory();
    order.declined();
    order.pay("key-2");
    order.pass(2 * MINUTE);
    order.happen({ type: "alarm" });
    expect(order.attempt(2).state).toBe("undecided");
    order.pass(25 * SECOND);
    order.happen({ type: "alarm" });
    expect(order.attempt(2)).toMatchObject({ state: "failed", failure: { by: "never_sent", category: "gateway_unavailable" } });
  });

  test("a later attempt that a payment without an owner stops is polled for as long as it takes", () => {
    const order = new OrderHistory();
    order.declined();
    order.pay("key-2");
    order.see({ payment: (orderId) => (orderId === "1234" ? {} : order.payment("success", { id: "p9", amount: 99 })) });
    expect(order.attempt(2).mismatch).toBe("amount_differs");
    order.pass(10 * MINUTE);
    order.happen({ type: "alarm" });
    expect(order.attempt(2).state).toBe("undecided");
    expect(order.polls).toBe(1);
  });

  test("a payment that an operator named and that could not be read becomes unavailable after its time, and stays so", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(refusal("10011", "duplicate"));
    order.resolve("p9");
    order.pass(24_999);
    order.happen({ type: "alarm" });
    expect(order.record.resolutions[0]?.state).toBe("reading");
    order.pass(1);
    order.happen({ type: "alarm" });
    expect(order.record.resolutions[0]).toMatchObject({ state: "unavailable", nextPollAt: null });
    const { resolution } = order.take("read_resolution");
    order.happen({
      type: "resolution_read",
      resolution,
      payment: { kind: "answered", httpStatus: 200, answer: order.payment("success", { id: "p9" }) },
    });
    expect(order.record.resolutions[0]?.state).toBe("unavailable");
    expect(order.attempt(1).paymentId).toBeNull();
    const refused = new OrderHistory();
    refused.pay();
    refused.answer(lost());
    refused.resolve("p9");
    refused.happen({ type: "resolution_read", resolution: 1, payment: notFound });
    refused.pass(DAY);
    refused.happen({ type: "alarm" });
    expect(refused.record.resolutions[0]?.state).toBe("refused");
  });
});

describe("a hint (M5 and M7)", () => {
  test("is accepted at any time if none came before, and also if the clock was set back", () => {
    const order = accepted();
    order.happen({ type: "hint", ticket: null });
    expect(order.polls).toBe(1);
    order.see({ payment: order.payment("process") });
    order.pass(-10 * MINUTE);
    order.happen({ type: "hint", ticket: null });
    expect(order.polls).toBe(1);
  });

  test("is accepted once at one moment", () => {
    const order = accepted();
    order.happen({ type: "hint", ticket: null });
    order.see({ payment: order.payment("process") });
    order.happen({ type: "hint", ticket: null });
    expect(order.polls).toBe(0);
  });

  test("causes no read while a poll is in flight", () => {
    const order = accepted();
    order.happen({ type: "hint", ticket: null });
    order.pass(5 * SECOND);
    order.happen({ type: "hint", ticket: null });
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    expect(order.polls).toBe(1);
  });

  test("of a GET causes no read of a settled charge; that of a callback does", () => {
    const order = new OrderHistory();
    order.succeed();
    order.pass(10 * SECOND);
    order.happen({ type: "hint", ticket: null });
    expect(order.polls).toBe(0);
    expect(order.record.hintedAt).toBeNull();
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    expect(order.polls).toBe(1);
  });

  test("of a callback less than 5 s after the start of a poll is followed by one poll 5 s after that start, however many came", () => {
    const order = accepted();
    order.untilPoll();
    const startedAt = order.now;
    order.pass(SECOND);
    order.see({ payment: order.payment("success") });
    for (let more = 0; more < 3; more += 1) {
      order.pass(100);
      order.happen({ type: "hint", ticket: "ticket-key-1" });
    }
    expect(order.polls).toBe(1);
    const look = order.takePoll();
    expect(look.startedAt).toBe(startedAt + 5 * SECOND);
    order.now = look.startedAt;
    order.see({ payment: order.payment("success") }, look);
    expect([order.polls, order.attempt(1).nextPollAt]).toEqual([0, null]);
  });

  test("of a callback for a decided attempt changes nothing while the poll of an earlier one has not left", () => {
    const order = accepted();
    order.untilPoll();
    order.see({ payment: order.payment("success") });
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    const before = structuredClone(order.record);
    order.pass(100);
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    expect(order.record).toEqual(before);
    order.pass(5 * SECOND);
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    expect(order.attempt(1).hint).toEqual({ at: order.now, hasLedToPoll: false });
  });

  test("of a callback is not lost when the clock is set back while the reads of an earlier one are out", () => {
    const order = accepted();
    order.untilPoll();
    order.see({ payment: order.payment("success") });
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    const poll = order.takePoll();
    order.now = poll.startedAt - SECOND;
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    expect(order.attempt(1).hint).toEqual({ at: order.now, hasLedToPoll: false });
    order.see({ payment: order.payment("success") }, poll);
    expect([order.attempt(1).hint === null, order.polls === 0 && order.attempt(1).nextPollAt === null]).toEqual([false, false]);
  });

  test("of a callback does not end with the answer of a poll that left before it", () => {
    const order = accepted();
    order.untilPoll();
    order.see({ payment: order.payment("success") });
    order.pass(10 * SECOND);
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    const earlier = order.takePoll();
    order.pass(SECOND);
    order.record.attempts[0] = { ...order.attempt(1), hint: { at: order.now, hasLedToPoll: true }, pollStartedAt: order.now + SECOND };
    order.see({ payment: order.payment("success") }, earlier);
    expect(order.attempt(1).hint).not.toBeNull();
  });

  test("of a callback for a decided attempt is not lost with the object that waits for the time of its poll", () => {
    const order = accepted();
    order.untilPoll();
    order.see({ payment: order.payment("success") });
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    const { startedAt } = order.takePoll();
    order.fireAlarm();
    expect([order.polls, order.now]).toEqual([1, startedAt + 25 * SECOND]);
  });

  test.each([
    [SECOND, 4 * SECOND],
    [9 * SECOND, 0],
  ])(
    "of a callback while a poll is in flight is followed by another: the poll ends after %i ms, the next begins %i ms later",
    (takes, later) => {
      const order = accepted();
      order.untilPoll();
      order.pass(takes);
      order.happen({ type: "hint", ticket: "ticket-key-1" });
      expect(order.polls).toBe(1);
      order.see({ payment: order.payment("success") });
      expect(order.polls).toBe(1);
      expect(order.takePoll().startedAt).toBe(order.now + later);
    },
  );

  test("of a callback while a send is in flight is followed by a poll after its end, even if that decides", () => {
    const order = new OrderHistory();
    order.pay();
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    expect(order.polls).toBe(0);
    order.answer(created("error", { error: { code: "10009" } }));
    expect(order.status).toBe("failed");
    expect([order.polls, order.now]).toEqual([1, START]);
  });

  test("of a callback is not lost with the object: the poll that counts as lost is followed by another", () => {
    const order = accepted();
    order.untilPoll();
    order.takePoll();
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    order.fireAlarm();
    expect([order.polls, order.attempt(1).hint?.hasLedToPoll]).toEqual([1, true]);
  });

  test("of a callback that is deferred is kept when the attempt is decided otherwise", () => {
    const order = accepted();
    order.untilPoll();
    order.see({ payment: order.payment("process") });
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    order.resolve(null);
    expect(order.status).toBe("failed");
    expect(order.attempt(1).nextPollAt).toBe(order.now + 5 * SECOND);
  });

  test("of a callback is not delayed by a clock that was set back", () => {
    const order = accepted();
    order.untilPoll();
    order.see({ payment: order.payment("process") });
    order.pass(-10 * MINUTE);
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    expect(order.polls).toBe(1);
  });

  test("of a callback for an attempt that was never sent causes no read", () => {
    const order = new OrderHistory();
    order.declined();
    order.pay("key-2");
    order.close();
    order.effects = [];
    order.happen({ type: "hint", ticket: "ticket-key-2" });
    expect(order.polls).toBe(0);
  });

  test("of a GET polls an undecided operation too, but not one that is settled, being polled, or being sent", () => {
    const order = new OrderHistory();
    order.succeed();
    order.operate("refund", 100);
    order.happen({ type: "hint", ticket: null });
    order.take("poll_operation");
    expect(order.record.hintedAt).toBeNull();
    order.happen({
      type: "operation_polled",
      operation: 1,
      generation: order.operation(1).generation,
      startedAt: order.now,
      payment: { kind: "answered", httpStatus: 200, answer: order.payment("success") },
      request: null,
    });
    order.happen({ type: "hint", ticket: null });
    expect(order.wants("poll_operation")).toBe(false);
    order.edited(lost());
    order.pass(5 * SECOND);
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    expect(order.wants("poll_operation")).toBe(false);
    order.see({ payment: order.payment("success") });
    order.pass(5 * SECOND);
    order.happen({ type: "hint", ticket: null });
    expect(order.take("poll_operation")).toMatchObject({ operation: 1, startedAt: order.now });
    expect(order.record.hintedAt).toBe(order.now);
    expect(order.polls).toBe(0);
  });

  test("of a GET does not poll an operation that has ended", () => {
    const order = new OrderHistory();
    order.succeed();
    order.operate("refund", 100);
    order.seeOperation(order.payment("success"));
    order.edited(refusal("11017", "operation_refused"));
    order.happen({ type: "hint", ticket: null });
    expect(order.effects).toEqual([]);
  });

  test("of a GET polls both an attempt and an operation of one order", () => {
    const order = new OrderHistory();
    order.succeed();
    order.operate("refund", 100);
    order.seeOperation(order.payment("success"));
    order.edited({ kind: "answered", httpStatus: 200, answer: { id: "p1" } });
    order.seeOperation(order.payment("success", { refund_payments: [{ id: "r9", amount: -2, status: "process" }] }));
    order.pass(5 * SECOND);
    order.happen({ type: "hint", ticket: null });
    expect([order.polls, order.wants("poll_operation")]).toEqual([1, true]);
  });
});

describe("the next poll", () => {
  test("of a payment with a refund in process has the interval of the operation that requested it", () => {
    const order = new OrderHistory();
    order.succeed();
    order.pass(2 * DAY);
    order.operate("refund", 100);
    order.seeOperation(order.payment("success"));
    order.edited({ kind: "answered", httpStatus: 200, answer: { id: "p1", refund_payment: { id: "r1" } } });
    order.seeOperation(order.payment("success", { refund_payments: [{ id: "r1", amount: -1, status: "process" }] }));
    expect(order.operation(1).state).toBe("done");
    expect((order.attempt(1).nextPollAt ?? 0) - order.now).toBeLessThanOrEqual(2 * SECOND);
    expect(order.attempt(1).nextPollAt).toBeGreaterThan(order.now);
  });

  test("has the interval of the last refund if there were several", () => {
    const order = new OrderHistory();
    order.succeed();
    const rows: { id: string; amount: number; status: string }[] = [];
    for (const [id, status] of [
      ["r1", "success"],
      ["r2", "process"],
    ] as const) {
      order.pass(2 * DAY);
      order.operate("refund", 100, `refund-${id}`);
      order.seeOperation(order.payment("success", { refund_payments: [...rows] }));
      order.edited({ kind: "answered", httpStatus: 200, answer: { id: "p1", refund_payment: { id } } });
      rows.push({ id, amount: -1, status });
      order.seeOperation(order.payment("success", { refund_payments: [...rows] }));
    }
    expect((order.attempt(1).nextPollAt ?? 0) - order.now).toBeLessThanOrEqual(2 * SECOND);
  });

  test("of a payment that the merchant refunded in the cabinet depends on the age of that refund, not of the payment", () => {
    const order = new OrderHistory();
    order.succeed();
    order.pass(2 * DAY);
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    order.see({ payment: order.payment("success", { refund_payments: [{ id: "r1", amount: -1, status: "process" }] }) });
    expect((order.attempt(1).nextPollAt ?? 0) - order.now).toBeLessThanOrEqual(2 * SECOND);
  });

  test("of a refund in the cabinet does not depend on another attempt's operation", () => {
    const order = new OrderHistory();
    order.succeed();
    order.pass(2 * DAY);
    order.operate("refund", 100);
    const first = order.attempt(1);
    const refunds = [{ id: "r1", amount: 100, status: "process", firstSeenAt: START, isReported: false }];
    const second = { ...first, number: 2, ledger: first.ledger === null ? null : { ...first.ledger, refunds } };
    order.record = { ...order.record, attempts: [first, second] };
    order.happen({ type: "hint", ticket: "forged" });
    expect((order.attempt(2).nextPollAt ?? 0) - order.now).toBe(DAY);
  });

  test("is set for an undecided attempt that has none, by its age", () => {
    const order = accepted();
    order.record = { ...order.record, attempts: [{ ...order.attempt(1), nextPollAt: null }] };
    order.pass(2 * MINUTE);
    order.happen({ type: "hint", ticket: "forged" });
    expect((order.attempt(1).nextPollAt ?? 0) - order.now).toBe(18 * SECOND);
  });

  test("is none for a settled payment, also if its ledger has rows that ended", () => {
    const order = new OrderHistory();
    order.succeed();
    order.pass(10 * SECOND);
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    order.see({ payment: order.payment("success", { refund_payments: [{ id: "r1", amount: -1, status: "error" }] }) });
    expect(order.attempt(1).nextPollAt).toBeNull();
    const reversed = new OrderHistory();
    reversed.hold();
    reversed.untilPoll();
    reversed.see({ payment: reversed.payment("reversed", { refund_payments: [{ id: "r1", amount: -1, status: "process" }] }) });
    expect(reversed.attempt(1).nextPollAt).toBeNull();
  });
});

describe("the result of a transition", () => {
  test("the time of the last change moves only if the shopper would see the change", () => {
    const order = accepted();
    expect(order.record.updatedAt).toBe(START);
    order.pass(SECOND);
    order.happen({ type: "hint", ticket: null });
    order.see({ payment: order.payment("process") });
    expect(order.record.updatedAt).toBe(START);
    order.pass(5 * SECOND);
    order.happen({ type: "hint", ticket: null });
    order.see({ payment: order.payment("success") });
    expect(order.record.updatedAt).toBe(START + 6 * SECOND);
  });

  test("only a request gets an answer", () => {
    const order = accepted();
    order.untilPoll();
    const { attempt, generation, startedAt } = order.takePoll();
    for (const event of [
      { type: "alarm" },
      { type: "hint", ticket: null },
      { type: "polled", attempt, generation, startedAt, answers: [] },
      { type: "create_answered", leftAt: null, read: null, attempt: 9, send: 0, outcome: lost() },
      { type: "edit_answered", leftAt: null, operation: 9, send: 0, outcome: lost() },
      { type: "operation_polled", operation: 9, generation: 0, startedAt, payment: lost(), request: null },
      { type: "resolution_read", resolution: 9, payment: lost() },
    ] as const) {
      expect(order.happen(event)).toBeNull();
    }
    expect(order.status).toBe("processing");
  });
});
