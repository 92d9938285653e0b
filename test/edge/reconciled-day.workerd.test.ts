/** A day with every kind of charge, reconciled from the day's list alone against the gateway's own books. */
import { exports } from "cloudflare:workers";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { dayOf } from "../../src/lib/almaty-day.ts";
import type { DayList, MerchantChargeView } from "../../src/edge-api.ts";
import { toMinorUnits } from "../../src/money.ts";
import { apiKey, gateway, order, post, token } from "./with-gateway.ts";

/** The plan of an order: its profile, whether it is only held, and the merchant's operations. */
interface Plan {
  readonly profile: string;
  readonly held?: true;
  readonly operations?: readonly (readonly [operation: string, body?: { readonly amount: number }])[];
  /** The status at the end. */
  readonly ends: string;
}

const PLANS: Readonly<Record<string, Plan>> = {
  paid: { profile: "pays", ends: "succeeded" },
  "paid-later": { profile: "later-1", ends: "succeeded" },
  declined: { profile: "decline-10009", ends: "failed" },
  refused: { profile: "refuse-10010", ends: "failed" },
  "answer-lost": { profile: "lost-after", ends: "succeeded" },
  "answer-cut": { profile: "cut", ends: "succeeded" },
  "answer-blocked": { profile: "html-after", ends: "succeeded" },
  "refunded-in-part": { profile: "pays", operations: [["refund", { amount: 3.37 }]], ends: "succeeded" },
  "refunded-twice": {
    profile: "pays",
    operations: [
      ["refund", { amount: 1.01 }],
      ["refund", { amount: 2.02 }],
    ],
    ends: "succeeded",
  },
  refunded: { profile: "pays", operations: [["refund"]], ends: "refunded" },
  "refund-answer-lost": { profile: "edit-lost-after", operations: [["refund", { amount: 0.99 }]], ends: "succeeded" },
  "refund-came-to-nothing": { profile: "rows-fail", operations: [["refund", { amount: 5 }]], ends: "succeeded" },
  held: { profile: "pays", held: true, ends: "authorized" },
  cleared: { profile: "pays", held: true, operations: [["clearing"]], ends: "succeeded" },
  "cleared-in-part": { profile: "pays", held: true, operations: [["clearing", { amount: 8.05 }]], ends: "succeeded" },
  "cleared-in-part-and-refunded": {
    profile: "pays",
    held: true,
    operations: [
      ["clearing", { amount: 7 }],
      ["refund", { amount: 6.99 }],
    ],
    ends: "succeeded",
  },
  reversed: { profile: "pays", held: true, operations: [["reverse"]], ends: "reversed" },
};

/** The day on which the test begins. */
const BEGAN = dayOf(Date.now());

/** How many orders follow each plan. In all they are more than a page. */
const EACH = 3;

/** Different amounts, with and without a fraction. */
function amountOf(number: number): number {
  return 10 + number * 7 + (number % 3 === 0 ? 0.01 * (number % 100) : 0);
}

beforeEach(() => {
  vi.spyOn(console, "log").mockReturnValue();
});

/** The charges of today, and of the day before if midnight has passed since the test began. */
async function list(status: string | null = null): Promise<readonly MerchantChargeView[]> {
  const found = new Map<string, MerchantChargeView>();
  for (const day of new Set([BEGAN, dayOf(Date.now())])) for (const charge of await listOf(day, status)) found.set(charge.order_id, charge);
  return [...found.values()];
}

async function listOf(day: string, status: string | null): Promise<readonly MerchantChargeView[]> {
  const found: MerchantChargeView[] = [];
  for (let after = ""; ; ) {
    const query = `day=${day}${status === null ? "" : `&status=${status}`}${after}`;
    const answer = await exports.default.fetch(`https://edge.example/v1/charges?${query}`, {
      headers: { Authorization: `Bearer ${apiKey}` },
    });
    const { charges, next } = (await answer.json()) as DayList;
    found.push(...charges);
    if (next === null) return found;
    after = `&after=${next}`;
  }
}

async function runPlan(orderId: string, amount: number, { profile, held, operations = [] }: Plan): Promise<void> {
  const bearer = await token({ order_id: orderId, amount, profile_id: profile, auto_clearing: held === undefined });
  await (await post(bearer, "key-1")).json();
  for (const [index, [operation, body]] of operations.entries()) {
    await settled(orderId);
    const done = await post(apiKey, `${operation}-${index}`, body, `/${orderId}/${operation}`);
    // A refund is refused if its row has already failed when it is answered.
    expect(profile === "rows-fail" ? [200, 409] : [200], await done.text()).toContain(done.status);
  }
}

/** A POST is answered after 10 s in its current state, and 51 orders at once may need longer. */
async function settled(orderId: string): Promise<void> {
  await vi.waitFor(async () => {
    const answer = await exports.default.fetch(`https://edge.example/v1/charges/${orderId}`, {
      headers: { Authorization: `Bearer ${apiKey}` },
    });
    const { status, operations } = (await answer.json()) as MerchantChargeView;
    expect(["authorized", "succeeded"]).toContain(status);
    expect(operations.map(({ state }) => state)).not.toContain("undecided");
  });
}

/** The merchant's totals of the list, in minor units by kind. */
function booksOf(charges: readonly MerchantChargeView[]): Readonly<Record<"held" | "taken" | "refunded", number>> {
  const total = (part: (charge: MerchantChargeView) => number | null): number =>
    charges.reduce((sum, charge) => sum + (toMinorUnits(part(charge)) ?? Number.NaN), 0);
  return {
    held: total(({ status, amount }) => (status === "authorized" ? amount : 0)),
    taken: total(({ cleared_amount }) => cleared_amount),
    refunded: total(({ refunded_amount }) => refunded_amount),
  };
}

describe("the books of a day", () => {
  test("made from its list, agree with the gateway's to the tenge, for each order and in all", async () => {
    const orders = Object.entries(PLANS).flatMap(([name, plan]) =>
      Array.from({ length: EACH }, (_, number) => ({ id: `${order}-${name}-${number}`, plan })),
    );
    await Promise.all(orders.map(({ id, plan }, number) => runPlan(id, amountOf(number), plan)));
    await vi.waitFor(
      async () => {
        const charges = new Map((await list()).map((charge) => [charge.order_id, charge]));
        for (const { id, plan } of orders) {
          const { held, taken, refunded } = gateway.totalsOf(id);
          const charge = charges.get(id);
          expect([id, charge?.status, booksOf(charge === undefined ? [] : [charge])]).toEqual([id, plan.ends, { held, taken, refunded }]);
        }
      },
      { interval: 500 },
    );
    const total = (amounts: readonly number[]): number => amounts.reduce((sum, minor) => sum + minor, 0);
    const totals = (kind: string): number => total(gateway.ledger().flatMap((entry) => (entry.kind === kind ? [entry.minor] : [])));
    const books = booksOf(await list());
    expect(books).toEqual({
      held: total(gateway.payments().map(({ held }) => held)),
      taken: totals("taken"),
      refunded: totals("refunded"),
    });
    expect(Math.min(books.held, books.taken, books.refunded)).toBeGreaterThan(0);
    for (const status of ["succeeded", "failed", "authorized", "refunded", "reversed"]) {
      const expected = orders.filter(({ plan }) => plan.ends === status).map(({ id }) => id);
      expect((await list(status)).map(({ order_id }) => order_id).sort()).toEqual(expected.sort());
    }
    expect(await list("unconfirmed")).toEqual([]);
  });
});
