import { describe, expect, test } from "vitest";
import { recordPaymentId } from "../../../../edge/machine/events/create-answered.ts";
import { created, lost, OrderHistory, refusal, START } from "../order-history.ts";

const SECOND = 1_000;

describe("the answer of a create", () => {
  test("of an attempt or a send that does not exist changes nothing", () => {
    const order = new OrderHistory();
    order.pay();
    const { record } = order;
    order.happen({ type: "create_answered", leftAt: null, read: null, attempt: 2, send: 0, outcome: created("process") });
    order.happen({ type: "create_answered", leftAt: null, read: null, attempt: 1, send: 1, outcome: created("process") });
    expect(order.record).toEqual(record);
  });

  test("after an answer with a payment, or a lost one, a poll follows within half a second; an open send waits for its deadline", () => {
    for (const outcome of [created("process"), lost()]) {
      const order = new OrderHistory();
      order.pay();
      expect(order.attempt(1).nextPollAt).toBe(START + 25 * SECOND);
      order.answer(outcome);
      expect(order.attempt(1).nextPollAt).toBe(START + 450);
    }
  });

  test("that is not JSON counts as lost, also with HTTP 401: it decides nothing, and the other key is not tried", () => {
    const order = new OrderHistory();
    order.gatewayKeys = 2;
    order.pay();
    order.answer({ kind: "unknown", reason: "not_json", httpStatus: 401, retryAfter: null });
    expect(order.sends).toBe(0);
    expect(order.attempt(1)).toMatchObject({ state: "undecided", failure: null });
    expect(order.status).toBe("unconfirmed");
  });

  test("its gateway status is shown while the attempt is undecided", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(created("waiting_3ds"));
    expect(order.attempt(1)).toMatchObject({ state: "undecided", gatewayStatus: "waiting_3ds", knownToGateway: true, paymentId: "p1" });
  });
});

describe("a late answer", () => {
  /** An order whose first send was lost and whose second is in flight. */
  function resent(): { order: OrderHistory; first: ReturnType<OrderHistory["takeSend"]> } {
    const order = new OrderHistory();
    order.pay();
    const first = order.takeSend();
    order.answer(lost(), first);
    order.untilSendOrDecision();
    return { order, first };
  }

  test("of an earlier send that is lost keeps the deadline of the open one", () => {
    const { order, first } = resent();
    const { nextPollAt } = order.attempt(1);
    order.answer(lost(), first);
    expect(order.attempt(1).nextPollAt).toBe(nextPollAt);
  });

  test("of an earlier send that is refused decides nothing, whatever the refusal", () => {
    const { order, first } = resent();
    order.gatewayKeys = 2;
    order.answer(refusal("10011", "duplicate"), first);
    order.answer(refusal("1100", "configuration", 401), first);
    expect(order.attempt(1)).toMatchObject({ state: "undecided", knownToGateway: false });
    expect(order.sends).toBe(1);
  });

  test("for an attempt that had failed by silence: a payment is read at once, a decline becomes its reason", () => {
    const order = new OrderHistory();
    order.silent();
    const sends = order.attempt(1).sends.length;
    order.happen({ type: "create_answered", leftAt: null, read: null, attempt: 1, send: sends - 1, outcome: created("process") });
    expect(order.attempt(1)).toMatchObject({
      state: "failed",
      failure: { by: "silence" },
      paymentId: "p1",
      gatewayStatus: null,
      nextPollAt: order.now,
    });
    order.happen({
      type: "create_answered",
      leftAt: null,
      read: null,
      attempt: 1,
      send: 0,
      outcome: created("error", { error: { code: "10009" } }),
    });
    expect(order.attempt(1)).toMatchObject({ state: "failed", failure: { by: "payment", category: "insufficient_funds" } });
  });

  test("for an attempt that had failed by silence: a refusal is ignored", () => {
    const order = new OrderHistory();
    order.silent();
    const sends = order.attempt(1).sends.length;
    order.happen({
      type: "create_answered",
      leftAt: null,
      read: null,
      attempt: 1,
      send: sends - 1,
      outcome: refusal("10011", "duplicate"),
    });
    expect(order.attempt(1)).toMatchObject({ failure: { by: "silence" }, knownToGateway: false });
  });

  test("for a declined attempt: its first reason stays", () => {
    const order = new OrderHistory();
    order.declined("10009");
    order.happen({
      type: "create_answered",
      leftAt: null,
      read: null,
      attempt: 1,
      send: 0,
      outcome: created("error", { error: { code: "10017" } }),
    });
    expect(order.attempt(1).failure?.code).toBe("10009");
    expect(order.attempt(1).nextPollAt).toBe(order.now);
  });

  test("for a paid or held attempt: a decline changes nothing, the payment is read", () => {
    for (const enter of ["succeed", "hold"] as const) {
      const order = new OrderHistory();
      order[enter]();
      const { state, gatewayStatus } = order.attempt(1);
      order.happen({
        type: "create_answered",
        leftAt: null,
        read: null,
        attempt: 1,
        send: 0,
        outcome: created("error", { error: { code: "10009" } }),
      });
      expect(order.attempt(1)).toMatchObject({ state, gatewayStatus, failure: null, nextPollAt: order.now });
    }
  });

  test("that declines ends the other attempts under its order_id", () => {
    const order = new OrderHistory();
    order.silent();
    order.pay("key-2");
    const sends = order.attempt(1).sends.length;
    order.happen({
      type: "create_answered",
      leftAt: null,
      read: null,
      attempt: 1,
      send: sends - 1,
      outcome: created("error", { error: { code: "10009" } }),
    });
    expect(order.attempt(2)).toMatchObject({ state: "failed", failure: { by: "other_attempt", category: "insufficient_funds" } });
  });
});

