import { describe, expect, test } from "vitest";
import { created, lost, notFound, OrderHistory, refusal, requestKnown, START } from "../order-history.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("polls of an undecided attempt (M5)", () => {
  test("without a payment id both reads are sent, each under a fresh id", () => {
    const order = new OrderHistory();
    order.pay();
    const create = order.takeSend();
    order.answer(lost(), create);
    order.untilPoll();
    const poll = order.takePoll();
    expect(poll.reads.map((ask) => ask.call.body)).toEqual([`{"id":"${create.call.requestId}"}`, '{"order_id":"1234"}']);
    expect(new Set([create.call.requestId, ...poll.reads.map((ask) => ask.call.requestId)]).size).toBe(3);
  });

  test("never seen: the same bytes are sent again under the same id, not before ten seconds", () => {
    const order = new OrderHistory();
    order.pay();
    const first = order.takeSend();
    order.answer(lost(), first);
    order.untilSendOrDecision();
    const again = order.takeSend();
    expect(order.now - START).toBeGreaterThanOrEqual(10_000);
    expect(order.now - START).toBeLessThanOrEqual(16_000);
    expect([again.call.body, again.call.requestId]).toEqual([first.call.body, first.call.requestId]);
  });

  test("nothing is sent again while only one of the reads says never seen", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(lost());
    for (let polls = 0; polls < 10; polls += 1) {
      order.untilPoll();
      order.see(polls % 2 === 0 ? { request: notFound, payment: lost() } : { request: lost(), payment: {} });
    }
    expect(order.sends).toBe(0);
  });

  test("nothing is sent again before the Retry-After of a 429 is over", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(lost("rate_limited", 40));
    order.untilSendOrDecision();
    expect(order.now - START).toBeGreaterThanOrEqual(40_000);
    expect(order.sends).toBe(1);
  });

  test("nothing is sent again later than two minutes after the first send", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(lost());
    while (order.now - START <= 2 * MINUTE) {
      order.untilPoll();
      order.see({});
    }
    order.untilSendOrDecision();
    expect(order.sends).toBe(0);
    expect(order.attempt(1).sends).toHaveLength(1);
    expect(order.attempt(1).failure?.by).toBe("silence");
  });

  test("nothing is sent again once an answer said duplicate: never seen is impossible from then on", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(refusal("9991", "duplicate"));
    for (let polls = 0; polls < 60; polls += 1) {
      order.untilPoll();
      order.seeNothing();
    }
    expect(order.sends).toBe(0);
    expect(order.status).toBe("unconfirmed");
  });

  test("an answer to a poll from before a later send is dropped", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(lost());
    order.untilPoll();
    const early = order.takePoll();
    order.pass(25_000);
    order.happen({ type: "alarm" });
    order.seeNothing();
    order.answer(lost());
    const sends = order.attempt(1).sends.length;
    order.pass(15_000);
    order.seeNothing(early);
    expect(order.attempt(1).sends).toHaveLength(sends);
    expect(order.sends).toBe(0);
  });

  test("given up only if never seen twice, thirty seconds apart, five minutes after the last send; provisionally", () => {
    const order = new OrderHistory();
    order.pay();
    let lastSendAt = order.now;
    for (;;) {
      if (order.sends > 0) {
        lastSendAt = order.now;
        order.answer(lost());
      }
      order.untilSendOrDecision();
      if (order.sends === 0) break;
    }
    expect(order.now - lastSendAt).toBeGreaterThanOrEqual(5.5 * MINUTE);
    expect(order.now - lastSendAt).toBeLessThanOrEqual(6 * MINUTE);
    expect(lastSendAt - START).toBeLessThanOrEqual(2 * MINUTE);
    expect(order.attempt(1).failure).toMatchObject({ by: "silence", category: "gateway_unavailable" });
  });

  test("a provisional failure is read again after 1, 5 and 20 minutes, then hourly for a day", () => {
    const order = new OrderHistory();
    order.silent();
    const ended = order.attempt(1).decidedAt ?? 0;
    const polls: number[] = [];
    while (order.attempt(1).nextPollAt !== null) {
      order.untilPoll();
      polls.push((order.now - ended) / MINUTE);
      order.seeNothing();
      expect(order.attempt(1).state).toBe("failed");
    }
    expect(polls.slice(0, 5)).toEqual([1, 5, 20, 80, 140]);
    expect(polls).toHaveLength(27);
  });

  test("a provisional failure that turns out paid becomes succeeded", () => {
    const order = new OrderHistory();
    order.silent();
    order.untilPoll();
    order.see({ payment: order.payment("success") });
    expect(order.status).toBe("succeeded");
    expect(order.outbox.map(({ type }) => type)).toEqual(["charge.unconfirmed", "charge.failed", "charge.succeeded"]);
  });

  test("if a failed attempt turns out paid and a later one took money too, attention is raised", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(refusal("10009", "insufficient_funds"));
    order.pass(2_000);
    order.pay("key-2");
    order.see({ payment: {} });
    order.answer(created("process", { id: "p2" }));
    order.untilPoll();
    order.see({ payment: order.payment("success", { id: "p2" }) });
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    order.see({ payment: order.payment("success", { id: "p1", order_id: "1234" }) });
    expect(order.told).toEqual(["second_payment"]);
    expect(order.status).toBe("succeeded");
  });

  test("the original response of the sole send, read back, decides like a direct answer", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(lost());
    order.untilPoll();
    order.see({ request: requestKnown({ status: "error", error: { code: "10009" } }), payment: {} });
    expect(order.attempt(1).failure).toMatchObject({ by: "refusal", category: "insufficient_funds" });
  });

  test("a payment id from request.status is stored, and later polls read by it", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(lost());
    order.untilPoll();
    order.see({ request: requestKnown({ id: "p7", status: "process" }), payment: lost() });
    expect(order.attempt(1)).toMatchObject({ knownToGateway: true, paymentId: "p7" });
    expect(order.status).toBe("processing");
    order.untilPoll();
    expect(order.takePoll().reads.map((ask) => ask.call.body)).toEqual(['{"id":"p7"}']);
  });

  test("an undecided attempt is polled at the intervals of the rule", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(created("process"));
    const bounds = [
      [MINUTE, 5_000],
      [10 * MINUTE, 20_000],
      [3 * HOUR, MINUTE],
      [DAY, 5 * MINUTE],
      [2 * DAY, HOUR],
    ] as const;
    let previous = START;
    while (order.now - START < 2 * DAY) {
      order.untilPoll();
      const bound = bounds.find(([age]) => previous - START < age)?.[1] ?? HOUR;
      expect(order.now - previous).toBeLessThanOrEqual(bound);
      expect(order.now - previous).toBeGreaterThanOrEqual(250);
      previous = order.now;
      order.see({ payment: order.payment("process", { created_at: new Date(START).toISOString() }) });
    }
    expect(order.told).toEqual(["undecided_15_minutes", "undecided_1_day"]);
  });

  test("a GET or a callback brings the next poll forward, once in five seconds", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(created("process"));
    for (let polls = 0; polls < 20; polls += 1) {
      order.untilPoll();
      order.see({ payment: order.payment("process") });
    }
    order.happen({ type: "hint", ticket: null });
    expect(order.polls).toBe(1);
    order.see({ payment: order.payment("process") });
    order.pass(4_999);
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    expect(order.polls).toBe(0);
    order.pass(1);
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    expect(order.polls).toBe(1);
  });

  test("a hint with a ticket of no attempt causes no read", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(created("process"));
    order.happen({ type: "hint", ticket: "forged" });
    expect(order.polls).toBe(0);
  });

  test("a hint causes no read while a send is open", () => {
    const order = new OrderHistory();
    order.pay();
    order.happen({ type: "hint", ticket: null });
    expect(order.polls).toBe(0);
  });
});
