import { describe, expect, test } from "vitest";
import { outboxRows } from "../../../edge/machine/notifications.ts";
import type { MerchantChargeView } from "../../../src/edge-api.ts";
import { created, OrderHistory, refusal } from "./order-history.ts";

describe("the outbox (M9)", () => {
  test("a paid charge is notified once, with the whole charge and a growing sequence", () => {
    const order = new OrderHistory();
    order.succeed();
    expect(order.outbox.map(({ sequence, type }) => [sequence, type])).toEqual([[1, "charge.succeeded"]]);
    expect(JSON.parse(order.outbox[0]?.data ?? "null")).toMatchObject({
      order_id: "1234",
      status: "succeeded",
      amount: 10,
      cleared_amount: 10,
      sequence: 1,
    });
  });

  function seen(order: OrderHistory, gatewayStatus: string, more: Parameters<OrderHistory["payment"]>[1] = {}): void {
    order.pass(10_000);
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    order.see({ payment: order.payment(gatewayStatus, more) });
  }

  function types(order: OrderHistory): string[] {
    return order.outbox.map(({ type }) => type);
  }

  test("a hold is notified as authorized, its clearing as cleared, its release as reversed", () => {
    const order = new OrderHistory();
    order.hold();
    expect(types(order)).toEqual(["charge.authorized"]);
    seen(order, "success", { clearing: { cleared: true, amount: 10 } });
    expect(types(order)).toEqual(["charge.authorized", "charge.cleared"]);
    const released = new OrderHistory();
    released.hold();
    seen(released, "reversed");
    expect(types(released)).toEqual(["charge.authorized", "charge.reversed"]);
  });

  test("a clearing in part is notified as cleared, and so is a cleared amount that changes", () => {
    const order = new OrderHistory();
    order.hold();
    seen(order, "success", { clearing: { cleared: true, amount: 8 } });
    expect(order.outbox.at(-1)).toMatchObject({ type: "charge.cleared", data: expect.stringContaining('"cleared_amount":8,') });
    seen(order, "success", { clearing: { cleared: true, amount: 9 } });
    expect(types(order)).toEqual(["charge.authorized", "charge.cleared", "charge.cleared"]);
    expect(order.outbox.at(-1)?.data).toContain('"cleared_amount":9,');
    const refunded = new OrderHistory();
    refunded.hold();
    const refund_payments = [{ id: "r1", amount: -8, status: "success" }];
    seen(refunded, "success", { clearing: { cleared: true, amount: 8 }, refund_payments });
    const told = types(refunded);
    seen(refunded, "success", { clearing: { cleared: true, amount: 9 }, refund_payments });
    expect([refunded.status, types(refunded)]).toEqual(["refunded", told]);
  });

  test("new attention is contained only in its own notification, not in those before it", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(created("process"));
    seen(order, "success", { amount: 11 });
    expect(types(order)).toEqual(["charge.unconfirmed", "charge.attention"]);
    expect(order.outbox.map(({ data }) => (JSON.parse(data) as MerchantChargeView).attention.length)).toEqual([0, 1]);
  });

  test("a refund in part is notified, and the last refund once", () => {
    const order = new OrderHistory();
    order.succeed();
    const first = { id: "r1", amount: -4, status: "success" };
    seen(order, "success", { refund_payments: [first] });
    expect(types(order)).toEqual(["charge.succeeded", "charge.refunded"]);
    seen(order, "success", { refund_payments: [first] });
    expect(types(order)).toHaveLength(2);
    seen(order, "success", { refund_payments: [first, { id: "r2", amount: -6, status: "success" }] });
    expect(types(order).slice(2)).toEqual(["charge.refunded"]);
    expect(order.outbox.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(JSON.parse(order.outbox[2]?.data ?? "null")).toMatchObject({ status: "refunded", refunded_amount: 10, sequence: 3 });
  });

  test("each attention is notified by itself, after the status", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(refusal("9403", "configuration"));
    expect(types(order)).toEqual(["charge.failed", "charge.attention"]);
    const twice = new OrderHistory();
    twice.pay();
    twice.answer(created("process"));
    twice.untilPoll();
    const poll = twice.takePoll();
    twice.pass(86_400_000);
    twice.happen({ type: "alarm" });
    expect(types(twice)).toEqual(["charge.attention", "charge.attention"]);
    expect(twice.outbox.map(({ sequence, at }) => [sequence, at])).toEqual([
      [1, twice.now],
      [2, twice.now],
    ]);
    expect(twice.outbox.map(({ data }) => (JSON.parse(data) as MerchantChargeView).attention.map(({ reason }) => reason))).toEqual([
      ["undecided_15_minutes"],
      ["undecided_15_minutes", "undecided_1_day"],
    ]);
    twice.see({ payment: twice.payment("success") }, poll);
    expect(types(twice).slice(2)).toEqual(["charge.succeeded"]);
  });

  test("a click that begins an attempt, and an answer that changes nothing, are not notified", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(created("process"));
    expect(types(order)).toEqual([]);
    order.untilPoll();
    order.see({ payment: order.payment("process") });
    expect(types(order)).toEqual([]);
  });

  test("a second failure is notified, though the order was failed before", () => {
    const order = new OrderHistory();
    order.declined();
    const after = { ...order.record, attempts: [order.attempt(1), { ...order.attempt(1), number: 2 }] };
    expect(outboxRows(order.record, after, order.now).map(({ type }) => type)).toEqual(["charge.failed"]);
  });

  test("a later attempt that fails while an earlier one is shown is not notified as a failure of the order", () => {
    const order = new OrderHistory();
    order.succeed();
    const failed = { ...order.attempt(1), number: 2, state: "failed" as const };
    const after = { ...order.record, attempts: [order.attempt(1), failed] };
    expect(outboxRows(order.record, after, order.now)).toEqual([]);
  });

  test("each failed attempt is notified", () => {
    const order = new OrderHistory();
    order.declined();
    order.pay("key-2");
    order.see({ payment: {} });
    order.answer(created("error", { id: "p2", error: { code: "10009" } }));
    expect(order.outbox.map(({ type }) => type)).toEqual(["charge.failed", "charge.failed"]);
  });
});
