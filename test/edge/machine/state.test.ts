import { describe, expect, test } from "vitest";
import type { TransitionContext } from "../../../edge/machine/state.ts";
import { isRaised, raiseAttention, attentionRaiser, raiseOperationAttention } from "../../../edge/machine/state.ts";
import type { Attempt, Operation } from "../../../edge/machine/record.ts";
import { OrderHistory } from "./order-history.ts";

function contextOf(): { context: TransitionContext; first: Attempt; second: Attempt; operation: Operation } {
  const order = new OrderHistory();
  order.succeed();
  order.operate("refund", 100);
  const first = order.attempt(1);
  const random = { requestId: (): string => "", fraction: (): number => 0 };
  const context: TransitionContext = {
    record: order.record,
    now: 7,
    random,
    gatewayKeyCount: 1,
    retentionDays: 400,
    isAway: false,
    openCalls: new Set<string>(),
    effects: [],
    binding: null,
  };
  return { context, first, second: { ...first, number: 2 }, operation: order.operation(1) };
}

describe("raising attention", () => {
  test("for an attempt: once for each reason and attempt", () => {
    const { context, first, second } = contextOf();
    raiseAttention(context, "amount_differs", first, "p1");
    raiseAttention(context, "amount_differs", first, "p2");
    expect(context.record.attention).toEqual([{ at: 7, reason: "amount_differs", attempt: 1, operation: null, detail: "p1" }]);
    expect(isRaised(context.record, "amount_differs", first)).toBe(true);
    expect(isRaised(context.record, "amount_differs", second)).toBe(false);
    expect(isRaised(context.record, "old_payment", first)).toBe(false);
    raiseAttention(context, "amount_differs", second, null);
    attentionRaiser(context)("old_payment", first, null);
    expect(context.record.attention.map(({ reason, attempt }) => [reason, attempt])).toEqual([
      ["amount_differs", 1],
      ["amount_differs", 2],
      ["old_payment", 1],
    ]);
  });

  test("for an operation: once for each reason and operation", () => {
    const { context, operation } = contextOf();
    raiseOperationAttention(context, "operation_undecided", operation);
    raiseOperationAttention(context, "operation_undecided", operation);
    expect(context.record.attention).toEqual([{ at: 7, reason: "operation_undecided", attempt: 1, operation: 1, detail: null }]);
    raiseOperationAttention(context, "operation_overtaken", operation);
    raiseOperationAttention(context, "operation_undecided", { ...operation, number: 2 });
    expect(context.record.attention.map(({ reason, operation: number }) => [reason, number])).toEqual([
      ["operation_undecided", 1],
      ["operation_overtaken", 1],
      ["operation_undecided", 2],
    ]);
  });
});
