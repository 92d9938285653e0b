import { describe, expect, test } from "vitest";
import type { Outcome } from "../../../../src/outcome.ts";
import type { EditedPayment, RequestState } from "../../../../src/payment.ts";
import { lost, notFound, OrderHistory, refusal, requestKnown } from "../order-history.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

function accepted(answer: Partial<EditedPayment> = {}): Outcome<EditedPayment> {
  return { kind: "answered", httpStatus: 200, answer: { id: "p1", ...answer } };
}

function row(id: string, amount: number, status = "success"): { id: string; amount: number; status: string } {
  return { id, amount: -amount, status };
}

/** A refund of 4 that was sent. */
function sent(gatewayKeys = 1): OrderHistory {
  const order = new OrderHistory();
  order.succeed();
  order.gatewayKeys = gatewayKeys;
  order.operate("refund", 400);
  order.seeOperation(order.payment("success"));
  return order;
}

/** A poll of an operation that ended, whatever its reads. */
function seeOperationPoll(
  order: OrderHistory,
  payment: Parameters<OrderHistory["seeOperation"]>[0],
  request: Outcome<RequestState> | null,
): void {
  order.happen({
    type: "operation_polled",
    operation: 1,
    generation: order.operation(1).generation,
    startedAt: order.now,
    payment: "kind" in payment ? (payment as Outcome<never>) : { kind: "answered", httpStatus: 200, answer: payment },
    request,
  });
}

describe("a poll of an operation", () => {
  test("reads the payment alone before the send, the request too after it, and no longer once the gateway knows the request", () => {
    const order = new OrderHistory();
    order.succeed();
    order.operate("refund", 400);
    const before = order.take("poll_operation");
    expect(before).toMatchObject({ operation: 1, generation: 0, startedAt: order.now, request: null });
    expect(before.payment.body).toBe('{"id":"p1"}');
    expect(order.operation(1)).toMatchObject({ pollStartedAt: order.now, nextPollAt: order.now + 25 * SECOND });
    seeOperationPoll(order, order.payment("success"), null);
    order.edited(lost());
    order.fireAlarm();
    const after = order.take("poll_operation");
    expect(after.request?.body).toBe(`{"id":"${order.operation(1).requestId}"}`);
    expect(after.request?.requestId).not.toBe(after.payment.requestId);
    seeOperationPoll(order, order.payment("success"), requestKnown({ id: "p1", status: "success" }));
    order.fireAlarm();
    expect(order.take("poll_operation").request).toBeNull();
  });

  test("that is answered twice, or after the end, changes nothing", () => {
    const order = sent();
    order.edited(refusal("11017", "operation_refused"));
    const { record } = order;
    seeOperationPoll(order, order.payment("success", { refund_payments: [row("r1", 4)] }), notFound);
    expect(order.record).toEqual(record);
  });

  test("that shows another payment proves nothing, and raises attention", () => {
    const order = sent();
    order.edited(lost());
    order.pass(12 * SECOND);
    seeOperationPoll(order, order.payment("success", { id: "p2", refund_payments: [row("r1", 4)] }), notFound);
    expect(order.operation(1).state).toBe("undecided");
    expect(order.wants("edit")).toBe(false);
    expect(order.told).toEqual(["terms_differ"]);
  });

  test("that cannot be read proves nothing, and sends nothing", () => {
    const order = sent();
    order.edited(lost());
    order.pass(12 * SECOND);
    seeOperationPoll(order, lost(), notFound);
    expect(order.operation(1)).toMatchObject({ state: "undecided", pollStartedAt: null, nextPollAt: order.now + 4_500 });
    expect(order.wants("edit")).toBe(false);
    expect(order.told).toEqual([]);
  });
});

describe("the read before an operation", () => {
  test("up to two minutes after the request, to the millisecond, the operation is sent", () => {
    for (const [after, state, edits] of [
      [2 * MINUTE, "undecided", true],
      [2 * MINUTE + 1, "not_done", false],
    ] as const) {
      const order = new OrderHistory();
      order.succeed();
      order.operate("refund", 400);
      order.take("poll_operation");
      order.pass(after);
      seeOperationPoll(order, order.payment("success"), null);
      expect([order.operation(1).state, order.wants("edit")]).toEqual([state, edits]);
    }
  });

  test("later than that the operation is not done", () => {
    const order = new OrderHistory();
    order.succeed();
    order.operate("refund", 400);
    order.pass(3 * MINUTE);
    seeOperationPoll(order, order.payment("success"), null);
    expect(order.operation(1)).toMatchObject({
      state: "not_done",
      refusal: { code: "unavailable", gatewayCode: null, description: null },
      body: null,
      decidedAt: order.now,
    });
    expect(order.told).toEqual([]);
  });

  test("refuses an operation that is no longer allowed", () => {
    const order = new OrderHistory();
    order.hold();
    order.operate("reverse");
    order.seeOperation(order.payment("success", { clearing: { cleared: true, amount: 10 } }));
    expect(order.operation(1)).toMatchObject({
      state: "refused",
      refusal: { code: "operation_not_allowed", gatewayCode: null, description: null },
    });
    expect(order.wants("edit")).toBe(false);
  });
});

