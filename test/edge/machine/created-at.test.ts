import { expect, test } from "vitest";
import { mismatchOf } from "../../../edge/machine/reconcile.ts";
import { lost, OrderHistory, START } from "./order-history.ts";

const HOUR = 3_600_000;

/** The local time in Almaty, in one of the forms that the gateway writes. */
function almaty(at: number, between: string): string {
  return new Date(at + 5 * HOUR).toISOString().slice(0, 19).replace("T", between);
}

function judged(created_at: string): ReturnType<typeof mismatchOf> {
  const order = new OrderHistory();
  order.pay();
  order.answer(lost());
  return mismatchOf(order.attempt(1), order.payment("success", { created_at }));
}

test.each([" ", "T"])("a date without an offset, in the form of Almaty%s12:00, is read as Almaty time", (between) => {
  expect(judged(almaty(START, between))).toBeNull();
  expect(judged(almaty(START - HOUR, between))).toBeNull();
  expect(judged(almaty(START - HOUR - 1000, between))).toBe("old_payment");
  expect(judged(almaty(START - 5 * HOUR, between))).toBe("old_payment");
});

test.each(["2020-01-01", "1 January 2020", "01.01.2020 12:00:00"])("a text that is not a date is ignored: %j", (text) => {
  expect(judged(text)).toBeNull();
});
