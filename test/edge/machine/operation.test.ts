import { describe, expect, test } from "vitest";
import {
  endOperation,
  prepareEdit,
  remainingAmount,
  newOperation,
  outcomeByRead,
  isEndedByRefusal,
  refusalOf,
} from "../../../edge/machine/operation.ts";
import type { Attempt, Ledger, LedgerRow, Operation, OperationKind } from "../../../edge/machine/record.ts";
import type { PaymentState } from "../../../src/payment.ts";
import { OrderHistory, START } from "./order-history.ts";

const ID = "01a202b2-c500-7000-8000-000000000001";

function row(id: string, amount: number | null, status: string | null = "success"): LedgerRow {
  return { id, amount, status, firstSeenAt: START, isReported: false };
}

function attempt(more: Partial<Attempt> = {}, ledger: Partial<Ledger> | null = {}): Attempt {
  const order = new OrderHistory();
  order.succeed();
  const paid = order.attempt(1);
  return { ...paid, ledger: ledger === null || paid.ledger === null ? null : { ...paid.ledger, ...ledger }, ...more };
}

function operation(kind: OperationKind, asked: number | null = null, more: Partial<Operation> = {}): Operation {
  return {
    ...newOperation(new OrderHistory().record, { kind, attempt: attempt(), requestedAmount: asked, now: START, requestId: ID }),
    ...more,
  };
}

describe("a new operation", () => {
  test("has nothing fixed but the request; it is polled at once", () => {
    const order = new OrderHistory();
    expect(
      newOperation(order.record, { kind: "refund", attempt: attempt({ number: 3 }), requestedAmount: 100, now: START, requestId: ID }),
    ).toEqual({
      number: 1,
      api: "async",
      kind: "refund",
      attempt: 3,
      requestedAmount: 100,
      amount: null,
      requestId: ID,
      body: null,
      createdAt: START,
      sends: [],
      state: "undecided",
      decidedAt: null,
      refusal: null,
      knownRows: [],
      namedRow: null,
      knownToGateway: false,
      notBefore: START,
      generation: 0,
      pollStartedAt: null,
      nextPollAt: START,
    });
  });

  test("ends once, and drops the answers to earlier polls", () => {
    const one = operation("refund", 100, { generation: 4, pollStartedAt: 5, nextPollAt: 6 });
    endOperation(one, "done", START + 1);
    expect(one).toMatchObject({ state: "done", decidedAt: START + 1, refusal: null, generation: 5, pollStartedAt: null, nextPollAt: null });
  });
});

describe("what is left", () => {
  test("for a refund: the cleared amount less what was refunded or is in process", () => {
    expect(remainingAmount("refund", attempt({}, { refunds: [row("r1", 300), row("r2", 200, "process"), row("r3", 400, "error")] }))).toBe(
      500,
    );
    expect(remainingAmount("refund", attempt({}, { clearedAmount: 400 }))).toBe(400);
    expect(remainingAmount("refund", attempt({}, { clearedAmount: null }))).toBe(0);
    expect(remainingAmount("refund", attempt({}, null))).toBe(0);
  });

  test("for a clearing or a reverse: the whole hold", () => {
    const held = attempt({ state: "held" }, null);
    expect([remainingAmount("clearing", held), remainingAmount("reverse", held)]).toEqual([1000, 1000]);
  });

  test("limits what may be requested", () => {
    const paid = attempt({}, { refunds: [row("r1", 999)] });
    expect(refusalOf("refund", paid, null)).toBeNull();
    expect(refusalOf("refund", paid, 1)).toBeNull();
    expect(refusalOf("refund", paid, 2)).toBe("amount_exceeds");
    expect(refusalOf("refund", attempt({}, { refunds: [row("r1", 1000, "process")] }), null)).toBe("operation_not_allowed");
    expect(refusalOf("refund", attempt({}, { refunds: [row("r1", 1100)] }), null)).toBe("operation_not_allowed");
    expect(refusalOf("refund", attempt({ paymentId: null }), null)).toBe("operation_not_allowed");
    expect(refusalOf("clearing", attempt({ state: "held" }), 1001)).toBe("amount_exceeds");
    expect(refusalOf("clearing", attempt({ state: "held", paymentId: null }), null)).toBe("operation_not_allowed");
  });

  test.each([
    ["clearing", ["held"]],
    ["reverse", ["held"]],
    ["refund", ["paid"]],
  ] as const)("a %s needs an attempt that is %j", (kind, states) => {
    for (const state of ["undecided", "held", "paid", "failed", "reversed", "refunded"] as const) {
      expect(refusalOf(kind, attempt({ state }), null) === null).toBe((states as readonly string[]).includes(state));
    }
  });
});

