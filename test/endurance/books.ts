/** Waits until every order is decided, and holds the edge's answers against the gateway's ledger. */
import type { MerchantChargeAnswer } from "../../src/edge-api.ts";
import { AMOUNT } from "../bench/fixture.ts";
import type { Shop } from "./shop.ts";
import type { Outside } from "./start-outside.ts";
import { faultsOf } from "./verdict.ts";

/** Orders that are read at once. */
const READERS = 16;

/** Milliseconds between two rounds of reads. */
const INTERVAL = 1000;

/** Reads every order until a condition holds for all, or the time is over. @returns the last view of each */
export async function viewsOf(
  shop: Shop,
  orderIds: readonly string[],
  isDone: (view: MerchantChargeAnswer) => boolean,
  seconds: number,
): Promise<readonly MerchantChargeAnswer[]> {
  const end = performance.now() + seconds * 1000;
  const views = new Map<string, MerchantChargeAnswer>();
  for (let left = [...orderIds]; ; ) {
    const open = [...left];
    left = [];
    await Promise.all(
      Array.from({ length: READERS }, async () => {
        for (let orderId = open.pop(); orderId !== undefined; orderId = open.pop()) {
          const view = await shop.view(orderId);
          if (view !== null) views.set(orderId, view);
          if (view === null || !isDone(view)) left.push(orderId);
        }
      }),
    );
    if (left.length === 0 || performance.now() > end) return [...views.values()];
    await new Promise((resolve) => setTimeout(resolve, INTERVAL));
  }
}

/** Whether an attempt and all operations have an outcome. */
export function isDecided({ status, operations }: MerchantChargeAnswer): boolean {
  return !["ready", "processing", "unconfirmed"].includes(status) && operations.every(({ state }) => state !== "undecided");
}

/** Seconds that are waited for an order that is not decided: one that the gateway never saw ends after 5 minutes (M5.5). */
const DECIDED_WITHIN = 420;

/** Milliseconds within which the simulator settles a refund that the edge shows as done. */
const SETTLED_WITHIN = 3000;

/** What is wrong with the orders. @param refunds major units that were refunded, by order */
export async function checkBooks(
  { shop, outside }: { readonly shop: Shop; readonly outside: Outside },
  orderIds: readonly string[],
  refunds: ReadonlyMap<string, number> = new Map(),
): Promise<readonly string[]> {
  const views = await viewsOf(shop, orderIds, isDecided, DECIDED_WITHIN);
  if (refunds.size > 0) await new Promise((resolve) => setTimeout(resolve, SETTLED_WITHIN));
  const booked = await outside.ask({ what: "books" });
  const expected = orderIds.map((orderId) => ({ orderId, taken: AMOUNT * 100, refunded: (refunds.get(orderId) ?? 0) * 100 }));
  const shown = views.map(({ order_id, status, cleared_amount, refunded_amount }) => ({
    orderId: order_id,
    status,
    cleared_amount,
    refunded_amount,
  }));
  return faultsOf(expected, booked, shown);
}
