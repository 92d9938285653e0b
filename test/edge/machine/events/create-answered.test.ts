import { describe, expect, test } from "vitest";
import { created, lost, OrderHistory, refusal, START } from "../order-history.ts";

describe("what decides a create (M4)", () => {
  test("an answer with a payment id and status error: declined, by its code", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(created("error", { error: { code: "10017", description: "expired" } }));
    expect(order.attempt(1)).toMatchObject({
      state: "failed",
      paymentId: "p1",
      failure: { by: "payment", category: "card_expired", code: "10017", description: "expired" },
    });
  });

  test("an unlisted code is a decline if it came with a payment id", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(created("error", { error: { code: "77777" } }));
    expect(order.attempt(1).failure?.category).toBe("declined");
  });

  test("a decline decides also on a resend", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(lost());
    order.untilSendOrDecision();
    order.answer(created("error", { error: { code: "10009" } }));
    expect(order.attempt(1).failure?.by).toBe("payment");
  });

  test.each([
    ["9403", "configuration"],
    ["10030", "amount_invalid"],
    ["9011", "profile_dead"],
    ["10009", "insufficient_funds"],
    ["10017", "card_expired"],
    ["10010", "card_blocked"],
    ["10005", "card_invalid"],
    ["10006", "limit_exceeded"],
    ["10004", "authentication_required"],
    ["10007", "declined"],
  ] as const)("a bare refusal %s (%s) of the sole send decides", (code, category) => {
    const order = new OrderHistory();
    order.pay();
    order.answer(refusal(code, category, 422));
    expect(order.attempt(1)).toMatchObject({ state: "failed", failure: { by: "refusal", category, code } });
  });

  test.each([
    ["10011", "duplicate"],
    ["9999", "gateway_unavailable"],
    ["9013", "operation_refused"],
    ["77777", "other"],
    ["11068", "not_found"],
  ] as const)("a bare refusal %s (%s) proves nothing", (code, category) => {
    const order = new OrderHistory();
    order.pay();
    order.answer(refusal(code, category));
    expect(order.attempt(1).state).toBe("undecided");
    expect(order.status).toBe("unconfirmed");
  });

  test("a 401 decides whatever its code, and notifies the merchant; a duplicate never decides", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(refusal("77777", "other", 401));
    expect(order.attempt(1).failure).toMatchObject({ by: "unauthorized", category: "configuration" });
    expect(order.told).toEqual(["configuration"]);
    const duplicate = new OrderHistory();
    duplicate.pay();
    duplicate.answer(refusal("10011", "duplicate", 401));
    expect(duplicate.attempt(1).state).toBe("undecided");
  });

  test("a refusal of a resend decides nothing", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(lost());
    order.untilSendOrDecision();
    order.answer(refusal("10009", "insufficient_funds"));
    expect(order.attempt(1).state).toBe("undecided");
  });

  test.each(["network", "timeout", "odd_json", "server_error", "rate_limited"] as const)(
    "after %s the outcome is unknown: unconfirmed, and polled within a second",
    (reason) => {
      const order = new OrderHistory();
      order.pay();
      order.answer(lost(reason));
      expect(order.status).toBe("unconfirmed");
      order.untilPoll();
      expect(order.now - START).toBeLessThanOrEqual(1_000);
    },
  );

  test("a create never decides success, only a read does", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(created("success"));
    expect(order.status).toBe("processing");
    order.untilPoll();
    expect(order.takePoll().reads.map((ask) => ask.call.body)).toEqual(['{"id":"p1"}']);
  });

  test("a refused signature is tried once with the other key, under a fresh id, and the answer counts as that of the sole send", () => {
    const order = new OrderHistory();
    order.gatewayKeys = 2;
    order.pay();
    const first = order.takeSend();
    order.answer(refusal("1100", "configuration", 401), first);
    const second = order.takeSend();
    expect(second.key).toBe(1);
    expect(second.call.requestId).not.toBe(first.call.requestId);
    expect(second.call.body).toBe(first.call.body);
    expect(order.attempt(1).requestId).toBe(second.call.requestId);
    order.answer(refusal("10009", "insufficient_funds"), second);
    expect(order.attempt(1).failure).toMatchObject({ by: "refusal", category: "insufficient_funds" });
  });

  test("if both keys are refused the attempt has failed, and nothing more is sent", () => {
    const order = new OrderHistory();
    order.gatewayKeys = 2;
    order.pay();
    order.answer(refusal("1100", "configuration", 401));
    order.answer(refusal("1100", "configuration", 401));
    expect(order.sends).toBe(0);
    expect(order.attempt(1).failure?.by).toBe("unauthorized");
  });

  test("a resend with a refused signature is sent again with the other key", () => {
    const order = new OrderHistory();
    order.gatewayKeys = 2;
    order.pay();
    order.answer(lost());
    order.untilSendOrDecision();
    order.answer(refusal("1100", "configuration", 401));
    order.untilSendOrDecision();
    expect(order.takeSend().key).toBe(1);
  });

  test("a late answer of an earlier send still names its payment, but its refusal is ignored", () => {
    const order = new OrderHistory();
    order.pay();
    const first = order.takeSend();
    order.fireAlarm();
    order.seeNothing();
    order.untilSendOrDecision();
    order.answer(refusal("10009", "insufficient_funds"), first);
    expect(order.attempt(1).state).toBe("undecided");
    order.answer(created("process"), first);
    expect(order.attempt(1)).toMatchObject({ knownToGateway: true, paymentId: "p1" });
  });
});