describe("the answer of an edit", () => {
  test("for an operation or a send that does not exist changes nothing", () => {
    const order = sent();
    const edit = order.take("edit");
    const { record } = order;
    order.happen({ type: "edit_answered", leftAt: null, operation: 2, send: 0, outcome: accepted() });
    order.happen({ type: "edit_answered", leftAt: null, operation: 1, send: 1, outcome: accepted() });
    expect(order.record).toEqual(record);
    order.edited(accepted({ reverse_payment: { id: "v1" } }), edit);
    expect(order.operation(1)).toMatchObject({ knownToGateway: true, namedRow: "v1", nextPollAt: order.now + 450 });
  });

  test("names the row of a refund, or none", () => {
    const order = sent();
    order.edited(accepted({ refund_payment: { id: "r1" }, reverse_payment: { id: "v1" } }));
    expect(order.operation(1)).toMatchObject({ knownToGateway: true, namedRow: "r1" });
    const nameless = sent();
    nameless.edited(accepted());
    expect(nameless.operation(1)).toMatchObject({ knownToGateway: true, namedRow: null });
    nameless.pass(12 * SECOND);
    seeOperationPoll(nameless, nameless.payment("success"), notFound);
    expect(nameless.wants("edit")).toBe(false);
  });

  test("to an earlier send, or after the end, is stored and decides nothing", () => {
    const order = sent();
    const first = order.take("edit");
    order.fireAlarm();
    order.pass(12 * SECOND);
    order.seeOperation(order.payment("success"), notFound);
    const second = order.take("edit");
    order.edited(refusal("11017", "operation_refused"), first);
    order.edited(accepted({ refund_payment: { id: "r1" } }), first);
    expect(order.operation(1)).toMatchObject({ state: "undecided", knownToGateway: false, namedRow: null });
    expect(order.operation(1).sends[0]?.end?.how).toBe("answered");
    order.edited(lost(), second);
    order.resolve(null);
    order.edited(accepted({ refund_payment: { id: "r1" } }), second);
    expect(order.operation(1)).toMatchObject({ state: "not_done", knownToGateway: false, nextPollAt: null });
  });

  test("an error beside the payment's id is a refusal, with its own text", () => {
    const order = sent();
    order.edited(accepted({ error: { code: "11018", description: "too much" } }));
    expect(order.operation(1)).toMatchObject({
      state: "refused",
      refusal: { code: "operation_not_allowed", gatewayCode: "11018", description: "too much" },
      knownToGateway: false,
    });
    const silent = sent();
    silent.edited(accepted({ error: { code: "11018" } }));
    expect(silent.operation(1).refusal?.description).toBeNull();
  });

  test("that is not JSON counts as lost, also with HTTP 401: the other key is not tried", () => {
    const order = sent(2);
    order.edited({ kind: "unknown", reason: "not_json", httpStatus: 401, retryAfter: null });
    expect(order.wants("edit")).toBe(false);
    expect(order.operation(1).state).toBe("undecided");
  });

  test("duplicate makes never seen impossible; another refusal that decides nothing does not", () => {
    for (const [code, category, seen] of [
      ["10011", "duplicate", true],
      ["9999", "gateway_unavailable", false],
    ] as const) {
      const order = sent();
      order.edited(refusal(code, category));
      expect(order.operation(1)).toMatchObject({ state: "undecided", knownToGateway: seen });
      order.pass(12 * SECOND);
      seeOperationPoll(order, order.payment("success"), notFound);
      expect(order.wants("edit")).toBe(!seen);
    }
  });
});

describe("the answer of request.status about an edit", () => {
  function asked(request: Outcome<RequestState>): OrderHistory {
    const order = sent();
    order.edited(lost());
    order.pass(12 * SECOND);
    seeOperationPoll(order, order.payment("success"), request);
    return order;
  }

  test.each([
    ["another refusal", refusal("9999", "gateway_unavailable")],
    ["no response at all", { kind: "answered", httpStatus: 200, answer: { id: "x", status: "process" } } as const],
    ["nothing of a payment or an error", requestKnown({ status: "process" })],
    ["a lost answer", lost()],
  ])("%s does not mean never seen: nothing is sent again", (_, request) => {
    const order = asked(request);
    expect(order.wants("edit")).toBe(false);
    expect(order.operation(1)).toMatchObject({ state: "undecided", knownToGateway: false });
  });

  test.each(["1202", "11068"])("%s inside its response means never seen: the same bytes are sent again", (code) => {
    expect(asked(requestKnown({ status: "error", error: { code } })).wants("edit")).toBe(true);
  });

  test("a payment id proves that the gateway knows the request", () => {
    expect(asked(requestKnown({ id: "p1", status: "process" })).operation(1)).toMatchObject({ state: "undecided", knownToGateway: true });
  });

  test("a listed refusal ends the operation with its text; an unlisted one proves only that the gateway knows the request", () => {
    expect(asked(requestKnown({ status: "error", error: { code: "11017", description: "no" } })).operation(1)).toMatchObject({
      state: "refused",
      refusal: { code: "operation_not_allowed", gatewayCode: "11017", description: "no" },
    });
    expect(asked(requestKnown({ status: "error", error: { code: "11017" } })).operation(1).refusal?.description).toBeNull();
    expect(asked(requestKnown({ status: "error", error: { code: "77777" } })).operation(1)).toMatchObject({
      state: "undecided",
      knownToGateway: true,
    });
  });
});

