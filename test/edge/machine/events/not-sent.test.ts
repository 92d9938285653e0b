/** Calls that waited in the queue until their time was over: they were never sent, so nothing about them is unknown. */
import { describe, expect, test } from "vitest";
import type { FollowingRead, PollAnswer } from "../../../../edge/machine/event.ts";
import type { Outcome } from "../../../../src/outcome.ts";
import type { PaymentState } from "../../../../src/payment.ts";
import { created, lost, notFound, OrderHistory, START } from "../order-history.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** The queued create is never sent. */
function createNeverLeaves(order: OrderHistory): void {
  const { attempt, send } = order.takeSend();
  order.happen({ type: "create_answered", attempt, send, outcome: { kind: "not_sent" }, leftAt: null, read: null });
}

describe("a create that was never sent", () => {
  test("as the first send: the attempt has failed as never sent, and nothing is polled", () => {
    const order = new OrderHistory();
    order.pay();
    order.pass(2 * MINUTE + 1);
    createNeverLeaves(order);
    expect(order.attempt(1)).toMatchObject({
      state: "failed",
      failure: { by: "never_sent", category: "gateway_unavailable" },
      sends: [],
      nextPollAt: null,
    });
    expect(order.effects).toEqual([]);
  });

  test("the next attempt keeps the gateway order_id", () => {
    const order = new OrderHistory();
    order.pay();
    createNeverLeaves(order);
    order.pass(2 * SECOND);
    order.pay("key-2");
    expect(order.attempt(2).gatewayOrderId).toBe("1234");
  });

  test("as a resend: the first send may have arrived, so polls go on", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(lost());
    order.untilSendOrDecision();
    const before = order.attempt(1).generation;
    order.pass(2 * MINUTE);
    createNeverLeaves(order);
    const attempt = order.attempt(1);
    expect(attempt).toMatchObject({ state: "undecided", nextPollAt: order.now });
    expect(attempt.sends.map(({ at }) => at)).toEqual([START]);
    expect(attempt.generation).toBeGreaterThan(before);
    order.untilPoll();
    order.see({ payment: order.payment("success") });
    expect(order.status).toBe("succeeded");
  });

  test("for an attempt that was decided meanwhile: the decision stays", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(lost());
    order.untilSendOrDecision();
    const queued = order.takeSend();
    order.happen({
      type: "create_answered",
      attempt: 1,
      send: 0,
      outcome: created("error", { error: { code: "10009" } }),
      leftAt: START,
      read: null,
    });
    const { failure } = order.attempt(1);
    order.happen({ type: "create_answered", attempt: 1, send: queued.send, outcome: { kind: "not_sent" }, leftAt: null, read: null });
    expect(order.attempt(1)).toMatchObject({ state: "failed", failure, nextPollAt: null });
    expect(order.attempt(1).sends).toHaveLength(1);
  });
});

describe("an operation that was never sent", () => {
  function refunding(): OrderHistory {
    const order = new OrderHistory();
    order.succeed();
    order.operate("refund", 100);
    order.seeOperation(order.payment("success"));
    return order;
  }

  test("as the first send: the operation is not done, and the merchant may request it again", () => {
    const order = refunding();
    const { operation, send } = order.take("edit");
    order.happen({ type: "edit_answered", operation, send, outcome: { kind: "not_sent" }, leftAt: null });
    expect(order.operation(1)).toMatchObject({ state: "not_done", refusal: { code: "unavailable" }, sends: [], nextPollAt: null });
    expect(order.operate("refund", 100, "refund-2")).toMatchObject({ ok: true, began: true });
  });

  test("as a resend: the first send may have arrived, so polls go on", () => {
    const order = refunding();
    order.edited(lost());
    for (let polls = 0; !order.wants("edit"); polls += 1) {
      if (polls > 20) throw new Error("Nothing is sent again");
      order.seeOperation(order.payment("success"), notFound);
    }
    const { operation, send } = order.take("edit");
    order.happen({ type: "edit_answered", operation, send, outcome: { kind: "not_sent" }, leftAt: null });
    expect(order.operation(1)).toMatchObject({ state: "undecided", nextPollAt: order.now });
    expect(order.operation(1).sends).toHaveLength(1);
    order.seeOperation(order.payment("success", { refund_payments: [{ id: "r1", amount: -1, status: "success" }] }));
    expect(order.operation(1).state).toBe("done");
  });
});

