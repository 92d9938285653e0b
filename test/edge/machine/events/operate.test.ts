import { describe, expect, test } from "vitest";
import { MAX_OPERATIONS } from "../../../../edge/machine/events/operate.ts";
import type { EditedPayment } from "../../../../src/payment.ts";
import type { Outcome } from "../../../../src/outcome.ts";
import { lost, notFound, OrderHistory, refusal, requestKnown, START } from "../order-history.ts";

const MINUTE = 60_000;

function accepted(answer: Partial<EditedPayment> = {}): Outcome<EditedPayment> {
  return { kind: "answered", httpStatus: 200, answer: { id: "p1", ...answer } };
}

function row(id: string, amount: number, status = "success"): { id: string; amount: number; status: string } {
  return { id, amount: -amount, status };
}

function paid(): OrderHistory {
  const order = new OrderHistory();
  order.succeed();
  return order;
}

function held(): OrderHistory {
  const order = new OrderHistory();
  order.hold();
  return order;
}

describe("a request for an operation", () => {
  test("reads the payment first; only then the exact bytes are fixed, stored and sent", () => {
    const order = paid();
    expect(order.operate("refund", 400)).toEqual({ ok: true, began: true, subject: 1 });
    expect(order.wants("edit")).toBe(false);
    expect(order.operation(1).body).toBeNull();
    order.seeOperation(order.payment("success"));
    const edit = order.take("edit");
    expect(edit.call.body).toBe('{"id":"p1","amount":4}');
    expect(order.operation(1)).toMatchObject({ body: edit.call.body, requestId: edit.call.requestId, amount: 400, state: "undecided" });
  });

  test("is refused after 200 operations of the order, because its record is one row", () => {
    const order = paid();
    for (let number = 1; number <= MAX_OPERATIONS; number += 1) {
      expect(order.operate("refund", 1, `refund-${number}`).ok).toBe(true);
      order.seeOperation(order.payment("success"));
      order.edited(refusal("11017", "operation_refused"));
      expect(order.operation(number).state).toBe("refused");
    }
    expect(order.operate("refund", 1, "refund-201")).toEqual({ ok: false, code: "operation_not_allowed" });
    expect(order.operate("refund", 1, "refund-200")).toMatchObject({ ok: true, began: false });
  });

  test("a missing amount means all that is left, by the read before the send", () => {
    const order = paid();
    order.operate("refund");
    order.seeOperation(order.payment("success", { refund_payments: [row("r1", 3)] }));
    expect(order.take("edit").call.body).toBe('{"id":"p1","amount":7}');
    const hold = held();
    hold.operate("clearing");
    hold.seeOperation(hold.payment("approved"));
    expect(hold.take("edit").call.body).toBe('{"id":"p1","amount":10}');
  });

  test("a reverse names the payment alone", () => {
    const order = held();
    order.operate("reverse");
    order.seeOperation(order.payment("approved"));
    expect(order.take("edit").call.body).toBe('{"id":"p1"}');
  });

  test.each([
    ["clearing", "paid"],
    ["reverse", "paid"],
    ["refund", "held"],
  ] as const)("a %s of a charge that is %s is not allowed", (kind, state) => {
    const order = state === "paid" ? paid() : held();
    expect(order.operate(kind)).toEqual({ ok: false, code: "operation_not_allowed" });
    expect(order.effects).toEqual([]);
  });

  test("no operation is allowed on an order that is undecided, failed, or was never attempted", () => {
    const undecided = new OrderHistory();
    undecided.pay();
    const failed = new OrderHistory();
    failed.declined();
    for (const order of [undecided, failed, new OrderHistory()]) {
      for (const kind of ["clearing", "reverse", "refund"] as const)
        expect(order.operate(kind)).toMatchObject({ code: "operation_not_allowed" });
    }
  });

  test("more than what is left is amount_exceeds, pending rows included; the read before the send can show that too", () => {
    const order = paid();
    expect(order.operate("refund", 1001)).toEqual({ ok: false, code: "amount_exceeds" });
    order.operate("refund", 1000);
    order.seeOperation(order.payment("success", { refund_payments: [row("r1", 3, "process")] }));
    expect(order.wants("edit")).toBe(false);
    expect(order.operation(1)).toMatchObject({ state: "refused", refusal: { code: "amount_exceeds" } });
    const hold = held();
    expect(hold.operate("clearing", 1001)).toEqual({ ok: false, code: "amount_exceeds" });
  });

  test("only one operation is undecided at a time: another is refused", () => {
    const order = paid();
    order.operate("refund", 100);
    expect(order.operate("refund", 100, "refund-2")).toEqual({ ok: false, code: "operation_in_progress" });
  });

  test("a known key starts nothing again; with another amount it is refused, and a missing amount is a value of its own", () => {
    const order = paid();
    order.operate("refund", 1000);
    expect(order.operate("refund", 1000)).toEqual({ ok: true, began: false, subject: 1 });
    expect(order.operate("refund", 100)).toEqual({ ok: false, code: "idempotency_key_reused" });
    expect(order.operate("refund", null)).toEqual({ ok: false, code: "idempotency_key_reused" });
    expect(order.record.operations).toHaveLength(1);
  });

  test("a refused request binds no key", () => {
    const order = paid();
    order.operate("refund", 1001);
    expect(order.bindings.has("merchant refund refund-1")).toBe(false);
  });

  test("is not sent while the read is unreadable; after two minutes it ends as not done", () => {
    const order = paid();
    order.operate("refund", 100);
    const asked = order.now;
    while (order.operation(1).state === "undecided") {
      if (order.wants("poll_operation")) order.seeOperation(lost());
      else order.fireAlarm();
      expect(order.wants("edit")).toBe(false);
    }
    expect(order.now - asked).toBeGreaterThan(2 * MINUTE);
    expect(order.operation(1)).toMatchObject({ state: "not_done", refusal: { code: "unavailable" }, sends: [] });
  });

  test("is not sent on a read of another payment", () => {
    const order = paid();
    order.operate("refund", 100);
    order.seeOperation(order.payment("success", { amount: 99 }));
    expect(order.wants("edit")).toBe(false);
  });
});

