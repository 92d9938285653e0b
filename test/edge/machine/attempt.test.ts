import { describe, expect, test } from "vitest";
import {
  createAttempt,
  decide,
  decidedByRefusal,
  nextGatewayOrderId,
  orderIdAfter,
  reopen,
  termsOf,
} from "../../../edge/machine/attempt.ts";
import type { Attempt, FailedBy, Failure } from "../../../edge/machine/record.ts";
import { newRecord } from "../../../edge/machine/record.ts";
import { CHARGE, OrderHistory, START } from "./order-history.ts";

const ID = "01a202b2-c500-7000-8000-000000000001";
const URLS = { check_url: "https://edge.example/check", result_url: "https://edge.example/result" };

function claim(more: Partial<Parameters<typeof createAttempt>[1]> = {}): Attempt {
  const asked = {
    caller: "shopper",
    api: "async",
    charge: CHARGE,
    userIp: "192.0.2.1",
    ticket: "ticket-1",
    urls: null,
    page: null,
    ...more,
  } as const;
  return createAttempt(newRecord("1234"), asked, START, ID);
}

function failure(by: FailedBy): Failure {
  return { by, category: "declined", code: null, description: null };
}

test("the time at which a payment was taken stays when it is refunded; a hold has no such time", () => {
  const attempt = claim();
  decide(attempt, "held", START + 1, null);
  expect(attempt).toMatchObject({ decidedAt: START + 1, takenAt: null });
  decide(attempt, "paid", START + 2, null);
  decide(attempt, "refunded", START + 3, null);
  expect(attempt).toMatchObject({ decidedAt: START + 3, takenAt: START + 2 });
});

describe("a created attempt", () => {
  test("has all its terms, ids and bytes fixed, and nothing is sent yet", () => {
    const attempt = claim();
    expect(attempt).toEqual({
      number: 1,
      api: "async",
      gatewayOrderId: "1234",
      caller: "shopper",
      terms: {
        amount: 1000,
        currency: "KZT",
        user_id: "12345",
        pay_with: "profile",
        profile_id: CHARGE.profile_id,
        save_card_months: null,
        auto_clearing: true,
      },
      description: "Test order",
      card: null,
      userIp: "192.0.2.1",
      ticket: "ticket-1",
      urls: null,
      body: attempt.body,
      requestId: ID,
      createdAt: START,
      sends: [],
      state: "undecided",
      decidedAt: null,
      failure: null,
      knownToGateway: false,
      paymentId: null,
      gatewayStatus: null,
      mismatch: null,
      contradicted: null,
      freeOrderIds: [],
      neverSeenAt: null,
      amountConfirmed: false,
      takenAt: null,
      assignedByOperator: false,
      notBefore: START,
      generation: 0,
      pollStartedAt: null,
      nextPollAt: START,
      page: null,
      ledger: null,
      isTest: false,
      lastPollStartedAt: null,
      hint: null,
      wasCalledBack: false,
    });
  });

  test("gives the gateway the callback addresses only if they are configured", () => {
    expect(JSON.parse(claim({ urls: URLS }).body)).toMatchObject({ urls: URLS });
    expect(JSON.parse(claim().body)).not.toHaveProperty("urls");
  });

  test("keeps the card hint", () => {
    const card = { brand: "visa", last4: "4242" };
    expect(claim({ charge: { ...CHARGE, card } }).card).toEqual(card);
  });

  test("cannot be created from an amount that was not validated", () => {
    expect(() => termsOf({ ...CHARGE, amount: 0.001 })).toThrow(new TypeError("The charge was not validated before termsOf"));
  });
});