describe("a read that was never sent", () => {
  test("for an attempt says nothing: the attempt is polled again", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(lost());
    order.untilPoll();
    const { attempt, generation, startedAt } = order.takePoll();
    order.happen({ type: "polled", attempt, generation, startedAt, answers: [] });
    expect(order.attempt(1)).toMatchObject({ state: "undecided", pollStartedAt: null, neverSeenAt: null });
    expect(order.attempt(1).nextPollAt).toBeGreaterThan(order.now);
    expect(order.sends).toBe(0);
  });

  test.each<PollAnswer>([
    { about: "request", outcome: notFound },
    { about: "order", orderId: "1234", outcome: { kind: "answered", httpStatus: 200, answer: {} } },
  ])("beside a read that says never seen ($about), nothing is sent again", (answer) => {
    const order = new OrderHistory();
    order.pay();
    order.answer(lost());
    order.pass(20 * SECOND);
    order.untilPoll();
    const { attempt, generation, startedAt } = order.takePoll();
    order.happen({ type: "polled", attempt, generation, startedAt, answers: [answer] });
    expect([order.sends, order.attempt(1).state]).toEqual([0, "undecided"]);
  });

  test.each(["payment", "request"] as const)("for an operation (%s) says nothing: the operation is polled again", (missing) => {
    const order = new OrderHistory();
    order.succeed();
    order.operate("refund", 100);
    order.seeOperation(order.payment("success"));
    order.edited(lost());
    order.pass(20 * SECOND);
    order.fireAlarm();
    const { operation, generation, startedAt } = order.take("poll_operation");
    const payment: Outcome<PaymentState> = { kind: "answered", httpStatus: 200, answer: order.payment("success") };
    const answers = missing === "payment" ? { payment: null, request: notFound } : { payment, request: null };
    order.happen({ type: "operation_polled", operation, generation, startedAt, ...answers });
    expect(order.operation(1)).toMatchObject({ state: "undecided", pollStartedAt: null });
    expect(order.operation(1).nextPollAt).toBeGreaterThan(order.now);
    expect(order.wants("edit")).toBe(false);
  });

  test("for a payment that an operator named: unavailable, and the operator may try again", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(lost());
    order.resolve("p9");
    order.happen({ type: "resolution_read", resolution: 1, payment: null });
    expect(order.record.resolutions).toMatchObject([{ state: "unavailable", nextPollAt: null }]);
    expect(order.resolve("p9", "resolve-2")).toMatchObject({ ok: true, began: true });
  });
});

describe("a create that waited in the queue", () => {
  test("counts as never seen only five minutes after it left the queue, whenever it was stored", () => {
    const order = new OrderHistory();
    order.pay();
    const { attempt, send } = order.takeSend();
    const leftAt = START + 110 * SECOND;
    order.pass(125 * SECOND);
    order.happen({ type: "create_answered", attempt, send, outcome: lost(), leftAt, read: null });
    expect(order.attempt(1).sends).toMatchObject([{ at: START, leftBy: leftAt, endedAt: order.now }]);
    order.untilSendOrDecision();
    expect(order.attempt(1)).toMatchObject({
      state: "failed",
      failure: { by: "silence" },
      neverSeenAt: leftAt + 5 * MINUTE,
      decidedAt: leftAt + 5 * MINUTE + 30 * SECOND,
    });
  });

  test("and was lost with its object may have been sent up to then", () => {
    const order = new OrderHistory();
    order.pay();
    order.effects = [];
    order.pass(60 * SECOND);
    order.fireAlarm();
    expect(order.attempt(1).sends).toMatchObject([{ at: START, leftBy: order.now, end: { how: "not_known" } }]);
  });
});

