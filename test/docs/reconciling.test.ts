/** Runs the code of docs/reconciling.md and docs/fiscal-receipts.md. */
import { readFileSync } from "node:fs";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { OrderHistory } from "../edge/machine/order-history.ts";
import type { MerchantChargeView } from "../../src/edge-api.ts";
import { merchantChargeView } from "../../edge/machine/view.ts";
import { onlyCodeBlock } from "./code-block.ts";

interface Booked {
  readonly taken: number;
  readonly currency: string;
}

interface Reconcile {
  disagreements(
    day: string,
    booked: (orderId: string) => Booked | null,
    settings: { readonly edge: string; readonly apiKey: string },
  ): AsyncIterable<{ readonly order_id: string; readonly edge: Booked }>;
  movedOn(
    day: string,
    settings: { readonly edge: string; readonly apiKey: string },
  ): Promise<{ readonly taken: number; readonly refunded: number }>;
}

interface Receipts {
  owedReceipts(charge: MerchantChargeView, made?: { sold: number; returned: number }): { readonly sale: number; readonly return: number };
}

let reconcile: Reconcile;
let receipts: Receipts;

async function load<Module>(page: string): Promise<Module> {
  return (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(onlyCodeBlock(page, "js"))}`)) as Module;
}

beforeAll(async () => {
  reconcile = await load("docs/reconciling.md");
  receipts = await load("docs/fiscal-receipts.md");
});

afterEach(() => {
  vi.restoreAllMocks();
});

const SETTINGS = { edge: "https://edge.example", apiKey: "test-secret-edge-api-key-0123456789abcdef" };
const DAY = 86_400_000;

/** An edge with these charges on every day, two on a page. */
function listing(charges: readonly MerchantChargeView[]): void {
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    expect(new Headers(init?.headers).get("Authorization")).toBe(`Bearer ${SETTINGS.apiKey}`);
    const after = Number(new URL(String(input)).searchParams.get("after") ?? 0);
    const next = after + 2 < charges.length ? String(after + 2) : null;
    return Response.json({ charges: charges.slice(after, after + 2), next });
  });
}

function dayOf(at: number): string {
  return new Date(at + 5 * 3_600_000).toISOString().slice(0, 10);
}

function view(order: OrderHistory): MerchantChargeView {
  return merchantChargeView(order.record);
}

type Row = NonNullable<ReturnType<OrderHistory["payment"]>["refund_payments"]>[number];

/** Refunds in minor units, each with its own id, and the gateway's ledger after them. */
function refund(order: OrderHistory, ...parts: readonly number[]): void {
  const rows: Row[] = [];
  for (const [index, minor] of parts.entries()) {
    order.operate("refund", minor, `refund-${index}`);
    order.seeOperation(order.payment("success", { refund_payments: [...rows] }));
    const row = { id: `r${index}`, amount: -minor / 100, status: "success" };
    order.edited({ kind: "answered", httpStatus: 200, answer: { id: "p1", amount: 10, refund_payment: row } });
    rows.push(row);
    order.seeOperation(order.payment("success", { refund_payments: [...rows] }));
  }
}

test("the page's code lists the movements of a day, over all pages", async () => {
  const paid = new OrderHistory();
  paid.succeed();
  const held = new OrderHistory();
  held.hold();
  const declined = new OrderHistory();
  declined.declined();
  const day = dayOf(paid.now);
  listing([view(paid), view(held), view(declined), view(paid), view(paid)]);
  expect(await reconcile.movedOn(day, SETTINGS)).toEqual({ taken: 3000, refunded: 0 });
  expect(await reconcile.movedOn(dayOf(paid.now - DAY), SETTINGS)).toEqual({ taken: 0, refunded: 0 });
});

test("clearings and refunds on other days belong to those days", async () => {
  const order = new OrderHistory();
  order.hold();
  const heldOn = dayOf(order.now);
  order.pass(2 * DAY);
  order.operate("clearing", 800);
  order.seeOperation(order.payment("approved"));
  order.edited({
    kind: "answered",
    httpStatus: 200,
    answer: { id: "p1", status: "process_clearing", amount: 10, clearing: { amount: 8 } },
  });
  order.seeOperation(order.payment("success", { clearing: { cleared: true, amount: 8 } }));
  expect(view(order)).toMatchObject({ status: "succeeded", cleared_amount: 8 });
  listing([view(order)]);
  expect(await reconcile.movedOn(heldOn, SETTINGS)).toEqual({ taken: 0, refunded: 0 });
  expect(await reconcile.movedOn(dayOf(order.now), SETTINGS)).toEqual({ taken: 800, refunded: 0 });

  const refunded = new OrderHistory();
  refunded.succeed();
  const paidOn = dayOf(refunded.now);
  refunded.pass(3 * DAY);
  refund(refunded, 299, 701);
  expect(view(refunded)).toMatchObject({ status: "refunded", refunded_amount: 10 });
  listing([view(refunded)]);
  expect(await reconcile.movedOn(paidOn, SETTINGS)).toEqual({ taken: 1000, refunded: 0 });
  expect(await reconcile.movedOn(dayOf(refunded.now), SETTINGS)).toEqual({ taken: 0, refunded: 1000 });
});

test("ledgers differ when another sum was taken, or another currency", async () => {
  const paid = new OrderHistory();
  paid.succeed();
  const charge = (order_id: string, more: Partial<MerchantChargeView> = {}): MerchantChargeView => ({ ...view(paid), order_id, ...more });
  const held = { status: "authorized", cleared_amount: 0 } as const;
  listing([
    charge("whole"),
    charge("cleared-in-part", { cleared_amount: 8 }),
    charge("refunded-in-part", { refunded_amount: 0.01 }),
    charge("refunded-in-part-and-booked", { amount: 5000.1, cleared_amount: 5000.1, refunded_amount: 0.2 }),
    charge("held", held),
    charge("held-and-not-booked", held),
    charge("not-booked"),
    charge("in-another-currency", { currency: "KGS" }),
  ]);
  const booked = (orderId: string): Booked | null => {
    if (orderId.endsWith("not-booked")) return null;
    return { taken: orderId === "refunded-in-part-and-booked" ? 499_990 : 1000, currency: "KZT" };
  };
  const found: unknown[] = [];
  for await (const { order_id, edge } of reconcile.disagreements("2026-11-22", booked, SETTINGS)) found.push([order_id, edge.taken]);
  expect(found).toEqual([
    ["cleared-in-part", 800],
    ["refunded-in-part", 999],
    ["held", 0],
    ["not-booked", 1000],
    ["in-another-currency", 1000],
  ]);
});

test("a refusal of the edge ends it with the status", async () => {
  vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response(null, { status: 401 }));
  await expect(reconcile.movedOn("2026-11-22", SETTINGS)).rejects.toThrow("The edge answered 401");
});

test("pending receipts are those of movements without a receipt", () => {
  const order = new OrderHistory();
  order.succeed();
  expect(receipts.owedReceipts(view(order))).toEqual({ sale: 1000, return: 0 });
  expect(receipts.owedReceipts(view(order), { sold: 1000, returned: 0 })).toEqual({ sale: 0, return: 0 });
  refund(order, 299);
  expect(receipts.owedReceipts(view(order), { sold: 1000, returned: 0 })).toEqual({ sale: 0, return: 299 });
  const declined = new OrderHistory();
  declined.declined();
  expect(receipts.owedReceipts(view(declined))).toEqual({ sale: 0, return: 0 });
});

test("the view has the members that docs/fiscal-receipts.md needs", () => {
  const order = new OrderHistory();
  order.succeed();
  const names = Array.from(
    readFileSync(new URL("../../docs/fiscal-receipts.md", import.meta.url), "utf8")
      .split("## What it names")[1]
      ?.matchAll(/^\| [^|]+ \|([^|]+)\|$/gm) ?? [],
  )
    .flatMap(([, cell = ""]) => [...cell.matchAll(/`([a-z_]+)`/g)].map(([, name = ""]) => name))
    .filter((name) => !["timestamp", "decided_at", "taken_at"].includes(name));
  expect(names.length).toBeGreaterThan(12);
  for (const name of names) expect(view(order)).toHaveProperty(name);
});
