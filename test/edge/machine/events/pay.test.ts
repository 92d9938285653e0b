import { describe, expect, test } from "vitest";
import { conflictsOnRead } from "../../../../edge/machine/events/pay.ts";
import { CHARGE, created, OrderHistory, START } from "../order-history.ts";

describe("the first click", () => {
  test("creates an attempt, binds its key and sends the exact bytes once", () => {
    const order = new OrderHistory();
    expect(order.pay()).toEqual({ ok: true, began: true, subject: 1 });
    const send = order.takeSend();
    expect(JSON.parse(send.call.body)).toEqual({
      amount: 10,
      currency: "KZT",
      description: "Test order",
      order_id: "1234",
      user_id: "12345",
      auto_clearing: true,
      from: { type: "recurrent", recurrent: { profile_id: CHARGE.profile_id } },
      device: { user_ip: "192.0.2.1" },
    });
    expect(order.attempt(1).sends).toHaveLength(1);
    expect(order.attempt(1).body).toBe(send.call.body);
    expect(order.bindings.get("shopper pay key-1")?.subject).toBe(1);
    expect(order.status).toBe("processing");
    expect(order.polls).toBe(0);
  });

  test("sets a deadline in case the answer never comes", () => {
    const order = new OrderHistory();
    order.pay();
    order.fireAlarm();
    expect(order.now).toBe(START + 25_000);
    expect(order.attempt(1).sends[0]?.end?.how).toBe("not_known");
    expect(order.polls).toBe(1);
    expect(order.status).toBe("unconfirmed");
  });
});

describe("keys (M2)", () => {
  test("a known key starts nothing again, also after the attempt has failed", () => {
    const order = new OrderHistory();
    order.declined();
    expect(order.pay("key-1")).toEqual({ ok: true, began: false, subject: 1 });
    expect(order.sends + order.polls).toBe(0);
  });

  test("a known key with other terms is refused, whatever the state", () => {
    const order = new OrderHistory();
    order.pay();
    for (const more of [{ amount: 11 }, { currency: "USD" as const }, { user_id: "9" }, { profile_id: "p" }, { auto_clearing: false }]) {
      expect(order.pay("key-1", more)).toEqual({ ok: false, code: "idempotency_key_reused" });
    }
  });

  test("the description is no term: the same key may come with another one", () => {
    const order = new OrderHistory();
    order.pay();
    expect(order.pay("key-1", { description: "Another text" })).toMatchObject({ ok: true, began: false });
  });

  test("a key is scoped to its caller", () => {
    const order = new OrderHistory();
    order.declined();
    expect(order.pay("key-1", {}, null, "merchant")).toMatchObject({ ok: true, began: true, subject: 2 });
  });

  test("a refused click binds no key", () => {
    const order = new OrderHistory();
    order.pay();
    order.pay("key-2", { amount: 11 });
    expect(order.bindings.has("shopper pay key-2")).toBe(false);
  });
});