describe("what is fixed before an operation is sent", () => {
  test("its amount, its bytes, and every row that is not its own: refunds and reversals, also those of the merchant's cabinet", () => {
    const one = operation("refund", 250);
    prepareEdit(one, attempt({}, { refunds: [row("r1", 100), row("r2", 50, "error")], reversals: [row("v1", null, "error")] }), "p1");
    expect(one).toMatchObject({ amount: 250, body: '{"id":"p1","amount":2.5}', knownRows: ["r1", "r2", "v1"] });
  });

  test("all that is left if no amount was requested; a reverse has no amount", () => {
    const refund = operation("refund");
    prepareEdit(refund, attempt({}, { refunds: [row("r1", 100)] }), "p1");
    expect(refund).toMatchObject({ amount: 900, body: '{"id":"p1","amount":9}', knownRows: ["r1"] });
    const reverse = operation("reverse");
    prepareEdit(reverse, attempt({ state: "held" }, null), "p1");
    expect(reverse).toMatchObject({ amount: null, body: '{"id":"p1"}', knownRows: [] });
  });
});

describe("what a read proves", () => {
  function proof(one: Operation, of: Attempt, payment: PaymentState = {}): string | null {
    return outcomeByRead(one, of, payment);
  }

  test("for a clearing: done if cleared with its amount; overtaken by another amount or a reverse; nothing until it is cleared", () => {
    const one = operation("clearing", null, { amount: 400 });
    const held = attempt({ state: "held" });
    const paid = attempt();
    expect(proof(one, held)).toBeNull();
    expect(proof(one, held, { clearing: { cleared: false, amount: 4 } })).toBeNull();
    expect(proof(one, paid, { clearing: { cleared: true, amount: 4 } })).toBe("done");
    expect(proof(one, paid, { clearing: { cleared: true, amount: "4.00" } })).toBe("done");
    expect(proof(one, paid, { clearing: { cleared: true }, amount: 4 })).toBe("done");
    expect(proof(one, paid, { clearing: { cleared: true }, amount: 10 })).toBeNull();
    expect(proof(one, paid, { clearing: { cleared: true, amount: 0 }, amount: 10 })).toBeNull();
    expect(proof(operation("clearing", null, { amount: 1000 }), paid, { clearing: { cleared: true, amount: 0 }, amount: 10 })).toBe("done");
    expect(proof(one, paid, { clearing: { cleared: true, amount: 10 } })).toBe("overtaken");
    expect(proof(one, attempt({ state: "reversed" }), { clearing: { cleared: true, amount: 4 } })).toBe("overtaken");
  });

  test("for a reverse: done if reversed; overtaken by any state but the hold", () => {
    const one = operation("reverse");
    expect(proof(one, attempt({ state: "held" }))).toBeNull();
    expect(proof(one, attempt({ state: "reversed" }))).toBe("done");
    expect(proof(one, attempt({ state: "paid" }))).toBe("overtaken");
  });

  test("for a refund: the row that its answer named, whatever its amount", () => {
    const one = operation("refund", null, { amount: 400, namedRow: "r2" });
    expect(proof(one, attempt({}, { refunds: [row("r1", 400, "error"), row("r2", 300, "process")] }))).toBe("done");
    expect(proof(one, attempt({}, { refunds: [row("r1", 300), row("r2", 400, "error")] }))).toBe("refused");
    expect(proof(one, attempt({}, { refunds: [row("r1", 300)] }))).toBeNull();
    expect(proof(one, attempt({}, null))).toBeNull();
  });

  test("for a refund whose answer named no row: a new row of its amount that is no error", () => {
    const one = operation("refund", null, { amount: 400, knownRows: ["r1"] });
    expect(proof(one, attempt({}, { refunds: [row("r1", 400)] }))).toBeNull();
    expect(proof(one, attempt({}, { refunds: [row("r2", 400, "error")] }))).toBeNull();
    expect(proof(one, attempt({}, { refunds: [row("r2", 300)] }))).toBeNull();
    expect(proof(one, attempt({}, { refunds: [row("r1", 400), row("r2", 400, null)] }))).toBe("done");
  });
});

describe("which refusal ends an operation", () => {
  const sent = { requestId: ID, keyIndex: 0, at: START, leftBy: START, endedAt: START, end: null, superseded: false };
  const sole = operation("refund", 100, { sends: [sent] });

  test.each([
    ["operation_refused", 422, true],
    ["configuration", 422, true],
    ["amount_invalid", 200, true],
    ["declined", 200, true],
    ["other", 401, true],
    ["gateway_unavailable", 401, true],
    ["other", 402, false],
    ["gateway_unavailable", 200, false],
    ["not_found", 200, false],
    ["duplicate", 200, false],
    ["duplicate", 401, false],
  ] as const)("%s with status %i: %s", (category, httpStatus, ends) => {
    expect(isEndedByRefusal(sole, { kind: "refused", httpStatus, code: "1", description: null, category })).toBe(ends);
  });

  test("no refusal of a resend", () => {
    const resent = operation("refund", 100, { sends: [sent, sent] });
    expect(
      isEndedByRefusal(resent, { kind: "refused", httpStatus: 401, code: "1", description: null, category: "operation_refused" }),
    ).toBe(false);
  });
});
