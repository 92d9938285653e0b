import { describe, expect, test } from "vitest";
import { statusOf } from "../../../../edge/machine/view.ts";
import { lost, OrderHistory, refusal } from "../order-history.ts";

describe("a close while an attempt is undecided", () => {
  test("nothing more is sent: an attempt that waited for its reads ends", () => {
    const order = new OrderHistory();
    order.declined();
    order.pay("key-2");
    order.record.closedAt = order.now;
    order.see({ payment: {} });
    expect(order.sends).toBe(0);
    expect(order.status).toBe("closed");
  });

  test("nothing is sent again, but polls go on until the attempt is decided", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(lost());
    order.record.closedAt = order.now;
    for (let polls = 0; polls < 10; polls += 1) {
      order.untilPoll();
      order.seeNothing();
    }
    expect(order.attempt(1).sends).toHaveLength(1);
    expect(order.status).toBe("unconfirmed");
    order.untilPoll();
    order.see({ payment: order.payment("success") });
    expect(order.status).toBe("succeeded");
  });

  test("no attempt begins after it", () => {
    const order = new OrderHistory();
    order.record.closedAt = order.now;
    expect(order.pay()).toEqual({ ok: false, code: "charge_closed" });
    expect(statusOf(order.record)).toBe("closed");
  });
});

describe("close", () => {
  test("ends an attempt that still waited for its reads, binds its key, and notifies the merchant", () => {
    const order = new OrderHistory();
    order.declined();
    order.pay("key-2");
    expect(order.close()).toEqual({ ok: true, began: true, subject: 0 });
    expect(order.close()).toEqual({ ok: true, began: false, subject: 0 });
    expect(order.attempt(2)).toMatchObject({ state: "failed", failure: { by: "never_sent" } });
    expect(order.status).toBe("closed");
    expect(order.outbox.at(-1)?.type).toBe("charge.closed");
    expect(order.pay("key-3")).toEqual({ ok: false, code: "charge_closed" });
  });

  test("works on an order that has no record", () => {
    const order = new OrderHistory();
    order.close();
    expect(order.status).toBe("closed");
  });

  test("leaves a paid order as it is", () => {
    const order = new OrderHistory();
    order.succeed();
    order.close();
    expect(order.status).toBe("succeeded");
    expect(order.pay("key-2")).toMatchObject({ ok: true, began: false });
  });

  test("no refused signature is tried with the other key any more", () => {
    const order = new OrderHistory();
    order.gatewayKeys = 2;
    order.pay();
    order.close();
    order.answer(refusal("1100", "configuration", 401));
    expect(order.sends).toBe(0);
    expect(order.status).toBe("closed");
  });
});

describe("resolve", () => {
  function stuck(): OrderHistory {
    const order = new OrderHistory();
    order.pay();
    order.answer(refusal("10011", "duplicate"));
    return order;
  }

  test("nothing taken: a provisional failure that keeps the gateway order_id and is read again", () => {
    const order = stuck();
    expect(order.resolve(null)).toMatchObject({ ok: true, began: true });
    expect(order.attempt(1)).toMatchObject({ state: "failed", failure: { by: "silence" } });
    expect(order.attempt(1).nextPollAt).toBe(order.now + 60_000);
    order.pass(2_000);
    order.pay("key-2");
    expect(order.attempt(2).gatewayOrderId).toBe("1234");
  });

  test("nothing taken: refused while a send is open, and for a decided attempt", () => {
    const open = new OrderHistory();
    open.pay();
    expect(open.resolve(null)).toEqual({ ok: false, code: "operation_in_progress" });
    const paid = new OrderHistory();
    paid.succeed();
    expect(paid.resolve(null)).toEqual({ ok: false, code: "operation_not_allowed" });
    expect(new OrderHistory().resolve(null)).toEqual({ ok: false, code: "operation_not_allowed" });
  });

  function read(order: OrderHistory, payment: Parameters<OrderHistory["seeOperation"]>[0]): void {
    const { resolution } = order.take("read_resolution");
    order.happen({
      type: "resolution_read",
      resolution,
      payment: "kind" in payment ? (payment as ReturnType<typeof lost>) : { kind: "answered", httpStatus: 200, answer: payment },
    });
  }

  test("a payment id: the payment is read and assigned, even if its amount and date differ", () => {
    const order = stuck();
    expect(order.resolve("p9")).toEqual({ ok: true, began: true, subject: 1 });
    read(order, order.payment("success", { id: "p9", amount: 8, created_at: "2020-01-01T00:00:00Z" }));
    expect(order.record.resolutions[0]?.state).toBe("adopted");
    expect(order.status).toBe("succeeded");
    expect(order.attempt(1)).toMatchObject({ paymentId: "p9", ledger: { clearedAmount: 800 } });
  });

  test("a payment id is also assigned to a charge that had failed by silence", () => {
    const order = new OrderHistory();
    order.silent();
    order.resolve("p9");
    read(order, order.payment("process", { id: "p9" }));
    expect(order.status).toBe("processing");
  });

  test.each([
    ["another order_id", { id: "p9", order_id: "9999", status: "success", amount: 10 }],
    ["another payment", { id: "p8", order_id: "1234", status: "success", amount: 10 }],
    ["no payment", {}],
  ])("%s is never assigned", (_, payment) => {
    const order = stuck();
    order.resolve("p9");
    read(order, payment);
    expect(order.record.resolutions[0]?.state).toBe("refused");
    expect(order.status).toBe("unconfirmed");
  });

  test("a payment that belongs to another attempt is never assigned", () => {
    const order = new OrderHistory();
    order.declined();
    order.pay("key-2");
    order.seeNothing();
    order.answer(lost());
    order.resolve("p1");
    read(order, { order_id: "1234--2", status: "process", amount: 10 });
    expect(order.record.resolutions[0]?.state).toBe("refused");
    expect(order.record.attempts.map(({ paymentId }) => paymentId)).toEqual(["p1", null]);
  });

  test("an unreadable answer, or none, changes nothing", () => {
    const order = stuck();
    order.resolve("p9");
    read(order, lost());
    expect(order.record.resolutions[0]?.state).toBe("unavailable");
    order.resolve("p9", "resolve-2");
    order.take("read_resolution");
    order.pass(25_000);
    order.happen({ type: "alarm" });
    expect(order.record.resolutions[1]?.state).toBe("unavailable");
    expect(order.status).toBe("unconfirmed");
  });

  test("a key is for one resolution only", () => {
    const order = stuck();
    order.resolve("p9");
    expect(order.resolve("p9")).toMatchObject({ ok: true, began: false });
    expect(order.resolve("p8")).toEqual({ ok: false, code: "idempotency_key_reused" });
    expect(order.resolve("p9", "resolve-1", "another note")).toEqual({ ok: false, code: "idempotency_key_reused" });
  });
});
