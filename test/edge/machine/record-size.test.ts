/** The data of one order is bounded: its record is one row of at most 2 MB (Durable Objects, "Limits"). */
import { describe, expect, test } from "vitest";
import { MAX_RESOLUTIONS } from "../../../edge/machine/events/resolve.ts";
import { MAX_OPERATIONS } from "../../../edge/machine/events/operate.ts";
import { MAX_ATTEMPTS, MAX_KEYS, MAX_SENDS, MAX_UNSETTLED_ATTENTION, MAX_UNUSED_PAGES } from "../../../edge/machine/schedule.ts";
import { MAX_LEDGER_ROWS } from "../../../edge/machine/payment-reading.ts";
import type { Attention, Attempt, Operation } from "../../../edge/machine/record.ts";
import { merchantChargeView } from "../../../edge/machine/view.ts";
import type { PaymentRow } from "../../../src/payment.ts";
import { created, lost, OrderHistory, refusal } from "./order-history.ts";
import { PageOrder } from "./page-order.ts";

/** A character of three bytes in UTF-8, the most that a character of the gateway's text takes. */
const WIDE = "€".repeat(5_000);
const LONG_ID = "i".repeat(64);

function rows(count: number, status = WIDE): PaymentRow[] {
  return Array.from({ length: count }, (_, index) => ({ id: `${index}`.padStart(64, "i"), amount: -0.01, status }));
}

function refused(): ReturnType<typeof refusal> {
  const outcome = refusal("9999", "gateway_unavailable", 422);
  return outcome.kind === "refused" ? { ...outcome, code: WIDE, description: WIDE } : outcome;
}

/** An attempt with the largest number of sends, each refused with the longest text. */
function largestAttempt(): Attempt {
  const order = new OrderHistory();
  order.pay("key-1", {
    description: `${'"'.repeat(1024)}`,
    user_id: "u".repeat(50),
    profile_id: "p".repeat(64),
    card: { brand: "b".repeat(20), last4: "4242" },
  });
  order.answer(refused());
  const attempt = order.attempt(1);
  const [send] = attempt.sends;
  if (send === undefined) throw new Error("Nothing was sent");
  return {
    ...attempt,
    sends: Array.from({ length: MAX_SENDS }, () => send),
    paymentId: LONG_ID,
    failure: {
      by: "payment",
      category: "authentication_required",
      code: send.end?.code ?? null,
      description: send.end?.description ?? null,
    },
    urls: { check_url: "u".repeat(400), result_url: "u".repeat(400) },
    ticket: "t".repeat(150),
  };
}

/** An attempt whose page came to nothing, with the longest of everything: it is sent twice at most (P4). */
function largestPage(): Attempt {
  const order = new PageOrder();
  order.saveCardMonths = 12;
  order.open();
  const page = order.page();
  const offer = { profileId: "p".repeat(37), expiresAt: order.now, brand: "€".repeat(20), last4: "4242" };
  return {
    ...largestAttempt(),
    sends: largestAttempt().sends.slice(0, 2),
    page: {
      ...page,
      returnUrl: "r".repeat(1024),
      returnTicket: "t".repeat(150),
      urls: { success_url: "u".repeat(400), failure_url: "u".repeat(400) },
      url: null,
      tries: Array.from({ length: 3 }, () => ({ id: LONG_ID, said: "unpaid" as const })),
      shownTryId: LONG_ID,
      mismatchTryId: LONG_ID,
      lastDecline: { category: "authentication_required", code: "€".repeat(32), tryId: LONG_ID },
      check: { at: order.now, tryId: LONG_ID, wasDeclined: true },
      offers: Array.from({ length: 3 }, () => ({ ...offer, paymentId: LONG_ID, cardDigest: "d".repeat(64) })),
    },
  };
}

/** An operation that ended after the largest number of sends. */
function largestOperation(): Operation {
  const order = new OrderHistory();
  order.succeed();
  order.operate("refund", 100);
  order.seeOperation(order.payment("success"));
  order.edited(lost());
  for (let sends = 1; sends < MAX_SENDS && order.operation(1).state === "undecided"; sends += 1) {
    order.seeOperation(order.payment("success"), refusal("1202", "not_found"));
    if (order.wants("edit")) order.edited(refused());
  }
  order.operation(1).namedRow = null;
  order.resolve(null);
  expect(order.operation(1).state).toBe("not_done");
  const refusalAtLength = { code: "operation_not_allowed", gatewayCode: "€".repeat(64), description: "€".repeat(200) } as const;
  return { ...order.operation(1), refusal: refusalAtLength, namedRow: LONG_ID };
}

