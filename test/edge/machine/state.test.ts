import { describe, expect, test } from "vitest";
import type { TransitionContext } from "../../../edge/machine/state.ts";
import { isRaised, raiseAttention, attentionRaiser, raiseOperationAttention } from "../../../edge/machine/state.ts";
import type { Attempt, Operation } from "../../../edge/machine/record.ts";
import { HOME, OrderHistory } from "./order-history.ts";

function drafted(): { draft: TransitionContext; first: Attempt; second: Attempt; operation: Operation } {
  const order = new OrderHistory();
  order.succeed();
  order.operate("refund", 100);
  const first = order.attempt(1);
  const random = { requestId: (): string => "", fraction: (): number => 0 };
  const draft: TransitionContext = {
    record: order.record,
    now: 7,
    random,
    gatewayKeys: 1,
    retentionDays: 400,
    home: HOME,
    effects: [],
    binding: null,
  };
  return { draft, first, second: { ...first, number: 2 }, operation: order.operation(1) };
}

describe("telling the merchant", () => {
  test("of an attempt: once for each reason and attempt", () => {
    const { draft, first, second } = drafted();
    raiseAttention(draft, "amount_differs", first, "p1");
    raiseAttention(draft, "amount_differs", first, "p2");
    expect(draft.record.attention).toEqual([{ at: 7, reason: "amount_differs", attempt: 1, operation: null, detail: "p1" }]);
    expect(isRaised(draft.record, "amount_differs", first)).toBe(true);
    expect(isRaised(draft.record, "amount_differs", second)).toBe(false);
    expect(isRaised(draft.record, "old_payment", first)).toBe(false);
    raiseAttention(draft, "amount_differs", second, null);
    attentionRaiser(draft)("old_payment", first, null);
    expect(draft.record.attention.map(({ reason, attempt }) => [reason, attempt])).toEqual([
      ["amount_differs", 1],
      ["amount_differs", 2],
      ["old_payment", 1],
    ]);
  });

  test("of an operation: once for each reason and operation", () => {
    const { draft, operation } = drafted();
    raiseOperationAttention(draft, "operation_undecided", operation);
    raiseOperationAttention(draft, "operation_undecided", operation);
    expect(draft.record.attention).toEqual([{ at: 7, reason: "operation_undecided", attempt: 1, operation: 1, detail: null }]);
    raiseOperationAttention(draft, "operation_overtaken", operation);
    raiseOperationAttention(draft, "operation_undecided", { ...operation, number: 2 });
    expect(draft.record.attention.map(({ reason, operation: number }) => [reason, number])).toEqual([
      ["operation_undecided", 1],
      ["operation_overtaken", 1],
      ["operation_undecided", 2],
    ]);
  });
});
