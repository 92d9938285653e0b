import { describe, expect, test } from "vitest";
import type { CallbackContent } from "../../../../edge/machine/events/callback.ts";
import { answerToCallback } from "../../../../edge/machine/events/callback.ts";
import { created, lost, OrderHistory } from "../order-history.ts";

const NOTHING: CallbackContent = { orderId: null, paymentId: null, amount: null, currency: null };
const DAY = 86_400_000;

/** Orders in every state, by the name of the state. */
const ORDERS: Readonly<Record<string, (order: OrderHistory) => void>> = {
  processing: (order) => {
    order.pay();
    order.answer(created("process"));
  },
  unconfirmed: (order) => {
    order.pay();
    order.answer(lost());
  },
  authorized: (order) => order.hold(),
  succeeded: (order) => order.succeed(),
  failed: (order) => order.declined(),
  "failed by silence": (order) => order.silent(),
  reversed: (order) => {
    order.hold();
    order.untilPoll();
    order.see({ payment: order.payment("reversed") });
  },
  refunded: (order) => {
    order.pay();
    order.answer(created("process"));
    order.untilPoll();
    order.see({ payment: order.payment("success", { refund_payments: [{ id: "r1", amount: -10, status: "success" }] }) });
  },
  closed: (order) => {
    order.declined();
    order.close();
  },
  redacted: (order) => {
    order.succeed();
    order.pass(400 * DAY);
    order.happen({ type: "alarm" });
  },
  "paid by a later attempt": (order) => {
    order.declined();
    order.pay("key-2");
    order.see({ payment: {} });
    order.answer(created("process", { id: "p2" }));
    order.untilPoll();
    order.see({ payment: order.payment("success", { id: "p2" }) });
  },
};

function orderIn(state: string): OrderHistory {
  const order = new OrderHistory();
  ORDERS[state]?.(order);
  return order;
}

describe("a result is always answered ok, because the gateway refunds the payment otherwise", () => {
  const CONTRADICTING: CallbackContent = { orderId: "9", paymentId: "p9", amount: 1, currency: "USD" };

  test.each(Object.keys(ORDERS))("of an order that is %s, for the first time and repeated, whatever it contains", (state) => {
    const { record } = orderIn(state);
    for (const content of [NOTHING, CONTRADICTING]) {
      for (const ticket of ["ticket-key-1", "ticket-key-1", "ticket-of-no-attempt"])
        expect(answerToCallback(record, { kind: "result", ticket, content })).toBe("ok");
    }
  });

  test("of an order that has no record", () => {
    expect(answerToCallback(null, { kind: "result", ticket: "ticket-key-1", content: NOTHING })).toBe("ok");
  });
});

describe("a check", () => {
  const answer = (state: string, said: Partial<CallbackContent> = {}, ticket = "ticket-key-1"): string =>
    answerToCallback(orderIn(state).record, { kind: "check", ticket, content: { ...NOTHING, ...said } });

  test.each(Object.keys(ORDERS))("of an order that is %s is ok only while its attempt is undecided", (state) => {
    expect(answer(state)).toBe(state === "processing" || state === "unconfirmed" ? "ok" : "rejected");
  });

  test("of an attempt that does not exist, or of an order without a record, is rejected", () => {
    expect(answer("processing", {}, "ticket-of-no-attempt")).toBe("rejected");
    expect(answerToCallback(null, { kind: "check", ticket: "ticket-key-1", content: NOTHING })).toBe("rejected");
  });

  test.each([
    [{ orderId: "1234", paymentId: "p1", amount: "10.00", currency: "KZT" }, "ok"],
    [{ amount: 10 }, "ok"],
    [{ paymentId: "P1" }, "ok"],
    [{ orderId: "1234--2" }, "rejected"],
    [{ paymentId: "p2" }, "rejected"],
    [{ amount: "10.01" }, "rejected"],
    [{ amount: "ten" }, "rejected"],
    [{ currency: "USD" }, "rejected"],
  ])("with the members %j is %s", (said, expected) => {
    expect(answer("processing", said)).toBe(expected);
  });

  test("that names a payment before any answer did is ok", () => {
    expect(answer("unconfirmed", { paymentId: "p9" })).toBe("ok");
  });
});