describe("when an operation is done", () => {
  function refunding(amount = 400): OrderHistory {
    const order = paid();
    order.operate("refund", amount);
    order.seeOperation(order.payment("success", { refund_payments: [row("r0", 1)] }));
    return order;
  }

  test("a refund: if the row that the answer named is there and is no error; a pending row counts", () => {
    const order = refunding();
    order.edited(accepted({ refund_payment: { id: "r1", status: "process", amount: -4 } }));
    expect(order.operation(1).state).toBe("undecided");
    order.seeOperation(order.payment("success", { refund_payments: [row("r0", 1), row("r1", 4, "process")] }));
    expect(order.operation(1)).toMatchObject({ state: "done", knownRows: [] });
  });

  test("the named row with status error: the refund is refused", () => {
    const order = refunding();
    order.edited(accepted({ refund_payment: { id: "r1", status: "process" } }));
    order.seeOperation(order.payment("success", { refund_payments: [row("r0", 1), row("r1", 4, "error")] }));
    expect(order.operation(1).state).toBe("refused");
  });

  test("a refund whose answer was lost: if there is a new row of its amount; an old row, another amount or an error does not count", () => {
    const order = refunding(100);
    order.edited(lost());
    order.seeOperation(order.payment("success", { refund_payments: [row("r0", 1)] }));
    expect(order.operation(1).state).toBe("undecided");
    order.seeOperation(order.payment("success", { refund_payments: [row("r0", 1), row("r1", 2), row("r2", 1, "error")] }));
    expect(order.operation(1).state).toBe("undecided");
    order.seeOperation(order.payment("success", { refund_payments: [row("r0", 1), row("r1", 2), row("r2", 1, "error"), row("r3", 1)] }));
    expect(order.operation(1).state).toBe("done");
  });

  test("a row that was seen before the pending call is remembered, also if the read before it left it out", () => {
    const order = paid();
    order.pass(10_000);
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    order.see({ payment: order.payment("success", { refund_payments: [row("r0", 1)] }) });
    order.operate("refund", 100);
    order.seeOperation(order.payment("success"));
    order.edited(lost());
    order.seeOperation(order.payment("success", { refund_payments: [row("r0", 1)] }));
    expect(order.operation(1).state).toBe("undecided");
  });

  test("a refund of everything makes the charge refunded, once every row is success", () => {
    const order = paid();
    order.operate("refund");
    order.seeOperation(order.payment("success"));
    order.edited(accepted({ refund_payment: { id: "r1", status: "process" } }));
    order.seeOperation(order.payment("success", { refund_payments: [row("r1", 10, "process")] }));
    expect(order.operation(1).state).toBe("done");
    expect(order.status).toBe("succeeded");
    order.pass(10_000);
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    order.see({ payment: order.payment("success", { refund_payments: [row("r1", 10)] }) });
    expect(order.status).toBe("refunded");
  });

  test("pending refunds are polled until they are settled", () => {
    const order = paid();
    order.operate("refund");
    order.seeOperation(order.payment("success"));
    order.edited(accepted({ refund_payment: { id: "r1", status: "process" } }));
    order.seeOperation(order.payment("success", { refund_payments: [row("r1", 10, "process")] }));
    order.untilPoll();
    order.see({ payment: order.payment("success", { refund_payments: [row("r1", 10)] }) });
    expect(order.status).toBe("refunded");
  });

  test("a clearing: if the payment is cleared with its amount", () => {
    const order = held();
    order.operate("clearing", 400);
    order.seeOperation(order.payment("approved"));
    order.edited(accepted({ status: "process_clearing" }));
    order.seeOperation(order.payment("process_clearing"));
    expect(order.operation(1).state).toBe("undecided");
    order.seeOperation(order.payment("success", { clearing: { cleared: true, amount: 4 } }));
    expect(order.operation(1).state).toBe("done");
    expect(order.status).toBe("succeeded");
    expect(order.attempt(1).ledger?.clearedAmount).toBe(400);
  });

  test("a clearing that was overtaken by one of another amount is not done, and attention is raised", () => {
    const order = held();
    order.operate("clearing", 400);
    order.seeOperation(order.payment("approved"));
    order.edited(lost());
    order.seeOperation(order.payment("success", { clearing: { cleared: true, amount: 10 } }));
    expect(order.operation(1)).toMatchObject({ state: "not_done", refusal: { code: "operation_not_allowed" } });
    expect(order.told).toEqual(["operation_overtaken"]);
  });

  test("a reverse: if the payment is reversed", () => {
    const order = held();
    order.operate("reverse");
    order.seeOperation(order.payment("approved"));
    order.edited(accepted({ reverse_payment: { id: "v1", status: "process" } }));
    order.seeOperation(order.payment("approved"));
    expect(order.operation(1).state).toBe("undecided");
    order.seeOperation(order.payment("reversed"));
    expect(order.operation(1).state).toBe("done");
    expect(order.status).toBe("reversed");
  });

  test("a reverse that was overtaken by a clearing is not done", () => {
    const order = held();
    order.operate("reverse");
    order.seeOperation(order.payment("approved"));
    order.edited(lost());
    order.seeOperation(order.payment("success", { clearing: { cleared: true, amount: 10 } }));
    expect(order.operation(1).state).toBe("not_done");
    expect(order.status).toBe("succeeded");
  });
});

