import { describe, expect, test } from "vitest";
import { MAX_RESOLUTIONS } from "../../../edge/machine/events/resolve.ts";
import type { RequestedChange } from "../../../edge/machine/not-allowed.ts";
import { whyEnded, whyNotAssigned, whyNotAllowed, whyNotSentAgain } from "../../../edge/machine/not-allowed.ts";
import { MAX_OPERATIONS } from "../../../edge/machine/events/operate.ts";
import type { Decision } from "../../../edge/machine/event.ts";
import { created, lost, OrderHistory, refusal } from "./order-history.ts";

/** The history that brings an order into each status. */
const STATUSES: Readonly<Record<string, (order: OrderHistory) => void>> = {
  ready: () => undefined,
  closed: (order) => void order.close(),
  processing: (order) => {
    order.pay();
    order.answer(created("process"));
  },
  unconfirmed: (order) => {
    order.pay();
    order.answer(lost());
  },
  authorized: (order) => order.hold(),
  succeeded: (order) => order.succeed(),
  failed: (order) => order.declined(),
  reversed: (order) => {
    order.pay("key-1", { auto_clearing: false });
    order.answer(created("process"));
    order.untilPoll();
    order.see({ payment: order.payment("reversed") });
  },
  refunded: (order) => {
    order.pay();
    order.answer(created("process"));
    order.untilPoll();
    order.see({ payment: order.payment("success", { refund_payments: [{ id: "r1", amount: -10, status: "success" }] }) });
  },
};

const ASK: Readonly<Record<RequestedChange, (order: OrderHistory) => Decision>> = {
  clearing: (order) => order.operate("clearing"),
  reverse: (order) => order.operate("reverse"),
  refund: (order) => order.operate("refund"),
  nothing_taken: (order) => order.resolve(null),
  payment_id: (order) => order.resolve("p9"),
};

const NEEDED: Readonly<Record<RequestedChange, RegExp>> = {
  clearing: /^A clearing needs a charge that is authorized;/,
  reverse: /^A reverse needs a charge that is authorized;/,
  refund: /^A refund needs a charge that is succeeded;/,
  nothing_taken: /^A resolve with nothing_taken needs .*processing or unconfirmed.*undecided;/,
  payment_id: /^A resolve with payment_id needs .*processing, unconfirmed or failed;/,
};

const PAIRS = Object.keys(ASK).flatMap((asked) => Object.keys(STATUSES).map((status) => [asked as RequestedChange, status] as const));

describe("a refusal names the status that the operation needs and the status of the charge", () => {
  test.each(PAIRS)("%s of a charge that is %s", (asked, status) => {
    const order = new OrderHistory();
    STATUSES[status]?.(order);
    expect(order.status).toBe(status);
    const decision = ASK[asked](order);
    if (decision.ok) return;
    expect(decision.code).toBe("operation_not_allowed");
    const why = whyNotAllowed(asked, order.record);
    expect(why).toMatch(NEEDED[asked]);
    expect(why).toMatch(new RegExp(`; this one is ${status}$`));
  });

  test("some of these combinations are allowed", () => {
    const allowed = PAIRS.filter(([asked, status]) => {
      const order = new OrderHistory();
      STATUSES[status]?.(order);
      return ASK[asked](order).ok;
    });
    expect(allowed.map((pair) => pair.join(" "))).toEqual([
      "clearing authorized",
      "reverse authorized",
      "refund succeeded",
      "nothing_taken processing",
      "nothing_taken unconfirmed",
      "payment_id processing",
      "payment_id unconfirmed",
      "payment_id failed",
    ]);
  });
});

