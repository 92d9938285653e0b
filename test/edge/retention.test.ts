import { describe, expect, test } from "vitest";
import { deadlinesOf } from "../../edge/transition.ts";
import { merchantChargeView } from "../../edge/view.ts";
import { CHARGE, created, OrderHistory } from "./order-history.ts";

const DAY = 86_400_000;

function entombed(enter: (order: OrderHistory) => void): OrderHistory {
  const order = new OrderHistory();
  enter(order);
  order.pass(400 * DAY);
  order.happen({ type: "due" });
  return order;
}

describe("after retention (rule 10)", () => {
  test("a settled order has a deadline for it, an undecided or held one has none", () => {
    const paid = new OrderHistory();
    paid.succeed();
    expect(deadlinesOf(paid.record, 400)).toEqual([{ name: "retention", at: (paid.record.updatedAt ?? 0) + 400 * DAY }]);
    const undecided = new OrderHistory();
    undecided.pay();
    const held = new OrderHistory();
    held.hold();
    for (const order of [undecided, held]) expect(deadlinesOf(order.record, 400).map(({ name }) => name)).not.toContain("retention");
  });

  test("nothing about a person is left, but what forbids a second charge is", () => {
    const order = entombed((one) => {
      one.pay("key-1", { card: { brand: "visa", last4: "4242" } });
      one.answer(created("process"));
      one.untilLook();
      one.see({ payment: one.payment("success", { additional: { approval_code: "123456" } }) });
    });
    const text = JSON.stringify(order.record);
    for (const gone of [CHARGE.user_id, CHARGE.profile_id, CHARGE.description, "192.0.2.1", "4242", "ticket-key-1", "123456"]) {
      expect(text).not.toContain(`"${gone}"`);
    }
    expect(merchantChargeView(order.record)).toMatchObject({
      order_id: "1234",
      status: "succeeded",
      amount: 10,
      payment_id: "p1",
      cleared_amount: 10,
      description: null,
      attempts: [{ number: 1, state: "paid", sends: [] }],
    });
    expect(order.bindings.size).toBe(0);
  });

  test("a paid order is answered with itself, also under a profile that nobody knows any more; another amount conflicts", () => {
    const order = entombed((one) => one.succeed());
    expect(order.pay("key-9", { profile_id: "other" })).toEqual({ ok: true, began: false, subject: 1 });
    expect(order.pay("key-9", { amount: 11 })).toEqual({ ok: false, code: "charge_conflict" });
    expect(order.effects).toEqual([]);
    expect(order.bindings.size).toBe(0);
  });

  test("an order that had failed begins nothing any more", () => {
    const order = entombed((one) => one.declined());
    expect(order.pay("key-9")).toEqual({ ok: false, code: "charge_closed" });
  });

  test("it is reduced once, and tells nobody", () => {
    const order = entombed((one) => one.succeed());
    const told = order.outbox.length;
    const at = order.record.entombedAt;
    order.pass(400 * DAY);
    order.happen({ type: "due" });
    expect(order.record.entombedAt).toBe(at);
    expect(order.outbox).toHaveLength(told);
    expect(deadlinesOf(order.record, 400)).toEqual([]);
  });
});