describe("an operation after its send", () => {
  test("raises attention later than two minutes, once, and not at two minutes", () => {
    const order = sent();
    order.edited(accepted());
    order.pass(2 * MINUTE);
    seeOperationPoll(order, order.payment("success"), null);
    expect(order.told).toEqual([]);
    order.pass(1);
    seeOperationPoll(order, order.payment("success"), null);
    seeOperationPoll(order, lost(), null);
    seeOperationPoll(order, order.payment("success", { id: "p2" }), null);
    expect(order.told.filter((reason) => reason === "operation_undecided")).toHaveLength(1);
    expect(order.operation(1).state).toBe("undecided");
  });

  test("raises attention later than two minutes whatever the read shows: nothing, or another payment", () => {
    for (const said of [lost(), { id: "p2", order_id: "1234", status: "success", amount: 10 }]) {
      const order = sent();
      order.edited(accepted());
      order.pass(2 * MINUTE + 1);
      seeOperationPoll(order, said, null);
      expect(order.told).toContain("operation_undecided");
      expect(order.operation(1).state).toBe("undecided");
    }
  });

  test("is not polled while its payment has no id, and keeps its deadline", () => {
    const order = sent();
    order.edited(lost());
    order.record = { ...order.record, attempts: [{ ...order.attempt(1), paymentId: null }] };
    order.fireAlarm();
    expect(order.wants("poll_operation")).toBe(false);
    expect(order.operation(1)).toMatchObject({ state: "undecided", nextPollAt: order.now + 25 * SECOND });
  });

  test("is done, refused or overtaken by one read, and later reads change nothing", () => {
    const done = sent();
    done.edited(lost());
    done.pass(12 * SECOND);
    seeOperationPoll(done, done.payment("success", { refund_payments: [row("r1", 4)] }), notFound);
    expect(done.operation(1)).toMatchObject({ state: "done", refusal: null, decidedAt: done.now, nextPollAt: null });
    expect(done.wants("edit")).toBe(false);
    const refused = sent();
    refused.edited(accepted({ refund_payment: { id: "r1" } }));
    refused.pass(12 * SECOND);
    seeOperationPoll(refused, refused.payment("success", { refund_payments: [row("r1", 4, "error")] }), notFound);
    expect(refused.operation(1)).toMatchObject({ state: "refused", refusal: { gatewayCode: null, description: null } });
    expect(refused.wants("edit")).toBe(false);
    const late = sent();
    late.edited(accepted({ refund_payment: { id: "r1" } }));
    late.pass(3 * MINUTE);
    seeOperationPoll(late, late.payment("success", { refund_payments: [row("r1", 4, "error")] }), null);
    const spoken = sent();
    spoken.edited(lost());
    spoken.pass(3 * MINUTE);
    seeOperationPoll(spoken, spoken.payment("success"), requestKnown({ status: "error", error: { code: "11017" } }));
    for (const order of [late, spoken]) expect([order.operation(1).state, order.told]).toEqual(["refused", []]);
    const overtaken = new OrderHistory();
    overtaken.hold();
    overtaken.operate("clearing", 400);
    overtaken.seeOperation(overtaken.payment("approved"));
    overtaken.edited(lost());
    overtaken.pass(12 * SECOND);
    seeOperationPoll(overtaken, overtaken.payment("reversed"), notFound);
    expect(overtaken.operation(1)).toMatchObject({
      state: "not_done",
      refusal: { code: "operation_not_allowed", gatewayCode: null, description: null },
    });
    expect(overtaken.told).toEqual(["operation_overtaken"]);
    expect(overtaken.wants("edit")).toBe(false);
  });

  test("raises no attention as undecided while a resend is still possible", () => {
    const order = sent();
    order.edited(lost());
    order.pass(12 * SECOND);
    seeOperationPoll(order, order.payment("success"), notFound);
    expect(order.take("edit")).toMatchObject({ operation: 1, send: 1, key: 0 });
    expect(order.told).toEqual([]);
  });

  test("a resend after a refused signature uses the other key, once the first try with it was lost", () => {
    const order = sent(2);
    order.edited(refusal("1100", "configuration", 401));
    const second = order.take("edit");
    expect([second.key, order.operation(1).sends.map(({ superseded }) => superseded)]).toEqual([1, [true, false]]);
    order.edited(lost(), second);
    order.pass(12 * SECOND);
    seeOperationPoll(order, order.payment("success"), notFound);
    expect(order.take("edit")).toMatchObject({ send: 2, key: 1 });
  });
});
