/** The gateway's official samples, where they have fewer or more members than expected (contract, "read: a payment"). */
import { describe, expect, test } from "vitest";
import type { Outcome } from "../../../src/outcome.ts";
import type { PaymentState, RequestState } from "../../../src/payment.ts";
import { created, lost, OrderHistory, START } from "./order-history.ts";

const MINUTE = 60_000;

/** The sample of gateway.request.status for an id that was never seen. */
function neverSeen(requestId: string, code = "1202"): Outcome<RequestState> {
  const response = {
    id: requestId,
    status: "error",
    amount: 0,
    created_at: "0001-01-01T00:00:00Z",
    error: { code, description: "Incorrect payment id" },
  };
  return { kind: "answered", httpStatus: 200, answer: { id: requestId, status: "error", response } };
}

const DECLINE: PaymentState = {
  id: "p1",
  status: "error",
  amount: "10",
  created_at: new Date(START).toISOString(),
  error: { code: "10045" },
};

describe("an id beside an error that says there is none, or that is the request's own, is no payment id", () => {
  test.each(["1202", "11068"])("a create that never arrived is sent again, the same bytes under the same id (%s)", (code) => {
    const order = new OrderHistory();
    order.pay();
    const { call } = order.takeSend();
    order.effects = [];
    order.happen({ type: "create_answered", leftAt: null, read: null, attempt: 1, send: 0, outcome: lost() });
    order.untilPoll();
    order.see({ request: neverSeen(call.requestId, code), payment: {} });
    for (let polls = 0; order.sends === 0 && polls < 20; polls += 1) {
      order.untilPoll();
      order.see({ request: neverSeen(call.requestId, code), payment: {} });
    }
    expect(order.takeSend().call).toEqual(call);
    expect(order.attempt(1)).toMatchObject({ paymentId: null, knownToGateway: false });
  });

  test("an attempt that stays never seen ends as failed", () => {
    const order = new OrderHistory();
    order.pay();
    while (order.status !== "failed") {
      if (order.sends > 0) order.answer(lost());
      order.untilPoll();
      order.see({ request: neverSeen(order.attempt(1).requestId), payment: {} });
    }
    expect(order.attempt(1)).toMatchObject({ failure: { by: "silence" }, paymentId: null });
    expect(order.now - START).toBeGreaterThan(5 * MINUTE);
  });

  test("an operation that never arrived is sent again", () => {
    const order = new OrderHistory();
    order.succeed();
    order.operate("refund", 100);
    order.seeOperation(order.payment("success"));
    const { call } = order.take("edit");
    order.happen({ type: "edit_answered", leftAt: null, operation: 1, send: 0, outcome: lost() });
    for (let polls = 0; !order.wants("edit") && polls < 20; polls += 1)
      order.seeOperation(order.payment("success"), neverSeen(call.requestId));
    expect(order.take("edit").call).toEqual(call);
  });

  test("the bare refusal of a known request stays one, though the request's own id is beside it", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(lost());
    order.untilPoll();
    const response = { id: order.attempt(1).requestId, status: "error", error: { code: "9403" } };
    order.see({ request: { kind: "answered", httpStatus: 200, answer: { response } }, payment: {} });
    expect(order.attempt(1)).toMatchObject({ state: "failed", paymentId: null, failure: { by: "refusal", category: "configuration" } });
  });

  test("a create that is answered with 1202, or with its own id, names no payment", () => {
    for (const id of ["p7", null]) {
      const order = new OrderHistory();
      order.pay();
      order.answer(created("error", { id: id ?? order.attempt(1).requestId, error: { code: id === null ? "10009" : "1202" } }));
      expect(order.attempt(1)).toMatchObject({ state: "failed", paymentId: null, failure: { by: "refusal" } });
    }
    const accepted = new OrderHistory();
    accepted.pay();
    accepted.answer(created("process", { id: accepted.attempt(1).requestId }));
    expect(accepted.attempt(1)).toMatchObject({ state: "undecided", paymentId: null, knownToGateway: false });
  });

  test("a payment that does not exist stays absent, whatever is beside the error", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(lost());
    order.untilPoll();
    const absent = { id: "p1", status: "error", amount: 0, created_at: "0001-01-01T00:00:00Z", error: { code: "11068" } };
    order.see({ request: neverSeen(order.attempt(1).requestId), payment: absent });
    expect(order.attempt(1)).toMatchObject({ state: "undecided", paymentId: null, knownToGateway: false });
  });
});

describe("a decline names no order, and its amount is a string", () => {
  test("it belongs to the payment id that was read", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(created("process"));
    order.untilPoll();
    order.see({ payment: DECLINE });
    expect(order.attempt(1)).toMatchObject({ state: "failed", failure: { by: "payment", category: "declined", code: "10045" } });
    expect(order.told).toEqual([]);
  });

  test("it belongs to the order_id that was read", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(lost());
    order.untilPoll();
    order.see({ payment: DECLINE });
    expect(order.attempt(1)).toMatchObject({ state: "failed", paymentId: "p1", failure: { by: "payment" } });
  });

  test("found before a later attempt, it moves that attempt on to the next order_id", () => {
    const order = new OrderHistory();
    order.silent();
    order.pay("key-2");
    order.see({ payment: { ...DECLINE, created_at: new Date(order.now).toISOString() } });
    order.see({ payment: {} });
    expect(order.takeSend().call.body).toContain('"order_id":"1234--2"');
  });

  test("if it names another order, or another amount, it belongs to nobody", () => {
    for (const other of [{ order_id: "9" }, { amount: "11" }]) {
      const order = new OrderHistory();
      order.pay();
      order.answer(lost());
      order.untilPoll();
      order.see({ payment: { ...DECLINE, ...other } });
      expect(order.status).toBe("unconfirmed");
    }
  });

  test("an operator may name it, unless another payment is known", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(lost());
    order.resolve("p1");
    order.happen({ type: "resolution_read", resolution: 1, payment: { kind: "answered", httpStatus: 200, answer: DECLINE } });
    expect([order.status, order.record.resolutions[0]?.state]).toEqual(["failed", "adopted"]);
    const known = new OrderHistory();
    known.pay();
    known.answer(created("process", { id: "p5" }));
    known.resolve("p1");
    known.happen({ type: "resolution_read", resolution: 1, payment: { kind: "answered", httpStatus: 200, answer: DECLINE } });
    expect([known.status, known.record.resolutions[0]?.state]).toEqual(["processing", "refused"]);
  });

  test.each(["success", "approved", "reversed"])("money that was taken, held or released (%s) counts only with its order_id", (status) => {
    const order = new OrderHistory();
    order.pay();
    order.answer(created("process"));
    order.untilPoll();
    const { order_id: _, ...payment } = order.payment(status);
    order.see({ payment });
    expect([order.status, order.told]).toEqual(["unconfirmed", ["terms_differ"]]);
  });
});