describe("the payment id in an answer", () => {
  test("counts once: it stays with the attempt that has it", () => {
    const order = new OrderHistory();
    order.declined();
    order.pay("key-2");
    order.see({ payment: {} });
    order.answer(created("process", { id: "p1" }));
    expect(order.record.attempts.map(({ paymentId, knownToGateway }) => [paymentId, knownToGateway])).toEqual([
      ["p1", true],
      [null, true],
    ]);
  });

  test("is stored with a later attempt if no other attempt has it, and is not replaced later", () => {
    const order = new OrderHistory();
    order.declined();
    order.pay("key-2");
    order.see({ payment: {} });
    order.answer(created("process", { id: "p2" }));
    expect(order.attempt(2).paymentId).toBe("p2");
    const attempt = structuredClone(order.attempt(2));
    recordPaymentId(order.record, attempt, "p3", 10);
    expect(attempt.paymentId).toBe("p2");
  });

  test.each([
    [10, true],
    ["10.00", true],
    [11, false],
    [undefined, false],
  ])("with the amount %s: amountConfirmed is %s", (amount, amountConfirmed) => {
    const order = new OrderHistory();
    order.pay();
    order.answer(created("process", { id: "p1", amount }));
    expect(order.attempt(1)).toMatchObject({ paymentId: "p1", amountConfirmed });
    const other = structuredClone(order.attempt(1));
    other.amountConfirmed = false;
    recordPaymentId(order.record, other, "p3", 10);
    expect(other.amountConfirmed).toBe(false);
  });

  test("that no read could name is not stored, but proves that the gateway knows the request", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(created("process", { id: "p 1" }));
    expect(order.attempt(1)).toMatchObject({ knownToGateway: true, paymentId: null });
  });
});

describe("a refusal of the sole send", () => {
  test("by both keys, because the gateway changed its key between the two tries: nothing was taken, and the next click pays", () => {
    const order = new OrderHistory();
    order.gatewayKeys = 2;
    order.pay();
    expect(order.takeSend()).toMatchObject({ key: 0 });
    const first = {
      type: "create_answered",
      leftAt: null,
      read: null,
      attempt: 1,
      send: 0,
      outcome: refusal("1100", "configuration", 401),
    } as const;
    order.happen(first);
    const second = order.takeSend();
    expect(second).toMatchObject({ key: 1, send: 1 });
    order.answer(refusal("1100", "configuration", 401), second);
    expect(order.attempt(1)).toMatchObject({ state: "failed", failure: { by: "unauthorized", category: "configuration" } });
    order.pass(2_000);
    expect(order.pay("key-2").ok).toBe(true);
    order.see({ payment: {} });
    order.answer(created("process"));
    order.untilPoll();
    order.see({ payment: order.payment("success") });
    expect(order.status).toBe("succeeded");
  });

  test("for the merchant's configuration raises attention with its code; any other refusal does not", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(refusal("9403", "configuration"));
    expect(order.record.attention).toMatchObject([{ reason: "configuration", attempt: 1, detail: "9403" }]);
    const declined = new OrderHistory();
    declined.pay();
    declined.answer(refusal("10009", "insufficient_funds"));
    expect(declined.told).toEqual([]);
  });

  test("that is tried with the other key is sent again at once, and counts as the sole send", () => {
    const order = new OrderHistory();
    order.gatewayKeys = 2;
    order.pay();
    order.pass(2 * 60 * SECOND);
    order.answer(refusal("1100", "configuration", 401));
    expect(order.attempt(1).sends.map(({ superseded, keyIndex }) => [superseded, keyIndex])).toEqual([
      [true, 0],
      [false, 1],
    ]);
    expect(order.attempt(1).nextPollAt).toBe(order.now + 25 * SECOND);
    const late = new OrderHistory();
    late.gatewayKeys = 2;
    late.pay();
    late.pass(2 * 60 * SECOND + 1);
    late.answer(refusal("1100", "configuration", 401));
    expect(late.sends).toBe(0);
    expect(late.attempt(1).failure?.by).toBe("unauthorized");
  });
});