test("the largest possible record is smaller than 1.75 MB, and a notification of it than 1 MiB", () => {
  const order = new OrderHistory();
  order.pay();
  order.answer(created("process"));
  order.untilPoll();
  order.see({ payment: order.payment("success", { refund_payments: rows(MAX_LEDGER_ROWS) }) });
  const { ledger } = order.attempt(1);
  expect(ledger?.refunds).toHaveLength(MAX_LEDGER_ROWS);
  const attempt = largestAttempt();
  const page = largestPage();
  const operation = largestOperation();
  // The undecided operation has every row that is not its own, and all its sends.
  const knownRows = ledger?.refunds.map(({ id }) => id) ?? [];
  const underWay: Operation = { ...operation, state: "undecided", refusal: null, knownRows, sends: attempt.sends };
  const attention: Attention = { at: order.now, reason: "undecided_15_minutes", attempt: 10, operation: 200, detail: LONG_ID };
  const attentions = (MAX_ATTEMPTS + MAX_UNUSED_PAGES) * 16 + MAX_UNSETTLED_ATTENTION;
  const record = {
    ...order.record,
    attempts: Array.from({ length: MAX_ATTEMPTS + MAX_UNUSED_PAGES }, (_, index) => {
      if (index >= MAX_ATTEMPTS) return page;
      return index === 0 ? { ...attempt, ledger } : attempt;
    }),
    operations: Array.from({ length: MAX_OPERATIONS }, (_, index) => (index === 0 ? underWay : operation)),
    resolutions: Array.from({ length: MAX_RESOLUTIONS }, () => ({
      number: 1,
      paymentId: LONG_ID,
      note: "€".repeat(500),
      at: order.now,
      state: "unavailable" as const,
      nextPollAt: null,
    })),
    // Each reason once for each attempt, and two for each operation.
    attention: Array.from({ length: attentions + MAX_OPERATIONS * 2 }, (_, index) =>
      index < attentions ? attention : { ...attention, detail: null },
    ),
  };
  const size = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).byteLength;
  expect(size(record)).toBeLessThan(1_750_000);
  // A receiver refuses a longer one (src/notification.ts).
  expect(size(merchantChargeView(record))).toBeLessThan(1024 * 1024);
});

