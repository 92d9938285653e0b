import { describe, expect, test } from "vitest";
import type { Attempt, ChargeRecord } from "../../../../edge/machine/record.ts";
import { created, lost, OrderHistory, refusal, START } from "../order-history.ts";

const SECOND = 1_000;

/** An order whose create the gateway answered with duplicate: no read ever decides it. */
function stuck(): OrderHistory {
  const order = new OrderHistory();
  order.pay();
  order.answer(refusal("10011", "duplicate"));
  return order;
}

function read(order: OrderHistory, payment: ReturnType<OrderHistory["payment"]>): void {
  order.take("read_resolution");
  order.happen({
    type: "resolution_read",
    resolution: order.record.resolutions.length,
    payment: { kind: "answered", httpStatus: 200, answer: payment },
  });
}

/** The same order with further attempts, made from the first. */
function withAttempts(order: OrderHistory, ...more: readonly Partial<Attempt>[]): void {
  const first = order.attempt(1);
  const attempts = [first, ...more.map((one, index) => ({ ...first, number: index + 2, ...one }))];
  order.record = { ...order.record, attempts } satisfies ChargeRecord;
}

describe("close", () => {
  test("a second close keeps the time of the first, and binds its key too", () => {
    const order = new OrderHistory();
    order.close();
    order.pass(SECOND);
    expect(order.close("close-2")).toEqual({ ok: true, began: true, subject: 0 });
    expect(order.record.closedAt).toBe(START);
    expect(order.bindings.get("merchant close close-2")).toMatchObject({ content: "", subject: 0 });
  });

  test("does not change a failed attempt that was never sent", () => {
    const order = new OrderHistory();
    order.declined();
    order.pay("key-2");
    order.close();
    const attempt = structuredClone(order.attempt(2));
    order.pass(SECOND);
    order.close("close-2");
    expect(order.attempt(2)).toEqual(attempt);
  });
});

describe("nothing taken", () => {
  test("ends the attempt by silence, and binds the key to the whole resolution", () => {
    const order = stuck();
    expect(order.resolve(null)).toEqual({ ok: true, began: true, subject: 0 });
    expect(order.attempt(1)).toMatchObject({
      state: "failed",
      decidedAt: order.now,
      failure: { by: "silence", category: "gateway_unavailable", code: null, description: null },
    });
    expect(order.bindings.get("merchant resolve resolve-1")).toMatchObject({ content: '[null,"seen in the cabinet"]', subject: 0 });
  });

  test("ends the undecided operation, and none that was decided before", () => {
    const order = new OrderHistory();
    order.succeed();
    order.operate("refund", 100);
    order.seeOperation(order.payment("success"));
    order.edited(refusal("11017", "operation_refused"));
    order.operate("refund", 100, "refund-2");
    order.seeOperation(order.payment("success"));
    order.edited(lost());
    expect(order.resolve(null)).toMatchObject({ ok: true, began: true });
    expect(order.record.operations.map(({ state, refusal: why }) => [state, why?.gatewayCode ?? null])).toEqual([
      ["refused", "11017"],
      ["not_done", null],
    ]);
    expect(order.resolve(null, "resolve-2")).toEqual({ ok: false, code: "operation_not_allowed" });
  });

  test("binds no key if it is refused", () => {
    const order = new OrderHistory();
    order.succeed();
    expect(order.resolve(null)).toEqual({ ok: false, code: "operation_not_allowed" });
    expect(order.bindings.has("merchant resolve resolve-1")).toBe(false);
    expect(order.resolve(null)).toEqual({ ok: false, code: "operation_not_allowed" });
  });
});

