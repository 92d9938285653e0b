import { describe, expect, test } from "vitest";
import { created, lost, OrderHistory, refusal } from "./order-history.ts";

const MINUTE = 60_000;

describe("the next attempt (M2 and M3)", () => {
  test("waits two seconds after a failure", () => {
    const order = new OrderHistory();
    order.declined();
    order.pass(-1);
    expect(order.pay("key-2")).toEqual({ ok: false, code: "rate_limited", retryAfter: 1 });
    order.pass(1);
    expect(order.pay("key-2")).toMatchObject({ ok: true, began: true });
  });

  test.each([
    ["9011", "profile_dead"],
    ["10017", "card_expired"],
    ["10010", "card_blocked"],
  ])("is refused with a profile that ended with %s (%s), and allowed with another", (code) => {
    const order = new OrderHistory();
    order.declined(code);
    expect(order.pay("key-2")).toEqual({ ok: false, code: "retry_not_allowed" });
    expect(order.pay("key-3", { profile_id: "other" })).toMatchObject({ ok: true, began: true });
  });

  test("is refused after ten attempts", () => {
    const order = new OrderHistory();
    order.declined();
    for (let number = 2; number <= 10; number += 1) {
      expect(order.pay(`key-${number}`)).toMatchObject({ ok: true, began: true, subject: number });
      order.see({ payment: {} });
      order.answer(created("error", { id: `p${number}`, error: { code: "10009" } }));
      order.pass(2_000);
    }
    expect(order.pay("key-11")).toEqual({ ok: false, code: "retry_not_allowed" });
  });

  test("moves on to the next gateway order_id after a decline with a payment id, and reads both before it is sent", () => {
    const order = new OrderHistory();
    order.declined();
    order.pay("key-2");
    expect(order.sends).toBe(0);
    const poll = order.takePoll();
    expect(poll.reads.map((ask) => ask.call.body)).toEqual(['{"order_id":"1234"}', '{"order_id":"1234--2"}']);
    order.see({ payment: (orderId) => (orderId === "1234" ? order.payment("error", { order_id: "1234" }) : {}) }, poll);
    expect(JSON.parse(order.takeSend().call.body)).toMatchObject({ order_id: "1234--2" });
  });

  test("moves on after a bare refusal, but never after a 401", () => {
    const refused = new OrderHistory();
    refused.pay();
    refused.answer(refusal("10009", "insufficient_funds"));
    refused.pass(2_000);
    refused.pay("key-2");
    expect(refused.attempt(2).gatewayOrderId).toBe("1234--2");
    const unauthorized = new OrderHistory();
    unauthorized.pay();
    unauthorized.answer(refusal("1100", "configuration", 401));
    unauthorized.pass(2_000);
    unauthorized.pay("key-2");
    expect(unauthorized.attempt(2).gatewayOrderId).toBe("1234");
  });

  test("keeps the gateway order_id after a failure by silence, so that the gateway's replay prevents a second payment", () => {
    const order = new OrderHistory();
    order.silent();
    order.pay("key-2");
    expect(order.attempt(2).gatewayOrderId).toBe("1234");
    expect(order.takePoll().reads.map((ask) => ask.call.body)).toEqual(['{"order_id":"1234"}']);
  });

  test("keeps the order_id after a refusal too, if an attempt under it failed by silence", () => {
    const order = new OrderHistory();
    order.silent();
    order.pay("key-2");
    order.see({ payment: {} });
    order.answer(refusal("10009", "insufficient_funds"));
    order.pass(2_000);
    order.pay("key-3");
    expect(order.attempt(3).gatewayOrderId).toBe("1234");
  });

  test("keeps the order_id after an attempt that was never sent", () => {
    const order = new OrderHistory();
    order.declined();
    order.pay("key-2");
    while (order.attempt(2).state === "undecided") {
      if (order.polls === 0) order.fireAlarm();
      else order.see({});
    }
    order.pass(2_000);
    order.pay("key-3");
    expect(order.attempt(3).gatewayOrderId).toBe("1234--2");
  });

  test("counts the gateway order_ids, not the attempts", () => {
    const order = new OrderHistory();
    order.declined();
    order.pay("key-2");
    order.see({ payment: {} });
    order.answer(created("error", { id: "p2", error: { code: "10009" } }));
    order.pass(2_000);
    order.pay("key-3");
    expect(order.attempt(3).gatewayOrderId).toBe("1234--3");
  });

  test("is not sent while a read is unreadable; after two minutes it has failed as never sent", () => {
    const order = new OrderHistory();
    order.declined();
    order.pay("key-2");
    const clicked = order.now;
    while (order.attempt(2).state === "undecided") {
      if (order.polls === 0) order.fireAlarm();
      else order.see({ payment: (orderId) => (orderId === "1234" ? {} : lost()) });
      expect(order.sends).toBe(0);
    }
    expect(order.now - clicked).toBeGreaterThan(2 * MINUTE);
    expect(order.attempt(2)).toMatchObject({ state: "failed", failure: { by: "never_sent", category: "gateway_unavailable" }, sends: [] });
    expect(order.status).toBe("failed");
  });

  test("is not sent on reads that end later than two minutes after the click", () => {
    const order = new OrderHistory();
    order.declined();
    order.pay("key-2");
    const poll = order.takePoll();
    order.pass(2 * MINUTE + 1);
    order.see({ payment: {} }, poll);
    expect(order.sends).toBe(0);
    expect(order.attempt(2).failure?.by).toBe("never_sent");
  });

  test("reads again only the order_id that is not known to be free", () => {
    const order = new OrderHistory();
    order.declined();
    order.pay("key-2");
    order.see({ payment: (orderId) => (orderId === "1234" ? {} : lost()) });
    order.untilPoll();
    expect(order.takePoll().reads.map((ask) => ask.call.body)).toEqual(['{"order_id":"1234--2"}']);
  });

  test.each(["1202", "11068"])("is sent if the reads show %s", (code) => {
    const order = new OrderHistory();
    order.declined();
    order.pay("key-2");
    order.see({ payment: refusal(code, "not_found") });
    expect(order.sends).toBe(1);
  });

  test("assigns a payment to an earlier attempt that had failed by silence; nothing is sent", () => {
    const order = new OrderHistory();
    order.silent();
    order.pay("key-2");
    order.see({ payment: order.payment("success") });
    expect(order.sends).toBe(0);
    expect(order.attempt(1)).toMatchObject({ state: "paid", paymentId: "p1", failure: null });
    expect(order.attempt(2)).toMatchObject({ state: "failed", failure: { by: "other_attempt" } });
    expect(order.status).toBe("succeeded");
  });

  test("assigns a payment in process to the earlier attempt, which is undecided again; the later attempt ends", () => {
    const order = new OrderHistory();
    order.silent();
    order.pay("key-2");
    order.see({ payment: order.payment("process") });
    expect(order.attempt(1).state).toBe("undecided");
    expect(order.attempt(2).state).toBe("failed");
    expect(order.status).toBe("processing");
  });

  test("takes a payment under its own new order_id though it never sent it: the object had been restored to an older state", () => {
    const order = new OrderHistory();
    order.declined();
    order.pay("key-2");
    order.see({ payment: (orderId) => (orderId === "1234" ? {} : order.payment("process", { id: "p2" })) });
    expect(order.sends).toBe(0);
    expect(order.attempt(2)).toMatchObject({ state: "undecided", paymentId: "p2", knownToGateway: true });
    order.untilPoll();
    order.see({ payment: order.payment("success", { id: "p2" }) });
    expect(order.status).toBe("succeeded");
  });

  test("is sent after a decline under the order_id that it kept: the earlier attempt takes the reason, the new one moves on", () => {
    const order = new OrderHistory();
    order.silent();
    order.pay("key-2");
    order.see({ payment: order.payment("error", { order_id: "1234", error: { code: "10009" } }) });
    expect(order.attempt(1).failure).toMatchObject({ by: "payment", category: "insufficient_funds" });
    expect(order.attempt(2).gatewayOrderId).toBe("1234--2");
    expect(order.sends).toBe(0);
    order.see({ payment: {} });
    expect(JSON.parse(order.takeSend().call.body)).toMatchObject({ order_id: "1234--2" });
  });

  test("uses a fresh X-Request-Id when it moves on, because its bytes differ and a state from before a restore may have sent the earlier ones", () => {
    const order = new OrderHistory();
    order.declined();
    order.pay("key-2");
    const firstRequestId = order.attempt(2).requestId;
    order.see({ payment: (orderId) => (orderId === "1234" ? {} : order.payment("error", { id: "p2", order_id: orderId })) });
    expect(order.attempt(2).gatewayOrderId).toBe("1234--3");
    order.see({ payment: {} });
    expect(order.takeSend().call.requestId).not.toBe(firstRequestId);
  });

  test("is not sent, and shown as unconfirmed, if there is a payment of another amount", () => {
    const order = new OrderHistory();
    order.silent();
    order.pay("key-2");
    order.see({ payment: order.payment("success", { amount: 99 }) });
    expect(order.sends).toBe(0);
    expect(order.status).toBe("unconfirmed");
    expect(order.told).toContain("amount_differs");
  });
});