describe("a refusal that the status alone does not explain has a detail", () => {
  test("a refund while everything is in refunds that are in process", () => {
    const order = new OrderHistory();
    order.pay();
    order.answer(created("process"));
    order.untilPoll();
    order.see({ payment: order.payment("success", { refund_payments: [{ id: "r1", amount: -10, status: "process" }] }) });
    expect(order.operate("refund")).toMatchObject({ code: "operation_not_allowed" });
    expect(whyNotAllowed("refund", order.record)).toMatch(/^This charge is succeeded, .*nothing is left$/);
  });

  test("one operation too many", () => {
    const order = new OrderHistory();
    order.succeed();
    for (let number = 1; number <= MAX_OPERATIONS; number += 1) {
      order.operate("refund", 1, `refund-${number}`);
      order.seeOperation(order.payment("success"));
      order.edited(refusal("11017", "operation_refused"));
    }
    expect(order.operate("refund", 1, "refund-more")).toMatchObject({ code: "operation_not_allowed" });
    expect(whyNotAllowed("refund", order.record)).toBe(
      `This order has had ${MAX_OPERATIONS} operations, and takes no more; it is succeeded`,
    );
  });

  test("one named payment too many", () => {
    const order = new OrderHistory();
    order.declined();
    for (let number = 1; number <= MAX_RESOLUTIONS; number += 1) expect(order.resolve("p9", `resolve-${number}`).ok).toBe(true);
    expect(order.resolve("p9", "resolve-more")).toMatchObject({ code: "operation_not_allowed" });
    expect(whyNotAllowed("payment_id", order.record)).toBe(
      `${MAX_RESOLUTIONS} payments were named for this order, and it takes no more; it is failed`,
    );
  });

  test.each([
    ["11017", "with code 11017"],
    ["<b>no</b>", "with code (odd)"],
  ])("the gateway's refusal %s", (code, said) => {
    const order = new OrderHistory();
    order.succeed();
    order.operate("refund");
    order.seeOperation(order.payment("success"));
    order.edited(refusal(code, "operation_refused"));
    expect(order.operation(1).state).toBe("refused");
    expect(whyEnded(order.operation(1), order.record)).toBe(`The gateway refused the refund ${said}; the charge is succeeded`);
  });

  test("a hold that was cleared elsewhere before the operation was sent", () => {
    const order = new OrderHistory();
    order.hold();
    order.operate("reverse");
    order.seeOperation(order.payment("success", { clearing: { cleared: true, amount: 10 } }));
    expect(order.operation(1)).toMatchObject({ state: "refused", refusal: { gatewayCode: null } });
    expect(whyEnded(order.operation(1), order.record)).toBe("A reverse needs a charge that is authorized; this one is succeeded");
  });

  test("a hold that was cleared elsewhere while the operation was in process", () => {
    const order = new OrderHistory();
    order.hold();
    order.operate("reverse");
    order.seeOperation(order.payment("approved"));
    order.edited(lost());
    order.seeOperation(order.payment("success", { clearing: { cleared: true, amount: 10 } }));
    expect(order.operation(1).state).toBe("not_done");
    expect(whyEnded(order.operation(1), order.record)).toMatch(/^The payment went another way before the reverse was done; .* succeeded$/);
  });

  test("a refund that the gateway accepted and then shows as failed", () => {
    const order = new OrderHistory();
    order.succeed();
    order.operate("refund", 400);
    order.seeOperation(order.payment("success"));
    order.edited({ kind: "answered", httpStatus: 200, answer: { id: "p1", refund_payment: { id: "r1" } } });
    order.seeOperation(order.payment("success", { refund_payments: [{ id: "r1", amount: -4, status: "error" }] }));
    expect(order.operation(1)).toMatchObject({ state: "refused", refusal: { gatewayCode: null } });
    expect(whyEnded(order.operation(1), order.record)).toBe("The gateway shows the refund as failed; the charge is succeeded");
  });

  test("a named payment that belongs to another attempt, and a notification that does not exist", () => {
    const order = new OrderHistory();
    order.declined();
    expect(whyNotAssigned(order.record)).toMatch(/another order or attempt; the charge is failed$/);
    expect(whyNotSentAgain(null, order.record)).toMatch(/^There is no notification of this charge; the charge is failed/);
    expect(whyNotSentAgain(7, order.record)).toMatch(/with that sequence; the charge is failed/);
  });
});
