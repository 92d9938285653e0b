import { describe, expect, test } from "vitest";
import type { PollAnswer } from "../../../../edge/machine/event.ts";
import { created, lost, notFound, OrderHistory, refusal, requestKnown, START } from "../order-history.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** An order whose create was lost, and whose poll is in flight. */
function looking(): OrderHistory {
  const order = new OrderHistory();
  order.pay();
  order.answer(lost());
  order.untilPoll();
  return order;
}

/** Ends a poll of an attempt with these answers. */
function answer(order: OrderHistory, attempt: number, ...answers: readonly PollAnswer[]): void {
  const { generation } = order.attempt(attempt);
  order.effects = [];
  order.happen({ type: "polled", attempt, generation, startedAt: order.now, answers });
}

describe("a poll", () => {
  test("has its own deadline in case its answer never comes", () => {
    const order = looking();
    expect(order.attempt(1)).toMatchObject({ pollStartedAt: order.now, nextPollAt: order.now + 25 * SECOND });
    expect(order.takePoll()).toMatchObject({ attempt: 1, generation: order.attempt(1).generation, startedAt: order.now });
  });

  test("that has ended is followed by the next one, at the poll intervals", () => {
    const order = looking();
    const asked = order.now;
    order.pass(SECOND);
    order.see({});
    expect(order.attempt(1)).toMatchObject({ pollStartedAt: null, nextPollAt: asked + 1_800 });
  });

  test("that has ended in a decision is not followed by another", () => {
    const order = looking();
    order.see({ payment: order.payment("success") });
    expect(order.attempt(1).nextPollAt).toBeNull();
  });

  test("of an attempt that does not exist, or of an older generation, changes nothing", () => {
    const order = looking();
    const { record } = order;
    const answers: PollAnswer[] = [
      { about: "order", orderId: "1234", outcome: { kind: "answered", httpStatus: 200, answer: order.payment("success") } },
    ];
    order.happen({ type: "polled", attempt: 2, generation: 1, startedAt: order.now, answers });
    order.happen({ type: "polled", attempt: 1, generation: 0, startedAt: order.now, answers });
    expect(order.record).toEqual(record);
  });

  test("with only one of its answers applies only that one", () => {
    const order = looking();
    answer(order, 1, { about: "request", outcome: notFound });
    expect(order.attempt(1)).toMatchObject({ state: "undecided", knownToGateway: false });
    answer(order, 1, { about: "order", orderId: "1234", outcome: { kind: "answered", httpStatus: 200, answer: {} } });
    expect(order.attempt(1)).toMatchObject({ state: "undecided", knownToGateway: false, neverSeenAt: null });
    answer(order, 1);
    expect(order.attempt(1).state).toBe("undecided");
    order.pass(12 * SECOND);
    answer(order, 1, { about: "order", orderId: "1234", outcome: notFound });
    expect(order.sends).toBe(0);
  });

  test("of a known payment id reads the payment alone", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(created("process"));
    order.untilPoll();
    expect(order.takePoll().reads).toMatchObject([{ about: "order", orderId: "1234", call: { body: '{"id":"p1"}' } }]);
  });
});