describe("how an operation is refused, lost and sent again", () => {
  function sent(gatewayKeys = 1): OrderHistory {
    const order = paid();
    order.gatewayKeys = gatewayKeys;
    order.operate("refund", 400);
    order.seeOperation(order.payment("success"));
    return order;
  }

  test("a refusal of its sole send ends it, bare or with the payment's id", () => {
    for (const outcome of [refusal("11017", "operation_refused", 422), accepted({ error: { code: "11018", description: "too much" } })]) {
      const order = sent();
      order.edited(outcome);
      expect(order.operation(1)).toMatchObject({ state: "refused", refusal: { code: "operation_not_allowed" } });
    }
  });

  test.each([
    ["10011", "duplicate"],
    ["9999", "gateway_unavailable"],
    ["77777", "other"],
  ] as const)("%s (%s) proves nothing", (code, category) => {
    const order = sent();
    order.edited(refusal(code, category));
    expect(order.operation(1).state).toBe("undecided");
  });

  test("a refusal of a resend decides nothing", () => {
    const order = sent();
    order.edited(lost());
    while (!order.wants("edit")) order.seeOperation(order.payment("success"), notFound);
    order.edited(refusal("11017", "operation_refused"));
    expect(order.operation(1).state).toBe("undecided");
  });

  test("never seen and not in the ledger: the same bytes are sent again under the same id, after ten seconds, within two minutes", () => {
    const order = sent();
    const first = order.take("edit");
    const at = order.now;
    order.edited(lost(), first);
    while (!order.wants("edit")) order.seeOperation(order.payment("success"), notFound);
    const again = order.take("edit");
    expect([again.call.body, again.call.requestId]).toEqual([first.call.body, first.call.requestId]);
    expect(order.now - at).toBeGreaterThanOrEqual(10_000);
    order.edited(lost(), again);
    while (order.now - at <= 10 * MINUTE) {
      if (order.wants("edit")) {
        expect(order.now - at).toBeLessThanOrEqual(2 * MINUTE);
        order.edited(lost());
      }
      order.seeOperation(order.payment("success"), notFound);
    }
    expect(order.operation(1).state).toBe("undecided");
    expect(order.told).toEqual(["operation_undecided"]);
    expect(order.operate("refund", 100, "refund-2")).toEqual({ ok: false, code: "operation_in_progress" });
  });

  test("known to the gateway: nothing is sent again", () => {
    const order = sent();
    order.edited(lost());
    order.seeOperation(order.payment("success"), requestKnown({ id: "p1", status: "success" }));
    for (let polls = 0; polls < 10; polls += 1) order.seeOperation(order.payment("success"), notFound);
    expect(order.operation(1).sends).toHaveLength(1);
  });

  test("the original refusal of the sole send, read back, ends it", () => {
    const order = sent();
    order.edited(lost());
    order.seeOperation(order.payment("success"), requestKnown({ status: "error", error: { code: "11017" } }));
    expect(order.operation(1).state).toBe("refused");
  });

  test("a refused signature is tried once with the other key, under a fresh id", () => {
    const order = sent(2);
    const first = order.take("edit");
    order.edited(refusal("1100", "configuration", 401), first);
    const second = order.take("edit");
    expect(second.key).toBe(1);
    expect(second.call.requestId).not.toBe(first.call.requestId);
    expect(second.call.body).toBe(first.call.body);
    order.edited(refusal("11017", "operation_refused"), second);
    expect(order.operation(1).state).toBe("refused");
  });

  test("after an eviction it is polled at its deadline", () => {
    const order = sent();
    order.take("edit");
    order.fireAlarm();
    expect(order.operation(1).sends[0]?.end?.how).toBe("not_known");
    order.seeOperation(order.payment("success", { refund_payments: [row("r1", 4)] }), notFound);
    expect(order.operation(1).state).toBe("done");
  });

  test("an answer to a poll from before the send is dropped", () => {
    const order = paid();
    order.operate("refund", 400);
    const early = order.take("poll_operation");
    order.fireAlarm();
    order.seeOperation(order.payment("success"));
    order.edited(lost());
    order.happen({
      type: "operation_polled",
      operation: 1,
      generation: early.generation,
      startedAt: early.startedAt,
      payment: { kind: "answered", httpStatus: 200, answer: order.payment("success", { refund_payments: [row("r1", 4)] }) },
      request: null,
    });
    expect(order.operation(1).state).toBe("undecided");
  });

  test("an operator ends it as not done; then another operation may begin", () => {
    const order = sent();
    expect(order.resolve(null)).toEqual({ ok: false, code: "operation_in_progress" });
    order.edited(lost());
    expect(order.resolve(null, "resolve-2")).toMatchObject({ ok: true, began: true });
    expect(order.operation(1).state).toBe("not_done");
    expect(order.operate("refund", 100, "refund-2")).toMatchObject({ ok: true, began: true, subject: 2 });
  });

  test("is polled at the intervals of an undecided charge", () => {
    const order = sent();
    order.edited(lost());
    order.seeOperation(lost());
    expect((order.operation(1).nextPollAt ?? 0) - order.now).toBeLessThanOrEqual(5_000);
    expect(START).toBeLessThan(order.now);
  });
});
