/** Odd answers of the gateway, which must neither block an order nor decide it wrongly. */
import { describe, expect, test } from "vitest";
import { outcomeOfResponse } from "../../../src/outcome.ts";
import { ACTIONS } from "../../../src/payment.ts";
import { logLinesOf } from "../../../edge/machine/decision-log.ts";
import type { PaymentState } from "../../../src/payment.ts";
import { created, lost, OrderHistory, requestKnown, START } from "./order-history.ts";

const DAY = 86_400_000;
const AT = new Date(START).toISOString();
const answered = <A>(answer: A) => ({ kind: "answered", httpStatus: 200, answer }) as const;
const DECLINE: PaymentState = { id: "p1", status: "error", amount: "10", created_at: AT, error: { code: "10045" } };

function accepted(): OrderHistory {
  const order = new OrderHistory();
  order.pay();
  order.answer(created("process"));
  order.untilPoll();
  return order;
}
function unanswered(): OrderHistory {
  const order = new OrderHistory();
  order.pay();
  order.answer(lost());
  order.untilPoll();
  return order;
}
function paidWith(more: Partial<PaymentState>): OrderHistory {
  const order = new OrderHistory();
  order.succeed();
  order.pass(10_000);
  order.happen({ type: "hint", ticket: "ticket-key-1" });
  order.see({ payment: order.payment("success", more) });
  return order;
}