describe("a payment that an operator names", () => {
  test("is read by its id, with a deadline in case the answer never comes", () => {
    const order = stuck();
    expect(order.resolve("p9")).toEqual({ ok: true, began: true, subject: 1 });
    expect(order.record.resolutions).toEqual([
      { number: 1, paymentId: "p9", note: "seen in the cabinet", at: order.now, state: "reading", nextPollAt: order.now + 25 * SECOND },
    ]);
    expect(order.take("read_resolution")).toMatchObject({ resolution: 1, payment: { body: '{"id":"p9"}' } });
  });

  test.each([
    ["held", (order: OrderHistory) => order.hold()],
    ["paid", (order: OrderHistory) => order.succeed()],
    ["never attempted", () => undefined],
  ] as const)("is not read on an order that is %s", (_, enter) => {
    const order = new OrderHistory();
    enter(order);
    expect(order.resolve("p9")).toEqual({ ok: false, code: "operation_not_allowed" });
    expect(order.record.resolutions).toEqual([]);
    expect(order.wants("read_resolution")).toBe(false);
  });

  test("is assigned once: a second answer changes nothing", () => {
    const order = stuck();
    order.resolve("p9");
    order.take("read_resolution");
    const { generation } = order.attempt(1);
    const answer = { kind: "answered", httpStatus: 200, answer: order.payment("process", { id: "p9" }) } as const;
    order.happen({ type: "resolution_read", resolution: 1, payment: answer });
    expect(order.attempt(1)).toMatchObject({
      state: "undecided",
      assignedByOperator: true,
      paymentId: "p9",
      gatewayStatus: "process",
      mismatch: null,
      generation,
    });
    const { record } = order;
    order.happen({ type: "resolution_read", resolution: 1, payment: { ...answer, answer: order.payment("success", { id: "p9" }) } });
    order.happen({ type: "resolution_read", resolution: 2, payment: answer });
    expect(order.record).toEqual(record);
  });

  test("clears the mismatch of the attempt", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(lost());
    order.untilPoll();
    order.see({ payment: order.payment("success", { amount: 99 }) });
    expect(order.attempt(1).mismatch).toBe("amount_differs");
    order.resolve("p1");
    read(order, order.payment("process", { amount: 99 }));
    expect(order.attempt(1)).toMatchObject({ state: "undecided", mismatch: null });
    expect(order.status).toBe("processing");
  });

  test("may leave out its own id", () => {
    const order = stuck();
    order.resolve("p9");
    read(order, order.payment("success", { id: undefined }));
    expect(order.attempt(1)).toMatchObject({ state: "paid", paymentId: "p9" });
  });

  test("goes to the undecided attempt under its order_id, else to the first sent one", () => {
    const failed = { state: "failed", failure: { by: "silence", category: "gateway_unavailable", code: null, description: null } } as const;
    const order = stuck();
    withAttempts(order, {});
    order.record = { ...order.record, attempts: order.record.attempts.map((one) => (one.number === 1 ? { ...one, ...failed } : one)) };
    order.resolve("p9");
    read(order, order.payment("process", { id: "p9" }));
    expect(order.record.attempts.map(({ assignedByOperator }) => assignedByOperator)).toEqual([false, true]);
    const both = stuck();
    withAttempts(both, {});
    both.resolve("p9");
    read(both, both.payment("process", { id: "p9" }));
    expect(both.record.attempts.map(({ assignedByOperator }) => assignedByOperator)).toEqual([true, false]);
    const settled = stuck();
    withAttempts(settled, failed, failed);
    settled.record = {
      ...settled.record,
      attempts: settled.record.attempts.map((one) => ({ ...one, ...failed, sends: one.number === 1 ? [] : one.sends })),
    };
    settled.resolve("p9");
    read(settled, settled.payment("process", { id: "p9" }));
    expect(settled.record.attempts.map(({ assignedByOperator }) => assignedByOperator)).toEqual([false, true, false]);
    expect(settled.attempt(2).state).toBe("undecided");
  });

  test("is refused if its order_id is of an attempt that was never sent, or that took or returned money", () => {
    for (const state of ["held", "paid", "reversed", "refunded"] as const) {
      const order = stuck();
      withAttempts(order, { gatewayOrderId: "1234--2" });
      order.resolve("p9");
      order.record = { ...order.record, attempts: order.record.attempts.map((one) => (one.number === 1 ? { ...one, state } : one)) };
      read(order, order.payment("success", { id: "p9", order_id: "1234" }));
      expect(order.record.resolutions[0]?.state).toBe("refused");
      expect(order.attempt(1)).toMatchObject({ state, assignedByOperator: false });
    }
    const unsent = stuck();
    withAttempts(unsent, { gatewayOrderId: "1234--2", sends: [] });
    unsent.resolve("p9");
    read(unsent, unsent.payment("success", { id: "p9", order_id: "1234--2" }));
    expect(unsent.record.resolutions[0]?.state).toBe("refused");
  });

  test("makes an attempt undecided again that had failed without an answer about a payment; a declined one stays failed until the payment shows otherwise", () => {
    const silent = new OrderHistory();
    silent.silent();
    silent.resolve("p9");
    read(silent, silent.payment("a_new_word", { id: "p9" }));
    expect(silent.attempt(1)).toMatchObject({ state: "undecided", failure: null, mismatch: "unknown_word" });
    const late = new OrderHistory();
    late.silent();
    late.resolve("p9");
    read(late, late.payment("error", { id: "p9", error: { code: "10009" } }));
    expect(late.attempt(1)).toMatchObject({ state: "failed", failure: { by: "payment" }, decidedAt: late.now });
    const declined = new OrderHistory();
    declined.pay();
    declined.answer(created("error", { id: "p9", error: { code: "10009" } }));
    declined.resolve("p9");
    read(declined, declined.payment("process", { id: "p9" }));
    expect(declined.attempt(1)).toMatchObject({ state: "failed", failure: { by: "payment" }, assignedByOperator: true });
    const paid = new OrderHistory();
    paid.pay();
    paid.answer(created("error", { id: "p9", error: { code: "10009" } }));
    paid.resolve("p9");
    read(paid, paid.payment("success", { id: "p9" }));
    expect(paid.status).toBe("succeeded");
  });
});

test.each([
  ["with its id", "p9"],
  ["without an id", undefined],
])("a payment that is read %s goes to the undecided attempt that it was resolved for, though an earlier one has its amount", (_, id) => {
  const order = stuck();
  const { terms } = order.attempt(1);
  const failure = { by: "silence", category: "gateway_unavailable", code: null, description: null } as const;
  withAttempts(order, {});
  const [first, second] = order.record.attempts;
  if (first === undefined || second === undefined) throw new Error("There are two attempts");
  const earlier: Attempt = { ...first, state: "failed", failure, decidedAt: START, terms: { ...terms, amount: 1_100 } };
  order.record = { ...order.record, attempts: [earlier, { ...second, paymentId: "p9", amountConfirmed: true }] };
  order.resolve("p9");
  read(order, { ...order.payment("success"), id, amount: 11 });
  expect(order.record.resolutions[0]?.state).toBe("adopted");
  expect(order.record.attempts.map(({ state }) => state)).toEqual(["failed", "paid"]);
});
