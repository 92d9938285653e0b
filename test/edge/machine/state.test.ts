import { describe, expect, test } from "vitest";
import type { Draft } from "../../../edge/machine/state.ts";
import { isTold, tell, tellOf, tellOfOperation } from "../../../edge/machine/state.ts";
import type { Attempt, Operation } from "../../../edge/machine/record.ts";
import { HOME, OrderHistory } from "./order-history.ts";

function drafted(): { draft: Draft; first: Attempt; second: Attempt; operation: Operation } {
  const order = new OrderHistory();
  order.succeed();
  order.operate("refund", 100);
  const first = order.attempt(1);
  const random = { requestId: (): string => "", fraction: (): number => 0 };
  const draft: Draft = { record: order.record, now: 7, random, gatewayKeys: 1, retentionDays: 400, home: HOME, effects: [], binding: null };
  return { draft, first, second: { ...first, number: 2 }, operation: order.operation(1) };
}

describe("telling the merchant", () => {
  test("of an attempt: once for each reason and attempt", () => {
    const { draft, first, second } = drafted();
    tell(draft, "amount_differs", first, "p1");
    tell(draft, "amount_differs", first, "p2");
    expect(draft.record.attention).toEqual([{ at: 7, reason: "amount_differs", attempt: 1, operation: null, detail: "p1" }]);
    expect(isTold(draft.record, "amount_differs", first)).toBe(true);
    expect(isTold(draft.record, "amount_differs", second)).toBe(false);
    expect(isTold(draft.record, "old_payment", first)).toBe(false);
    tell(draft, "amount_differs", second, null);
    tellOf(draft)("old_payment", first, null);
    expect(draft.record.attention.map(({ reason, attempt }) => [reason, attempt])).toEqual([
      ["amount_differs", 1],
      ["amount_differs", 2],
      ["old_payment", 1],
    ]);
  });

  test("of an operation: once for each reason and operation", () => {
    const { draft, operation } = drafted();
    tellOfOperation(draft, "operation_undecided", operation);
    tellOfOperation(draft, "operation_undecided", operation);
    expect(draft.record.attention).toEqual([{ at: 7, reason: "operation_undecided", attempt: 1, operation: 1, detail: null }]);
    tellOfOperation(draft, "operation_overtaken", operation);
    tellOfOperation(draft, "operation_undecided", { ...operation, number: 2 });
    expect(draft.record.attention.map(({ reason, operation: number }) => [reason, number])).toEqual([
      ["operation_undecided", 1],
      ["operation_overtaken", 1],
      ["operation_undecided", 2],
    ]);
  });
});