test("after one read that names another order, reads that match decide", () => {
  const order = accepted();
  order.see({ payment: { ...order.payment("process"), order_id: "9" } });
  order.untilPoll();
  order.see({ payment: order.payment("success", { clearing: { cleared: true, amount: 10 } }) });
  expect(order.status).toBe("succeeded");
});
test.each([200, 404, 422])(
  "a request that was never seen is recognised by the error beside its id, without a response (HTTP %i)",
  async (status) => {
    const body = {
      id: "01a202b2-c500-7000-8000-000000000002",
      status: "error",
      error: { code: "1202", description: "Incorrect payment id" },
    };
    const outcome = await outcomeOfResponse(ACTIONS.requestStatus, new Response(JSON.stringify(body), { status }));
    const order = unanswered();
    for (let reads = 0; reads < 20 && order.sends === 0; reads += 1) {
      order.see({ request: outcome as never, payment: {} });
      if (order.sends === 0) order.untilPoll();
    }
    expect(order.sends).toBe(1);
  },
);
test("a duplicate decides nothing, also if it names a payment", () => {
  const order = new OrderHistory();
  order.pay();
  order.answer(lost());
  order.untilSendOrDecision();
  order.answer(created("error", { error: { code: "9991" } }));
  expect(order.attempt(1).state).toBe("undecided");
});
describe("the placeholder date of the gateway is ignored", () => {
  test("for a decline", () => {
    const order = accepted();
    order.see({ payment: { ...DECLINE, created_at: "0001-01-01T00:00:00Z" } });
    expect(order.status).toBe("failed");
  });
  test("for a payment", () => {
    const order = accepted();
    order.see({ payment: order.payment("success", { created_at: "0001-01-01T00:00:00Z" }) });
    expect(order.status).toBe("succeeded");
  });
});
describe("a refund row in an odd state counts", () => {
  test("without an id", () => expect(paidWith({ refund_payments: [{ amount: -10, status: "success" }] }).status).toBe("refunded"));
  test("without an amount, for our own operation", () => {
    const order = new OrderHistory();
    order.succeed();
    order.operate("refund");
    order.seeOperation(order.payment("success"));
    order.edited(answered({ id: "p1", refund_payment: { id: "r1" } }));
    order.seeOperation(order.payment("success", { refund_payments: [{ id: "r1", status: "success" }] }));
    expect([order.operation(1).state, order.status]).toEqual(["done", "refunded"]);
  });
  test("an operation that shows only a row without an id does not delay retention for ever", () => {
    const order = new OrderHistory();
    order.succeed();
    order.operate("refund");
    order.seeOperation(order.payment("success"));
    order.edited(answered({ id: "p1" }));
    const end = order.now + 40 * DAY;
    while (order.now < end && order.operation(1).state === "undecided")
      order.seeOperation(order.payment("success", { created_at: AT, refund_payments: [{ amount: -10, status: "success" }] }), lost());
    expect(order.operation(1).state).toBe("done");
  });
});
describe("a cleared payment without an amount", () => {
  test("a full clearing with amount 0 is done", () => {
    const order = new OrderHistory();
    order.hold();
    order.operate("clearing");
    order.seeOperation(order.payment("approved"));
    order.edited(answered({ id: "p1", status: "process_clearing" }));
    order.seeOperation(order.payment("success", { clearing: { cleared: true, amount: 0 } }));
    expect([order.operation(1).state, order.told]).toEqual(["done", []]);
  });
  test.each([{ cleared: true }, { cleared: true, amount: 0 }])(
    "a hold that is cleared by %j is read again, because the clearing may be partial",
    (clearing) => {
      const order = new OrderHistory();
      order.hold();
      order.untilPoll();
      order.see({ payment: order.payment("success", { clearing }) });
      expect(order.attempt(1).nextPollAt).not.toBeNull();
    },
  );
});
test("a decline that an operator names is refused if it names no order and differs in amount or date", () => {
  const order = new OrderHistory();
  order.pay();
  order.answer(lost());
  order.resolve("p9");
  order.happen({
    type: "resolution_read",
    resolution: 1,
    payment: answered({ ...DECLINE, id: "p9", amount: "777", created_at: "2020-01-01T00:00:00Z" }),
  });
  expect([order.status, order.record.resolutions[0]?.state]).toEqual(["unconfirmed", "refused"]);
});
describe("ids match in upper and lower case", () => {
  test("a request's own id", () => {
    const order = unanswered();
    order.see({
      request: requestKnown({ id: order.attempt(1).requestId.toUpperCase(), status: "error", error: { code: "9403" } }),
      payment: {},
    });
    expect(order.attempt(1)).toMatchObject({ paymentId: null, state: "failed" });
  });
  test("a payment id", () => {
    const order = accepted();
    order.see({ payment: order.payment("success", { id: "P1" }) });
    expect(order.status).toBe("succeeded");
  });
});
describe("a redacted order", () => {
  test("stays redacted when a read that was in flight ends", () => {
    const order = new OrderHistory();
    order.succeed();
    order.pass(400 * DAY - 1_000);
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    const poll = order.takePoll();
    order.pass(2_000);
    order.happen({ type: "alarm" });
    order.see({ payment: order.payment("success", { created_at: AT, additional: { approval_code: "123456" } }) }, poll);
    expect(JSON.stringify(order.record)).not.toContain("123456");
  });
  test("is not read any more", () => {
    const order = new OrderHistory();
    order.retentionDays = 2;
    order.succeed();
    order.pass(10_000);
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    order.see({ payment: order.payment("success", { refund_payments: [{ id: "r1", amount: -1, status: "pending" }] }) });
    order.pass(3 * DAY);
    order.happen({ type: "alarm" });
    expect([order.record.redactedAt, order.polls]).toEqual([order.now, 0]);
  });
});
test("a second change of gateway is written to the log at once", () => {
  const order = accepted();
  const reasons: string[] = [];
  for (const isAway of [true, false, true]) {
    order.isAway = isAway;
    order.pass(2 * DAY);
    const before = order.record;
    order.happen({ type: "alarm" });
    reasons.push(
      ...logLinesOf({ event: { type: "alarm" }, before, after: order.record, now: order.now, request: null }).flatMap(
        ({ reason }) => reason ?? [],
      ),
    );
  }
  expect(reasons.filter((reason) => reason === "gateway_changed")).toHaveLength(2);
});
test("every refund that is not settled raises attention", () => {
  const order = paidWith({ refund_payments: [{ id: "r1", amount: -1, status: "pending" }] });
  order.pass(DAY + 1);
  order.happen({ type: "alarm" });
  const settled = { id: "r1", amount: -1, status: "success" };
  order.see({ payment: order.payment("success", { created_at: AT, refund_payments: [settled] }) });
  order.pass(40 * DAY);
  order.happen({ type: "hint", ticket: "ticket-key-1" });
  order.see({
    payment: order.payment("success", { created_at: AT, refund_payments: [settled, { id: "r2", amount: -2, status: "frozen" }] }),
  });
  order.pass(2 * DAY);
  order.happen({ type: "alarm" });
  expect(order.record.attention.map(({ detail }) => detail)).toEqual(["pending", "frozen"]);
});
