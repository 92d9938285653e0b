/** The first payment in a browser: docs/first-payment.md with the edge and the simulator's page, and its hostile twin. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EdgeProcess } from "../../demo/edge-process.ts";
import { startEdge } from "../../demo/edge-process.ts";
import type { DemoGateway } from "../../demo/gateway.ts";
import { startGateway } from "../../demo/gateway.ts";
import type { Server } from "../../demo/http-server.ts";
import { serve } from "../../demo/http-server.ts";
import type { MerchantChargeView } from "../../src/edge-api.ts";
import { codeBlocks } from "../docs/code-block.ts";
import { until } from "../process/test-server.ts";
import { launchChromium } from "./storefront-page.ts";
import { repeatedTest } from "../repeated-test.ts";

const MERCHANT = { merchantId: "500000", secretKey: "test-secret-of-the-gateway" };
const API_KEY = "test-secret-edge-api-key-0123456789abcdef";

/** The sample of the page: the profile to attach, or null. */
interface Sample {
  profileToAttach(userId: string, code: string | null, charge: MerchantChargeView): MerchantChargeView["profile"];
}

let folder: string;
let sample: Sample;
let gateway: DemoGateway;
let shop: Server;
let edge: EdgeProcess;
let browser: Browser;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "first-payment-"));
  const [code = "", ...others] = codeBlocks("docs/first-payment.md", "js").filter((one) => one.includes("export function profileToAttach"));
  expect(others).toEqual([]);
  writeFileSync(join(folder, "sample.mjs"), code);
  sample = (await import(pathToFileURL(join(folder, "sample.mjs")).href)) as Sample;
  gateway = await startGateway({ ...MERCHANT, onExchange: () => {} });
  shop = await serve(async () => new Response("<!doctype html><title>The shop</title>", { headers: { "content-type": "text/html" } }));
  [edge, browser] = await Promise.all([
    startEdge({
      FREEDOM_PAY_URL: gateway.origin,
      FREEDOM_PAY_MERCHANT_ID: MERCHANT.merchantId,
      FREEDOM_PAY_SECRET_KEY: MERCHANT.secretKey,
      CHARGE_TOKEN_KEY: "test-secret-charge-token-key-0123456789abcdef",
      EDGE_API_KEY: API_KEY,
      CALLBACK_KEY: "test-secret-callback-key-0123456789abcdef",
      ALLOWED_ORIGINS: shop.origin,
    }),
    launchChromium(),
  ]);
});

afterAll(async () => {
  await browser?.close();
  await edge?.close();
  await shop?.close();
  await gateway?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A call of the shop's server. */
async function call(path: string, body?: unknown): Promise<{ readonly status: number; readonly charge: MerchantChargeView }> {
  const response = await fetch(`${edge.origin}/v1/charges${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      Authorization: `Bearer ${API_KEY}`,
      ...(body === undefined ? {} : { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, charge: (await response.json()) as MerchantChargeView };
}

const ORDER = { amount: 1999.9, currency: "KZT", description: "Month of tea" };

/** Opens a page for a user. @returns its address */
async function open(order_id: string, user_id: string): Promise<string> {
  const payment_page = { return_url: `${shop.origin}/orders/${order_id}`, save_card_months: 12, language: "en" };
  const { charge } = await call("", { ...ORDER, order_id, user_id, payment_page });
  return charge.payment_page?.url ?? expect.fail(JSON.stringify(charge));
}

/** A browser of somebody's. */
async function visitorOf(url: string): Promise<Page> {
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await page.goto(url);
  return page;
}

async function choose(page: Page, outcome: string): Promise<void> {
  await page.locator(`input[value="${outcome}"]`).check();
  await page.locator('button[value="pay"]').click();
}

function paid(order: string): Promise<MerchantChargeView> {
  return until("the payment and its profile are known", async () => {
    const { charge } = await call(`/${order}`);
    return charge.status === "succeeded" && charge.profile !== null ? charge : null;
  });
}

repeatedTest("a page, a decline, a payment, the card at its account, a charge of it, and a refund", async () => {
  const page = await visitorOf(await open("order-1", "alice"));
  await choose(page, "decline-10009");
  await choose(page, "pays");
  expect(await page.title()).toBe("The shop");
  const { searchParams } = new URL(page.url());
  expect([...searchParams.keys()]).toEqual(["freedom_pay_return"]);
  const charge = await paid("order-1");
  expect(charge.cleared_amount).toBe(1999.9);
  const profile = sample.profileToAttach("alice", searchParams.get("freedom_pay_return"), charge);
  expect(profile).toMatchObject({ profile_id: expect.stringMatching(/^\d+\./) as string, card: { last4: "1111" } });
  const next = await call("", { ...ORDER, order_id: "order-2", user_id: "alice", profile_id: profile?.profile_id, user_ip: "203.0.113.7" });
  expect(next.charge.status).toBe("succeeded");
  await call("/order-1/refund", {});
  await until("it is refunded", async () => ((await call("/order-1")).charge.status === "refunded" ? true : null));
  expect(gateway.simulator.totalsOf("order-1")).toMatchObject({ taken: 199_990, refunded: 199_990, payments: 1 });
  await page.context().close();
});

test("somebody else pays a page that was forwarded: their card is not attached to the account that opened it", async () => {
  const url = await open("order-3", "alice");
  const stranger = await visitorOf(url);
  await choose(stranger, "pays");
  const charge = await paid("order-3");
  const brought = new URL(stranger.url()).searchParams.get("freedom_pay_return");
  expect(brought).toBe(charge.profile?.return_code);
  // Alice has her session and no code; the stranger has the code and no session of hers.
  expect(sample.profileToAttach("alice", null, charge)).toBeNull();
  expect(sample.profileToAttach("stranger", brought, charge)).toBeNull();
  // The code is not given a second time, not even for a link that is opened again.
  const again = await visitorOf(url);
  await again.getByRole("link", { name: "Return to the shop" }).click();
  expect(new URL(again.url()).search).toBe("");
  // The profile cannot be charged for anybody else.
  const stolen = { ...ORDER, order_id: "order-4", user_id: "stranger", profile_id: charge.profile?.profile_id, user_ip: "203.0.113.7" };
  expect((await call("", stolen)).status).toBe(400);
  expect(gateway.simulator.totalsOf("order-4").payments).toBe(0);
  for (const page of [stranger, again]) await page.context().close();
});