describe("the next gateway order_id (M3)", () => {
  function after(...attempts: readonly (readonly [gatewayOrderId: string, by: FailedBy | null])[]): string {
    const order = new OrderHistory();
    order.pay();
    const row = order.attempt(1);
    return nextGatewayOrderId({
      orderId: "1234",
      attempts: attempts.map(([gatewayOrderId, by]) => ({ ...row, gatewayOrderId, failure: by === null ? null : failure(by) })),
    });
  }

  test("is one higher than the last one", () => {
    expect(orderIdAfter("1234", "1234")).toBe("1234--2");
    expect(orderIdAfter("1234", "1234--2")).toBe("1234--3");
    expect(orderIdAfter("1234", "1234--9")).toBe("1234--10");
  });

  test.each([
    ["the first attempt has the merchant's order_id", [], "1234"],
    ["a decline makes it the next one", [["1234", "payment"]], "1234--2"],
    ["a bare refusal makes it the next one", [["1234", "refusal"]], "1234--2"],
    ["a refused signature keeps it", [["1234", "unauthorized"]], "1234"],
    ["a failure by silence keeps it", [["1234", "silence"]], "1234"],
    ["an attempt that was never sent keeps it", [["1234", "never_sent"]], "1234"],
    ["an attempt that lost its payment to another keeps it", [["1234", "other_attempt"]], "1234"],
    [
      "a refusal after a failure by silence keeps it",
      [
        ["1234", "silence"],
        ["1234", "refusal"],
      ],
      "1234",
    ],
    [
      "a refusal after an attempt that lost its payment to another keeps it",
      [
        ["1234", "other_attempt"],
        ["1234", "refusal"],
      ],
      "1234",
    ],
    [
      "a refusal counts only for the last attempt",
      [
        ["1234", "refusal"],
        ["1234", "never_sent"],
      ],
      "1234",
    ],
    [
      "a decline counts for any attempt under it",
      [
        ["1234", "payment"],
        ["1234", "never_sent"],
      ],
      "1234--2",
    ],
    [
      "a decline counts also after a failure by silence",
      [
        ["1234", "silence"],
        ["1234", "payment"],
      ],
      "1234--2",
    ],
    [
      "a decline under another order_id does not count",
      [
        ["1234", "payment"],
        ["1234--2", "silence"],
      ],
      "1234--2",
    ],
    [
      "a failure by silence under another order_id does not count",
      [
        ["1234", "silence"],
        ["1234--2", "refusal"],
      ],
      "1234--3",
    ],
    ["an undecided attempt keeps it", [["1234", null]], "1234"],
  ] as const)("%s", (_, attempts, expected) => {
    expect(after(...attempts)).toBe(expected);
  });
});

describe("what a bare refusal decides (M4)", () => {
  function decided(code: string, httpStatus: number, category: "configuration" | "declined" | "other"): Failure | null {
    const order = new OrderHistory();
    order.pay();
    return decidedByRefusal(order.attempt(1), { kind: "refused", httpStatus, code, description: "text", category });
  }

  test("a refused signature, by status or by code: configuration, and the gateway order_id is kept", () => {
    const unauthorized = { by: "unauthorized", category: "configuration", description: "text" };
    expect(decided("77777", 401, "other")).toEqual({ ...unauthorized, code: "77777" });
    expect(decided("1100", 200, "configuration")).toEqual({ ...unauthorized, code: "1100" });
    expect(decided("9403", 402, "configuration")).toEqual({ ...unauthorized, by: "refusal", code: "9403" });
  });

  test("a reason in the contract's list decides with its category; any other reason decides nothing", () => {
    expect(decided("10007", 422, "declined")).toEqual({ by: "refusal", category: "declined", code: "10007", description: "text" });
    expect(decided("77777", 422, "other")).toBeNull();
  });
});

describe("the end of an attempt", () => {
  test("drops the answers to earlier polls, and keeps the time of the first such end", () => {
    const attempt = claim();
    attempt.mismatch = "amount_differs";
    attempt.pollStartedAt = START;
    decide(attempt, "failed", START + 1, failure("silence"));
    expect(attempt).toMatchObject({ state: "failed", decidedAt: START + 1, failure: failure("silence"), mismatch: null, generation: 1 });
    expect(attempt).toMatchObject({ pollStartedAt: null, nextPollAt: null });
    decide(attempt, "failed", START + 2, failure("payment"));
    expect(attempt).toMatchObject({ decidedAt: START + 1, failure: failure("payment"), generation: 2 });
    decide(attempt, "paid", START + 3, null);
    expect(attempt).toMatchObject({ state: "paid", decidedAt: START + 3, failure: null, generation: 3 });
  });

  test("can be reverted: the attempt is polled at once, and is as undecided as before", () => {
    const attempt = claim();
    decide(attempt, "failed", START + 1, failure("silence"));
    attempt.pollStartedAt = START + 2;
    reopen(attempt, START + 3);
    expect(attempt).toMatchObject({
      state: "undecided",
      decidedAt: null,
      failure: null,
      generation: 2,
      pollStartedAt: null,
      nextPollAt: START + 3,
    });
  });
});
