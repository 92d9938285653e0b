import { describe, expect, test } from "vitest";
import type { CHARGE } from "./order-history.ts";
import { created, lost, notFound, OrderHistory, refusal, START } from "./order-history.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("what a read decides (M6)", () => {
  function read(more: Parameters<OrderHistory["payment"]>[1], status = "success", charge: Partial<typeof CHARGE> = {}): OrderHistory {
    const order = new OrderHistory();
    order.pay("key-1", charge);
    order.answer(created("process"));
    order.untilPoll();
    order.see({ payment: order.payment(status, more) });
    return order;
  }

  test.each([
    ["success", "succeeded"],
    ["approved", "authorized"],
    ["reversed", "reversed"],
    ["error", "failed"],
    ["process", "processing"],
    ["process_clearing", "processing"],
    ["waiting_3ds", "processing"],
    ["a_new_word", "unconfirmed"],
  ])("%s makes the charge %s", (word, status) => {
    expect(read({}, word).status).toBe(status);
  });

  test("success of a hold is authorized until it is cleared", () => {
    expect(read({}, "success", { auto_clearing: false }).status).toBe("authorized");
    expect(read({ clearing: { cleared: false } }, "success", { auto_clearing: false }).status).toBe("authorized");
    expect(read({ clearing: { cleared: true } }, "success", { auto_clearing: false }).status).toBe("succeeded");
  });

  test.each([
    ["an amount that differs", { amount: 11 }, "amount_differs"],
    ["an amount that is missing", { amount: undefined }, "amount_differs"],
    ["an amount that is no amount", { amount: "ten" }, "amount_differs"],
    ["another order_id", { order_id: "9999" }, "terms_differ"],
    ["no order_id", { order_id: undefined }, "terms_differ"],
    ["another currency", { currency: "USD" }, "terms_differ"],
    ["another profile", { from: { recurrent: { profile_id: "other" } } }, "terms_differ"],
    ["another payment id", { id: "p9" }, "terms_differ"],
    ["a date more than an hour before the first send", { created_at: new Date(START - HOUR - 1).toISOString() }, "old_payment"],
  ])("%s is a mismatch: unconfirmed, attention, nothing sent again", (_, more, reason) => {
    const order = read(more);
    expect(order.status).toBe("unconfirmed");
    expect(order.told).toEqual([reason]);
    for (let polls = 0; polls < 30; polls += 1) {
      order.untilPoll();
      order.seeNothing();
    }
    expect(order.attempt(1).sends).toHaveLength(1);
    expect(order.status).toBe("unconfirmed");
  });

  test.each([
    ["its amount as a string", { amount: "10.00" }],
    ["the right currency", { currency: "KZT" }],
    ["a date that cannot be read", { created_at: "yesterday" }],
    ["a date almost an hour early", { created_at: new Date(START - HOUR).toISOString() }],
    ["nanoseconds", { created_at: "2026-11-22T10:00:00.068188524Z" }],
  ])("%s still matches", (_, more) => {
    expect(read(more).status).toBe("succeeded");
  });

  test("an older decline under the same order_id counts as no payment", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(lost());
    order.pass(12_000);
    order.untilPoll();
    order.see({ request: notFound, payment: order.payment("error", { created_at: "2020-01-01T00:00:00Z" }) });
    expect(order.sends).toBe(1);
    expect(order.told).toEqual([]);
  });

  test.each([
    ["date", { created_at: "2020-01-01T00:00:00Z" }],
    ["card", { from: { recurrent: { profile_id: "other" } } }],
    ["currency", { currency: "USD" }],
  ])("a mismatch stays when a later read leaves the %s out", (_, more) => {
    const order = read(more);
    order.untilPoll();
    order.see({ payment: { id: "p1", order_id: "1234", status: "success", amount: 10 } });
    expect(order.status).toBe("unconfirmed");
  });

  test("a payment keeps its attempt if a later read leaves out, or gets wrong, the member that distinguished the attempts", () => {
    for (const [first, more] of [
      [{}, { from: undefined }],
      [{ amount: 11 }, { amount: 11, from: undefined }],
    ] as const) {
      const order = new OrderHistory();
      order.pay("key-1", first);
      order.answer(refusal("1100", "configuration", 401));
      order.pass(2_000);
      order.pay("key-2", { profile_id: "other" });
      order.see({ payment: {} });
      order.answer(created("process", { id: "p2" }));
      order.untilPoll();
      const full = order.payment("success", { id: "p2", from: { recurrent: { profile_id: "other" } } });
      order.see({ payment: full });
      order.pass(10_000);
      order.happen({ type: "hint", ticket: "ticket-key-1" });
      order.see({ request: notFound, payment: { ...full, ...more } });
      expect(order.attempt(1).state).toBe("failed");
      expect(order.attempt(2)).toMatchObject({ state: "paid", paymentId: "p2" });
      expect(order.told).not.toContain("second_payment");
    }
  });

  test("a payment that a read gave to one attempt stays with it if the next read leaves out the card", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(refusal("1100", "configuration", 401));
    order.pass(2_000);
    order.pay("key-2", { profile_id: "other" });
    order.see({ payment: {} });
    order.answer(created("process", { id: "p2" }));
    order.untilPoll();
    order.see({ payment: order.payment("process", { id: "p2", from: { recurrent: { profile_id: "other" } } }) });
    order.untilPoll();
    order.see({ payment: order.payment("success", { id: "p2" }) });
    expect(order.attempt(2)).toMatchObject({ state: "paid", paymentId: "p2" });
    expect(order.attempt(1).state).toBe("failed");
  });

  test("an attempt that the gateway refused owns a payment only if no other under its order_id matches", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(refusal("1100", "configuration", 401));
    order.pass(2_000);
    order.pay("key-2", { profile_id: "other" });
    order.see({ payment: {} });
    order.answer(lost());
    order.untilPoll();
    order.see({ request: lost(), payment: order.payment("success", { id: "p2" }) });
    expect(order.attempt(2)).toMatchObject({ state: "paid", paymentId: "p2" });
    expect(order.attempt(1).state).toBe("failed");
  });

  test("an unknown status of a payment that was given up as never seen makes it unconfirmed again", () => {
    const order = new OrderHistory();
    order.silent();
    order.untilPoll();
    order.see({ payment: order.payment("a_new_word") });
    expect(order.status).toBe("unconfirmed");
    expect(order.told).toContain("unknown_word");
    expect(order.attempt(1).nextPollAt).not.toBeNull();
  });

  test("an unknown status is stored, and attention shows it as the gateway wrote it", () => {
    const order = read({}, "a_new_word");
    expect(order.attempt(1).gatewayStatus).toBe("a_new_word");
    expect(order.record.attention).toMatchObject([{ reason: "unknown_word", detail: "a_new_word" }]);
  });

  test("a read that matches clears the mismatch", () => {
    const order = read({ amount: 11 });
    order.untilPoll();
    order.see({ payment: order.payment("success") });
    expect(order.status).toBe("succeeded");
  });

  test("after a decision an unknown status, a step back or a mismatch changes nothing", () => {
    for (const [word, more] of [
      ["a_new_word", {}],
      ["process", {}],
      ["approved", {}],
      ["error", {}],
      ["success", { amount: 11 }],
    ] as const) {
      const order = read({});
      order.pass(10_000);
      order.happen({ type: "hint", ticket: "ticket-key-1" });
      order.see({ payment: order.payment(word, more) });
      expect(order.status).toBe("succeeded");
    }
  });

  test("a decline that turns out paid is shown as paid", () => {
    const order = read({}, "error");
    order.pass(10_000);
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    order.see({ payment: order.payment("success") });
    expect(order.status).toBe("succeeded");
  });

  test("a decline with a payment id does not go back to undecided", () => {
    const order = read({}, "error");
    order.pass(10_000);
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    order.see({ payment: order.payment("process") });
    expect(order.status).toBe("failed");
  });

  test("waiting for 3-D Secure raises attention", () => {
    expect(read({}, "waiting_3ds").told).toEqual(["bank_confirmation"]);
  });

  test("a hold is read daily, raises attention at day 4, is read at day 5, and becomes succeeded when the gateway clears it", () => {
    const order = read({}, "approved", { auto_clearing: false });
    const heldAt = order.now;
    const days: number[] = [];
    while (order.now - heldAt < 5 * DAY) {
      order.untilPoll();
      days.push((order.now - heldAt) / DAY);
      order.see({ payment: order.payment("approved", { created_at: new Date(START).toISOString() }) });
    }
    expect(days).toEqual([1, 2, 3, 4, 5]);
    expect(order.told).toEqual(["hold_expires"]);
    order.untilPoll();
    order.see({
      payment: order.payment("success", { clearing: { cleared: true, amount: 10 }, created_at: new Date(START).toISOString() }),
    });
    expect(order.status).toBe("succeeded");
    expect(order.outbox.at(-1)?.type).toBe("charge.cleared");
  });

  test("after a partial clearing the cleared amount is accepted and shown", () => {
    const order = read({}, "approved", { auto_clearing: false });
    order.untilPoll();
    order.see({
      payment: order.payment("success", { amount: 4, clearing: { cleared: true, amount: 4 }, created_at: new Date(START).toISOString() }),
    });
    expect(order.status).toBe("succeeded");
    expect(order.attempt(1).ledger?.clearedAmount).toBe(400);
  });

  test.each([0, -4, 11, 1e12, "much"])("an impossible cleared amount of %j is ignored", (amount) => {
    const order = read({ clearing: { cleared: true, amount } });
    expect(order.status).toBe("succeeded");
    expect(order.attempt(1).ledger?.clearedAmount).toBe(1000);
    const held = read({}, "approved", { auto_clearing: false });
    held.untilPoll();
    held.see({
      payment: held.payment("success", { amount, clearing: { cleared: true, amount }, created_at: new Date(START).toISOString() }),
    });
    expect(held.status).toBe("authorized");
    expect(held.told).toEqual(["amount_differs"]);
  });

  test("refund rows with impossible amounts are ignored, however many there are", () => {
    const refund_payments = [1, 2, 3].map((row) => ({ id: `r${row}`, amount: -9_999_999_999_999, status: "success" }));
    const order = read({ refund_payments });
    expect(order.status).toBe("succeeded");
    expect(order.attempt(1).ledger?.refunds.map(({ amount }) => amount)).toEqual([null, null, null]);
  });

  test("refund rows of the merchant's cabinet are taken over: after a part the charge stays succeeded, after the whole it is refunded", () => {
    const order = read({});
    const rows = [{ id: "r1", amount: -4, status: "success" }];
    const poll = (): void => {
      order.pass(10_000);
      order.happen({ type: "hint", ticket: "ticket-key-1" });
      order.see({ payment: order.payment("success", { refund_payments: rows }) });
    };
    poll();
    expect(order.status).toBe("succeeded");
    expect(order.outbox.at(-1)?.type).toBe("charge.refunded");
    rows.push({ id: "r2", amount: -6, status: "process" });
    poll();
    expect(order.status).toBe("succeeded");
    rows[1] = { id: "r2", amount: -6, status: "success" };
    poll();
    expect(order.status).toBe("refunded");
  });
});