describe("one undecided attempt (M2)", () => {
  test("another click under the same terms joins it and calls nothing", () => {
    const order = new OrderHistory();
    order.pay();
    order.takeSend();
    expect(order.pay("key-2")).toEqual({ ok: true, began: false, subject: 1 });
    expect(order.sends + order.polls).toBe(0);
    expect(order.bindings.get("shopper pay key-2")?.subject).toBe(1);
  });

  test("other terms conflict while it is undecided, held, paid, reversed or refunded", () => {
    const undecided = new OrderHistory();
    undecided.pay();
    expect(undecided.pay("key-2", { amount: 11 })).toEqual({ ok: false, code: "charge_conflict" });
    const paid = new OrderHistory();
    paid.succeed();
    expect(paid.pay("key-2", { amount: 11 })).toEqual({ ok: false, code: "charge_conflict" });
    expect(paid.pay("key-3")).toEqual({ ok: true, began: false, subject: 1 });
    expect(paid.sends + paid.polls).toBe(0);
    for (const status of ["approved", "reversed"]) {
      const order = new OrderHistory();
      order.pay();
      order.answer(created("process"));
      order.untilPoll();
      order.see({ payment: order.payment(status) });
      expect(order.pay("key-2", { amount: 11 })).toEqual({ ok: false, code: "charge_conflict" });
      expect(order.pay("key-3")).toMatchObject({ ok: true, began: false });
      expect(order.sends).toBe(0);
    }
  });

  test("a token older than the newest seen conflicts under other terms, also after a failure; an equal one does not", () => {
    const order = new OrderHistory();
    order.declined();
    const issuedAt = Math.floor(START / 1000);
    expect(order.pay("key-2", { profile_id: "other" }, issuedAt - 1)).toEqual({ ok: false, code: "charge_conflict" });
    expect(order.pay("key-3", { profile_id: "other" }, issuedAt)).toMatchObject({ ok: true, began: true });
  });

  test("an older token under the same terms may pay", () => {
    const order = new OrderHistory();
    order.declined();
    expect(order.pay("key-2", {}, Math.floor(START / 1000) - 60)).toMatchObject({ ok: true, began: true });
  });

  test("a call of the merchant's server counts as issued now, so a token from before it conflicts under other terms", () => {
    const order = new OrderHistory();
    order.pass(60_000);
    order.pay("key-1", {}, null, "merchant");
    order.answer(created("error", { error: { code: "10009" } }));
    order.pass(2_000);
    expect(order.pay("key-2", { amount: 11 }, Math.floor(START / 1000) + 59)).toEqual({ ok: false, code: "charge_conflict" });
  });

  test("a call of the merchant's server counts as issued in its second, and is the newest from then on", () => {
    const order = new OrderHistory();
    order.pass(1_999);
    order.pay("key-1", {}, null, "merchant");
    expect(order.record.newestIssuedAt).toBe(Math.floor(START / 1000) + 1);
    order.pay("key-2", {}, Math.floor(START / 1000) - 60);
    expect(order.record.newestIssuedAt).toBe(Math.floor(START / 1000) + 1);
    order.pay("key-3", {}, Math.floor(START / 1000) + 60);
    expect(order.record.newestIssuedAt).toBe(Math.floor(START / 1000) + 60);
  });

  test("a token whose iat is 0 counts too", () => {
    const order = new OrderHistory();
    order.pay("key-1", {}, 0);
    expect(order.record.newestIssuedAt).toBe(0);
  });

  test("the pause after a failure is given in whole seconds, rounded up", () => {
    const order = new OrderHistory();
    order.declined();
    order.pass(-1_000);
    expect(order.pay("key-2")).toEqual({ ok: false, code: "rate_limited", retryAfter: 1 });
    order.pass(-1_000);
    expect(order.pay("key-2")).toEqual({ ok: false, code: "rate_limited", retryAfter: 2 });
    order.pass(999);
    expect(order.pay("key-2")).toEqual({ ok: false, code: "rate_limited", retryAfter: 2 });
  });
});

describe("a GET under other terms (M2)", () => {
  const orders: Readonly<Record<string, (order: OrderHistory) => void>> = {
    "never paid": () => undefined,
    processing: (order) => void order.pay(),
    authorized: (order) => order.hold(),
    succeeded: (order) => order.succeed(),
    failed: (order) => order.declined(),
  };

  test.each([
    ["never paid", false],
    ["processing", true],
    ["authorized", true],
    ["succeeded", true],
    ["failed", false],
  ] as const)("an order that is %s: another amount is a conflict (%s)", (state, conflicts) => {
    const order = new OrderHistory();
    orders[state]?.(order);
    const asked = { ...CHARGE, auto_clearing: state !== "authorized" };
    expect(conflictsOnRead(order.record, asked)).toBe(false);
    expect(conflictsOnRead(order.record, { ...asked, amount: 11 })).toBe(conflicts);
  });

  test.each([
    [{ amount: 10.01 }, true],
    [{ currency: "USD" as const }, true],
    [{ auto_clearing: false }, true],
    [{ profile_id: "other" }, false],
    [{ user_id: "other" }, false],
    [{ description: "other" }, false],
    [{ card: { brand: "visa", last4: "4242" } }, false],
  ])("terms that differ by %j conflict (%s): only those about money are compared", (other, conflicts) => {
    const order = new OrderHistory();
    order.succeed();
    expect(conflictsOnRead(order.record, { ...CHARGE, ...other })).toBe(conflicts);
  });

  test("a redacted order conflicts with no terms", () => {
    const order = new OrderHistory();
    order.succeed();
    order.pass(400 * 86_400_000);
    order.happen({ type: "alarm" });
    expect(conflictsOnRead(order.record, { ...CHARGE, amount: 11 })).toBe(false);
  });
});