describe("the payments that the reads before a later attempt find", () => {
  test("a decline of a refused attempt: becomes its reason, and the new attempt moves on", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(refusal("1100", "configuration", 401));
    order.pass(2_000);
    order.pay("key-2");
    order.see({ payment: order.payment("error", { error: { code: "10009" } }) });
    expect(order.attempt(1)).toMatchObject({ state: "failed", failure: { by: "payment", category: "insufficient_funds" } });
    expect(order.attempt(2)).toMatchObject({ state: "undecided", gatewayOrderId: "1234--2" });
  });

  test("a payment of an earlier attempt under the same order_id: the new attempt ends, once", () => {
    const order = new OrderHistory();
    order.silent();
    order.pay("key-2");
    order.see({ payment: order.payment("success") });
    expect(order.attempt(1).state).toBe("paid");
    expect(order.attempt(2)).toMatchObject({ state: "failed", failure: { by: "other_attempt" }, generation: 1 });
  });

  test("a payment without an owner: attention names the attempt that was sent last under that order_id", () => {
    const order = new OrderHistory();
    order.silent();
    const { attempts } = order.record;
    order.record = { ...order.record, attempts: [...attempts, { ...order.attempt(1), number: 2 }] };
    order.pay("key-3");
    order.see({ payment: order.payment("success", { amount: 99 }) });
    expect(order.record.attention.at(-1)).toMatchObject({ reason: "amount_differs", attempt: 2 });
    expect(order.attempt(3)).toMatchObject({ state: "undecided", sends: [] });
  });
});
