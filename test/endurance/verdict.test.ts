/** The verdicts of `npm run endurance`: a fault that is put into the books, or a figure that grows, is found. */
import { describe, expect, test } from "vitest";
import type { BookedPayment, ExpectedOrder, ShownOrder } from "./verdict.ts";
import { deliveryFaults, faultsOf, growthOf } from "./verdict.ts";

const ORDERS: readonly ExpectedOrder[] = [
  { orderId: "a-1", taken: 499_000, refunded: 0 },
  { orderId: "a-2", taken: 499_000, refunded: 100_000 },
];

const BOOKED: readonly BookedPayment[] = [
  { orderId: "a-1", taken: 499_000, held: 0, refunded: 0 },
  // Its first attempt was declined.
  { orderId: "a-2", taken: 0, held: 0, refunded: 0 },
  { orderId: "a-2--2", taken: 499_000, held: 0, refunded: 100_000 },
];

const SHOWN: readonly ShownOrder[] = [
  { orderId: "a-1", status: "succeeded", cleared_amount: 4990, refunded_amount: 0 },
  { orderId: "a-2", status: "succeeded", cleared_amount: 4990, refunded_amount: 1000 },
];

const PAYMENT: BookedPayment = { orderId: "a-1", taken: 499_000, held: 0, refunded: 0 };

describe("the books", () => {
  test("orders that were paid once are right", () => {
    expect(faultsOf(ORDERS, BOOKED, SHOWN)).toEqual([]);
  });

  test.each<readonly [string, readonly BookedPayment[], readonly ShownOrder[], string]>([
    ["a second payment of an order", [...BOOKED, PAYMENT], SHOWN, "a-1: doubled, the gateway has 2 payments"],
    [
      "a second payment of a later attempt",
      [...BOOKED, { ...PAYMENT, orderId: "a-1--2" }],
      SHOWN,
      "a-1: doubled, the gateway has 2 payments",
    ],
    [
      "a second payment that only holds",
      [...BOOKED, { ...PAYMENT, taken: 0, held: 499_000 }],
      SHOWN,
      "a-1: doubled, the gateway has 2 payments",
    ],
    ["a payment that is gone", BOOKED.slice(1), SHOWN, "a-1: lost, the gateway took nothing"],
    ["another amount", [{ ...PAYMENT, taken: 1 }, ...BOOKED.slice(1)], SHOWN, "a-1: the gateway took 1 instead of 499000"],
    [
      "a refund that nobody requested",
      [{ ...PAYMENT, refunded: 5 }, ...BOOKED.slice(1)],
      SHOWN,
      "a-1: the gateway refunded 5 instead of 0",
    ],
    ["a payment that nobody ordered", [...BOOKED, { ...PAYMENT, orderId: "b-1" }], SHOWN, "b-1: a payment that nobody ordered"],
    ["an order that the edge has lost", BOOKED, SHOWN.slice(1), "a-1: lost, the edge does not know it"],
    [
      "an order that was never decided",
      BOOKED,
      SHOWN.map((order) => (order.orderId === "a-1" ? { ...order, status: "processing", cleared_amount: 0 } : order)),
      "a-1: the edge shows processing, 0 taken, 0 refunded",
    ],
    [
      "an order that was not paid, and is shown as that",
      BOOKED.slice(1),
      SHOWN.map((order) => (order.orderId === "a-1" ? { ...order, status: "failed", cleared_amount: 0 } : order)),
      "a-1: refused, nothing was taken",
    ],
    [
      "a refund that the edge does not show",
      BOOKED,
      SHOWN.map((order) => ({ ...order, refunded_amount: 0 })),
      "a-2: the edge shows succeeded, 4990 taken, 0 refunded",
    ],
  ])("%s is found", (_, booked, shown, fault) => {
    expect(faultsOf(ORDERS, booked, shown)).toEqual([fault]);
  });
});

describe("the notifications", () => {
  const ACCEPTED = [
    { id: "n-1", orderId: "a-1" },
    { id: "n-2", orderId: "a-2" },
  ];

  test("one for each order, once, is right", () => {
    expect(deliveryFaults(["a-1", "a-2"], ACCEPTED)).toEqual([]);
  });

  test("one that is missing is found, and one that was delivered twice", () => {
    expect(deliveryFaults(["a-1", "a-2"], ACCEPTED.slice(1))).toEqual(["a-1: no notification was delivered"]);
    expect(deliveryFaults(["a-1", "a-2"], [...ACCEPTED, ...ACCEPTED.slice(0, 1)])).toEqual(["a-1: notification n-1 was delivered 2 times"]);
  });
});

describe("the slope", () => {
  const samples = (figureAt: (second: number) => number) =>
    Array.from({ length: 60 }, (_, index) => ({ second: index * 10, figure: figureAt(index * 10) }));

  test("a figure that is flat after its first half has no growth, whatever it did before", () => {
    expect(growthOf(samples((second) => Math.min(second, 200) + 50))).toBeCloseTo(0, 5);
  });

  test("noise is no growth", () => {
    expect(Math.abs(growthOf(samples((second) => 200 + (second % 20 === 0 ? 10 : -10))))).toBeLessThan(0.02);
  });

  test("a steady leak is growth: 1 in 10 seconds, from 130 to 159", () => {
    expect(growthOf(samples((second) => 100 + second / 10))).toBeCloseTo(29 / 144.5, 5);
  });
});