describe("the answer of request.status", () => {
  test.each([
    ["another refusal", refusal("9999", "gateway_unavailable")],
    ["nothing of a payment or an error", requestKnown({ status: "process" })],
    ["no response at all", { kind: "answered", httpStatus: 200, answer: { id: "x", status: "process" } } as const],
    ["a lost answer", lost()],
  ])("%s does not mean never seen: nothing is sent again", (_, request) => {
    const order = looking();
    order.pass(12 * SECOND);
    order.see({ request, payment: {} });
    expect(order.sends).toBe(0);
    expect(order.attempt(1)).toMatchObject({ state: "undecided", knownToGateway: false, paymentId: null });
  });

  test.each(["1202", "11068"])("%s inside its response means never seen: the same bytes are sent again", (code) => {
    const order = looking();
    order.pass(12 * SECOND);
    order.see({ request: requestKnown({ status: "error", error: { code } }), payment: {} });
    expect(order.sends).toBe(1);
  });

  test("a payment id proves that the gateway knows the request; its status is shown until a read has another one", () => {
    const order = looking();
    order.see({ request: requestKnown({ id: "p7", status: "process" }), payment: {} });
    expect(order.attempt(1)).toMatchObject({ state: "undecided", knownToGateway: true, paymentId: "p7", gatewayStatus: "process" });
    const later = looking();
    later.see({ request: requestKnown({ id: "p7", status: "success" }), payment: later.payment("process", { id: "p7" }) });
    expect(later.attempt(1)).toMatchObject({ state: "undecided", paymentId: "p7", gatewayStatus: "process" });
    const known = looking();
    known.see({ payment: known.payment("waiting_3ds") });
    known.untilPoll();
    answer(known, 1, { about: "request", outcome: requestKnown({ id: "p1", status: "process" }) });
    expect(known.attempt(1).gatewayStatus).toBe("waiting_3ds");
  });

  test("a declined payment is read too, and its status is not shown: request.status is history", () => {
    const order = looking();
    order.see({ request: requestKnown({ id: "p7", status: "error", error: { code: "10009" } }), payment: {} });
    expect(order.attempt(1)).toMatchObject({ state: "undecided", knownToGateway: true, paymentId: "p7", gatewayStatus: null });
  });

  test("duplicate makes never seen impossible", () => {
    const order = looking();
    order.pass(12 * SECOND);
    order.see({ request: requestKnown({ status: "error", error: { code: "9991" } }), payment: {} });
    expect(order.attempt(1)).toMatchObject({ state: "undecided", knownToGateway: true });
    order.untilPoll();
    order.seeNothing();
    expect(order.sends).toBe(0);
  });

  test("a bare refusal because of the merchant's configuration raises attention, like a direct answer", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(lost());
    order.untilPoll();
    order.see({ request: requestKnown({ status: "error", error: { code: "9992" } }), payment: {} });
    expect([order.status, order.told]).toEqual(["failed", ["configuration"]]);
  });

  test("a bare refusal of the sole send decides, like a direct answer", () => {
    const order = looking();
    order.see({ request: requestKnown({ status: "error", error: { code: "10009", description: "no money" } }), payment: {} });
    expect(order.attempt(1)).toMatchObject({
      state: "failed",
      failure: { by: "refusal", category: "insufficient_funds", code: "10009", description: "no money" },
      nextPollAt: null,
    });
    const silent = looking();
    silent.see({ request: requestKnown({ status: "error", error: { code: "10009" } }), payment: {} });
    expect(silent.attempt(1).failure?.description).toBeNull();
  });

  test("a bare refusal for an unlisted reason, or beside a payment, decides nothing", () => {
    const order = looking();
    order.see({ request: requestKnown({ status: "error", error: { code: "77777" } }), payment: {} });
    expect(order.attempt(1).state).toBe("undecided");
    const beside = looking();
    beside.see({ request: requestKnown({ status: "error", error: { code: "10009" } }), payment: beside.payment("process") });
    expect(beside.attempt(1)).toMatchObject({ state: "undecided", gatewayStatus: "process" });
    const unread = looking();
    unread.see({ request: requestKnown({ status: "error", error: { code: "10009" } }), payment: lost() });
    expect(unread.attempt(1).state).toBe("undecided");
  });
});