describe("an alarm", () => {
  test("does not count a queued or open call as lost, however late the alarm is", () => {
    const order = new OrderHistory();
    order.pay();
    order.openCalls.add("attempt 1 send");
    for (let fired = 0; fired < 3; fired += 1) {
      order.fireAlarm();
      expect(order.attempt(1)).toMatchObject({ sends: [{ endedAt: null, end: null }], nextPollAt: order.now + 25 * SECOND });
    }
    expect(order.polls).toBe(0);
    order.answer(created("process"));
    expect(order.attempt(1).paymentId).toBe("p1");
  });

  test("after a reset no call is open, so the send counts as lost and the order is polled", () => {
    const order = new OrderHistory();
    order.pay();
    order.openCalls.add("attempt 1 send");
    order.fireAlarm();
    order.openCalls.clear();
    order.fireAlarm();
    expect(order.attempt(1).sends).toMatchObject([{ endedAt: order.now, end: { how: "not_known" } }]);
    expect(order.polls).toBe(1);
  });

  test("starts no second poll while one is queued; after a reset it does", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(lost());
    order.untilPoll();
    order.openCalls.add("attempt 1 poll");
    order.fireAlarm();
    expect(order.polls).toBe(1);
    order.openCalls.clear();
    order.fireAlarm();
    expect(order.polls).toBe(2);
  });

  test("does not end an operation whose send or poll is queued; after a reset it does, because nothing was sent", () => {
    const order = new OrderHistory();
    order.succeed();
    order.operate("refund", 100);
    order.openCalls.add("operation 1 poll");
    for (let fired = 0; fired < 6; fired += 1) order.fireAlarm();
    expect(order.operation(1).state).toBe("undecided");
    order.openCalls.clear();
    order.fireAlarm();
    expect(order.operation(1).state).toBe("not_done");
  });

  test("does not end a resolution whose read is queued; after a reset it does", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(created("process"));
    order.resolve("p9");
    order.openCalls.add("resolution 1");
    for (let fired = 0; fired < 3; fired += 1) order.fireAlarm();
    expect(order.record.resolutions[0]?.state).toBe("reading");
    order.openCalls.clear();
    order.fireAlarm();
    expect(order.record.resolutions[0]?.state).toBe("unavailable");
  });

  test("is not delayed by a call of another attempt", () => {
    const order = new OrderHistory();
    order.pay();
    order.openCalls.add("attempt 11 send");
    order.fireAlarm();
    expect(order.polls).toBe(1);
  });
});

describe("the read that follows a create at once", () => {
  function answeredWithRead(order: OrderHistory, status: string, startedAt = order.now): void {
    const { attempt, send } = order.takeSend();
    const outcome = { kind: "answered", httpStatus: 200, answer: order.payment(status) } as const;
    const read: FollowingRead = { startedAt, answer: { about: "order", orderId: "1234", outcome } };
    order.happen({ type: "create_answered", attempt, send, outcome: created("process"), leftAt: order.now, read });
  }

  test("decides in the same change, and attention is raised once", () => {
    const order = new OrderHistory();
    order.pay();
    answeredWithRead(order, "success");
    expect([order.status, order.attempt(1).paymentId, order.polls]).toEqual(["succeeded", "p1", 0]);
    expect(order.outbox.map(({ type }) => type)).toEqual(["charge.succeeded"]);
  });

  test("that finds the payment in process is a poll like any other: the next one follows at its interval", () => {
    const order = new OrderHistory();
    order.pay();
    answeredWithRead(order, "process");
    expect(order.attempt(1)).toMatchObject({ state: "undecided", pollStartedAt: null, lastPollStartedAt: START });
    expect(order.attempt(1).nextPollAt).toBeGreaterThan(order.now + SECOND);
  });

  test("counts as the poll after a callback that came before it began", () => {
    const order = new OrderHistory();
    order.pay();
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    order.pass(1);
    answeredWithRead(order, "success");
    expect(order.attempt(1)).toMatchObject({ state: "paid", hint: null, nextPollAt: null });
  });

  test("does not count as the poll after a callback that came after it began: one more poll follows", () => {
    const order = new OrderHistory();
    order.pay();
    const startedAt = order.now;
    order.pass(1);
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    answeredWithRead(order, "success", startedAt);
    expect(order.attempt(1)).toMatchObject({ state: "paid", hint: { at: order.now, hasLedToPoll: true } });
    const look = order.takePoll();
    expect(look.startedAt).toBe(startedAt + 5 * SECOND);
    order.see({ payment: order.payment("success") }, look);
    expect(order.attempt(1)).toMatchObject({ hint: null, nextPollAt: null });
  });
});