describe("what grows in a record is bounded", () => {
  test.each(["refund_payments", "reverse_payments"])(
    "a read with more than 1,000 %s changes nothing, and attention is raised",
    (member) => {
      const order = new OrderHistory();
      order.pay();
      order.answer(created("process"));
      order.untilPoll();
      const before = order.attempt(1);
      order.see({ payment: order.payment("success", { [member]: rows(MAX_LEDGER_ROWS + 1) }) });
      expect([order.status, order.told]).toEqual(["processing", ["ledger_too_large"]]);
      expect(order.attempt(1)).toMatchObject({ state: before.state, ledger: before.ledger, gatewayStatus: before.gatewayStatus });
      order.untilPoll();
      order.see({ payment: order.payment("success", { [member]: rows(MAX_LEDGER_ROWS) }) });
      expect(order.status).toBe("succeeded");
    },
  );

  test("rows are counted over all reads, and an operation is not sent on a read that cannot be used", () => {
    const order = new OrderHistory();
    order.succeed();
    order.pass(10_000);
    order.happen({ type: "hint", ticket: "ticket-key-1" });
    order.see({ payment: order.payment("success", { refund_payments: rows(MAX_LEDGER_ROWS, "error") }) });
    expect(order.attempt(1).ledger?.refunds).toHaveLength(MAX_LEDGER_ROWS);
    order.operate("refund", 100);
    const { operation, generation, startedAt } = order.take("poll_operation");
    const answer = order.payment("success", { refund_payments: [{ id: "one-more", amount: -1, status: "success" }] });
    const payment = { kind: "answered", httpStatus: 200, answer } as const;
    order.happen({ type: "operation_polled", operation, generation, startedAt, payment, request: null });
    expect([order.wants("edit"), order.told]).toEqual([false, ["ledger_too_large"]]);
  });

  test("the 51st payment that an operator names is not read", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(lost());
    order.effects = [];
    for (let number = 1; number <= MAX_RESOLUTIONS; number += 1) {
      expect(order.resolve(`p${number}`, `resolve-${number}`)).toMatchObject({ ok: true });
      order.happen({ type: "resolution_read", resolution: number, payment: lost() });
    }
    expect(order.resolve("p51", "resolve-51")).toEqual({ ok: false, code: "operation_not_allowed" });
    expect(order.record.resolutions).toHaveLength(MAX_RESOLUTIONS);
    expect(order.resolve(null, "resolve-52")).toMatchObject({ ok: true });
  });

  test.each([
    ["paid", (order: OrderHistory) => order.succeed()],
    ["held", (order: OrderHistory) => order.hold()],
  ])("after 200 keys a new key on an order that is %s gets the charge and is not bound", (_, enter) => {
    const order = new OrderHistory();
    enter(order);
    const terms = { auto_clearing: order.attempt(1).terms.auto_clearing };
    for (let number = 2; number <= MAX_KEYS; number += 1) order.pay(`key-${number}`, terms);
    expect(order.bindings.size).toBe(MAX_KEYS);
    const { record } = order;
    expect(order.pay("key-201", terms)).toEqual({ ok: true, began: false, subject: 1 });
    expect(order.bindings.size).toBe(MAX_KEYS);
    expect(order.record).toEqual(record);
    expect(order.pay("key-202", { ...terms, amount: 11 })).toEqual({ ok: false, code: "charge_conflict" });
  });

  test("while the order is undecided every key is bound, because none of them may begin an attempt later", () => {
    const order = new OrderHistory();
    order.pay();
    for (let number = 2; number <= MAX_KEYS + 5; number += 1) order.pay(`key-${number}`);
    expect(order.bindings.size).toBe(MAX_KEYS + 5);
  });

  test("after 200 keys a close is done and its key is not bound", () => {
    const order = new OrderHistory();
    for (let number = 1; number <= MAX_KEYS + 1; number += 1) expect(order.close(`close-${number}`)).toMatchObject({ ok: true });
    expect([order.bindings.size, order.status]).toEqual([MAX_KEYS, "closed"]);
  });

  test("an id of more than 64 characters is ignored: of a payment, a row, or in attention", () => {
    const long = "x".repeat(65);
    const order = new OrderHistory();
    order.pay();
    order.answer(created("process", { id: long }));
    expect(order.attempt(1).paymentId).toBeNull();
    order.untilPoll();
    order.see({ payment: order.payment("success", { id: long, amount: 99 }) });
    expect(order.record.attention).toMatchObject([{ reason: "amount_differs", detail: null }]);
    order.untilPoll();
    order.see({ payment: order.payment("success", { refund_payments: [{ id: long, amount: -1, status: "success" }] }) });
    expect(order.attempt(1).ledger?.refunds).toMatchObject([{ id: "no id 1" }]);
    order.operate("refund", 100);
    order.seeOperation(order.payment("success"));
    order.edited({ kind: "answered", httpStatus: 200, answer: { id: "p1", refund_payment: { id: long } } });
    expect(order.operation(1).namedRow).toBeNull();
    expect(JSON.stringify(order.record)).not.toContain(long);
  });

  test("the same bytes are sent no more often than the window allows, also if the clock is set back again and again", () => {
    const order = new OrderHistory();
    order.pay();
    let sends = 0;
    for (let polls = 0; polls < 200; polls += 1) {
      if (order.sends > 0) {
        sends += 1;
        order.answer(lost());
      }
      order.untilPoll();
      order.seeNothing();
      if (order.status === "failed") break;
      if (order.now - (order.attempt(1).sends.at(-1)?.at ?? 0) >= 10_000)
        for (const send of order.attempt(1).sends) send.at = order.now - 10_000;
    }
    expect(sends).toBeLessThanOrEqual(MAX_SENDS);
  });
});