describe("never seen (M5)", () => {
  /** A poll at this time after the send that finds nothing. */
  function nothingAt(order: OrderHistory, after: number): void {
    order.now = START + after;
    order.effects = [];
    const { generation } = order.attempt(1);
    const absent = { kind: "answered", httpStatus: 200, answer: {} } as const;
    order.happen({
      type: "polled",
      attempt: 1,
      generation,
      startedAt: order.now,
      answers: [
        { about: "request", outcome: notFound },
        { about: "order", orderId: "1234", outcome: absent },
      ],
    });
  }

  test("counts from five minutes after the last send: twice, thirty seconds apart, to the millisecond", () => {
    const order = looking();
    nothingAt(order, 5 * MINUTE - 1);
    expect(order.attempt(1).neverSeenAt).toBeNull();
    expect(order.attempt(1).nextPollAt).toBe(START + 5 * MINUTE);
    nothingAt(order, 5 * MINUTE);
    expect(order.attempt(1).neverSeenAt).toBe(START + 5 * MINUTE);
    expect(order.attempt(1).nextPollAt).toBe(START + 5.5 * MINUTE);
    nothingAt(order, 5.5 * MINUTE - 1);
    expect(order.attempt(1)).toMatchObject({ state: "undecided", neverSeenAt: START + 5 * MINUTE, nextPollAt: START + 5.5 * MINUTE });
    nothingAt(order, 5.5 * MINUTE);
    expect(order.attempt(1)).toMatchObject({
      state: "failed",
      failure: { by: "silence", category: "gateway_unavailable", code: null, description: null },
      decidedAt: START + 5.5 * MINUTE,
    });
  });

  test("before that the polls keep their intervals, or come as soon as never seen counts", () => {
    const order = looking();
    nothingAt(order, 3 * MINUTE);
    expect(order.attempt(1).nextPollAt).toBe(START + 3 * MINUTE + 18 * SECOND);
  });

  test("counts again from a new send, also from one after the clock was set back", () => {
    const order = looking();
    nothingAt(order, 5 * MINUTE);
    expect(order.attempt(1).neverSeenAt).not.toBeNull();
    nothingAt(order, MINUTE);
    expect(order.sends).toBe(1);
    expect(order.attempt(1).neverSeenAt).toBeNull();
  });

  test("within two minutes the same bytes are sent again, with a deadline of their own", () => {
    const order = looking();
    nothingAt(order, 12 * SECOND);
    expect(order.takeSend()).toMatchObject({ attempt: 1, send: 1, key: 0 });
    expect(order.attempt(1).nextPollAt).toBe(order.now + 25 * SECOND);
  });

  test("does not count while a payment without an owner is under its order_id", () => {
    const order = looking();
    order.see({ payment: order.payment("success", { amount: 99, id: undefined }) });
    order.record = { ...order.record, attempts: [{ ...order.attempt(1), knownToGateway: false }] };
    for (const after of [30 * SECOND, 6 * MINUTE, 7 * MINUTE, 8 * MINUTE]) nothingAt(order, after);
    expect(order.attempt(1)).toMatchObject({ state: "undecided", mismatch: "amount_differs", neverSeenAt: null });
    expect(order.attempt(1).sends).toHaveLength(1);
    expect(order.attempt(1).nextPollAt).toBeGreaterThan(order.now);
  });
});

