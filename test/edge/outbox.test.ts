import { describe, expect, test } from "vitest";
import { created, OrderHistory } from "./order-history.ts";

describe("the outbox (rule 9)", () => {
  test("a charge that is paid tells it once, with the whole charge and a growing sequence", () => {
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

  test("each failed attempt is told", () => {
    const order = new OrderHistory();
    order.declined();
    order.pay("key-2");
    order.see({ payment: {} });
    order.answer(created("error", { id: "p2", error: { code: "10009" } }));
    expect(order.outbox.map(({ type }) => type)).toEqual(["charge.failed", "charge.failed"]);
  });
});