describe("the reads before a later attempt (M3)", () => {
  function waiting(): OrderHistory {
    const order = new OrderHistory();
    order.declined();
    order.pay("key-2");
    return order;
  }

  const absent = { kind: "answered", httpStatus: 200, answer: {} } as const;

  test("allow the send up to two minutes after the click, to the millisecond", () => {
    const order = waiting();
    const poll = order.takePoll();
    order.pass(2 * MINUTE);
    order.see({ payment: {} }, poll);
    expect(order.takeSend()).toMatchObject({ attempt: 2, send: 0, key: 0 });
    expect(order.attempt(2).freeOrderIds).toEqual(["1234", "1234--2"]);
  });

  test("allow no send by an answer about a request, or by a missing answer", () => {
    const order = waiting();
    answer(order, 2, { about: "request", outcome: notFound });
    expect(order.attempt(2)).toMatchObject({ freeOrderIds: [], sends: [] });
    expect(order.sends).toBe(0);
  });

  test("are repeated at once for an order_id that was not read yet, else at the poll intervals", () => {
    const order = waiting();
    answer(order, 2, { about: "order", orderId: "1234", outcome: absent });
    expect(order.takePoll().reads.map((ask) => ask.call.body)).toEqual(['{"order_id":"1234--2"}']);
    answer(order, 2, { about: "order", orderId: "1234--2", outcome: lost() });
    expect(order.polls).toBe(0);
    expect(order.attempt(2).nextPollAt).toBe(order.now + 1_800);
  });

  test("allow the send after a decline of any attempt, but only the attempt that it belongs to takes its reason", () => {
    const order = waiting();
    const before = structuredClone(order.attempt(1));
    order.see({ payment: (orderId) => (orderId === "1234" ? order.payment("error", { order_id: orderId, amount: 99 }) : {}) });
    expect(order.attempt(1)).toEqual(before);
    expect(order.sends).toBe(1);
    expect(order.told).toEqual([]);
  });

  test("end the later attempt if the payment belongs to an earlier one, also one that was not the last", () => {
    const order = new OrderHistory();
    order.silent();
    order.pay("key-2");
    order.see({ payment: {} });
    order.answer(refusal("9403", "configuration"));
    order.pass(2 * SECOND);
    order.pay("key-3");
    order.see({ payment: order.payment("approved", { order_id: "1234" }) });
    expect(order.attempt(1)).toMatchObject({ state: "held", paymentId: "p1" });
    expect(order.attempt(3)).toMatchObject({
      state: "failed",
      sends: [],
      failure: { by: "other_attempt", category: "gateway_unavailable", code: null, description: null },
    });
    expect(order.sends).toBe(0);
  });

  test("end the later attempt if the earlier decline turns out paid; no order_id counts as free any more", () => {
    const order = waiting();
    order.see({ payment: (orderId) => (orderId === "1234" ? order.payment("success", { order_id: orderId }) : {}) });
    expect(order.attempt(1)).toMatchObject({ state: "paid", failure: null });
    expect(order.attempt(2)).toMatchObject({
      state: "failed",
      failure: { by: "other_attempt", category: "gateway_unavailable", code: null, description: null },
      freeOrderIds: [],
      generation: 1,
    });
    expect(order.sends).toBe(0);
  });

  test("never give a payment to an earlier attempt that sent nothing", () => {
    const order = waiting();
    while (order.attempt(2).state === "undecided") {
      if (order.polls === 0) order.fireAlarm();
      else order.see({});
    }
    order.pass(2 * SECOND);
    order.pay("key-3");
    order.see({ payment: (orderId) => (orderId === "1234" ? {} : order.payment("process", { id: "p3", order_id: orderId })) });
    expect(order.attempt(2)).toMatchObject({ state: "failed", failure: { by: "never_sent" }, paymentId: null });
    expect(order.attempt(3)).toMatchObject({ state: "undecided", paymentId: "p3", knownToGateway: true, sends: [] });
  });

  test("keep the later attempt undecided while a payment without an owner stops it, however late", () => {
    const order = new OrderHistory();
    order.silent();
    order.pay("key-2");
    const poll = order.takePoll();
    order.pass(3 * MINUTE);
    order.see({ payment: order.payment("success", { amount: 99 }) }, poll);
    expect(order.attempt(2)).toMatchObject({ state: "undecided", mismatch: "terms_differ", sends: [] });
    order.pass(10 * MINUTE);
    order.happen({ type: "alarm" });
    expect(order.attempt(2).state).toBe("undecided");
    expect(order.sends).toBe(0);
  });

  test("end the later attempt if the payment belongs to an attempt that it had decided before", () => {
    const order = new OrderHistory();
    order.silent();
    order.pay("key-2");
    const poll = order.takePoll();
    order.pass(5_000);
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    order.see({ payment: order.payment("success") });
    order.see({ payment: order.payment("success") }, poll);
    expect(order.attempt(1).state).toBe("paid");
    expect(order.attempt(2)).toMatchObject({ state: "failed", failure: { by: "other_attempt" } });
    expect(order.sends).toBe(0);
  });

  test("clear a mismatch that the next read does not have", () => {
    const order = new OrderHistory();
    order.silent();
    order.pay("key-2");
    order.see({ payment: order.payment("success", { amount: 99 }) });
    expect(order.attempt(2).mismatch).toBe("terms_differ");
    expect(order.attempt(2).freeOrderIds).toEqual([]);
    order.untilPoll();
    order.see({ payment: {} });
    expect(order.attempt(2).mismatch).toBeNull();
    expect(order.sends).toBe(1);
  });

  test("allow no send on a closed order", () => {
    const order = waiting();
    order.record.closedAt = order.now;
    order.see({ payment: {} });
    expect(order.attempt(2)).toMatchObject({ state: "failed", failure: { by: "never_sent", category: "gateway_unavailable" } });
    expect([order.sends, order.polls]).toEqual([0, 0]);
    const half = waiting();
    half.record.closedAt = half.now;
    answer(half, 2, { about: "order", orderId: "1234", outcome: absent });
    expect([half.sends, half.polls]).toEqual([0, 0]);
  });
});

test("a first attempt does not wait for reads: it is polled by its request and its order_id", () => {
  const order = new OrderHistory();
  order.pay();
  order.answer(created("process", { id: "p 1" }));
  order.untilPoll();
  expect(order.takePoll().reads.map(({ about }) => about)).toEqual(["request", "order"]);
});
