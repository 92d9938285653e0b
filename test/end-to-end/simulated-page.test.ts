/** The simulator's payment page in real browsers: without script, in three languages, and as axe reads it. */
import { LONG } from "../length.ts";
import type { Browser, BrowserContextOptions, Page } from "playwright";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DemoGateway } from "../../demo/gateway.ts";
import { startGateway } from "../../demo/gateway.ts";
import type { Server } from "../../demo/http-server.ts";
import { serve } from "../../demo/http-server.ts";
import { signFields } from "../../src/merchant-api/signature.ts";
import { a11yViolations } from "./a11y.ts";
import { FIRST_ENGINE } from "./engines.ts";
import { repeatedTest } from "../repeated-test.ts";

const MERCHANT = "123456";
const KEY = "test-secret-of-the-gateway";

/** A request that a browser made of the shop. */
interface Arrived {
  readonly method: string;
  readonly path: string;
  readonly referrer: string | null;
  readonly fields: URLSearchParams;
}

let gateway: DemoGateway;
let shop: Server;
let arrived: Arrived[] = [];

beforeEach(async () => {
  arrived = [];
  gateway = await startGateway({ merchantId: MERCHANT, secretKey: KEY, onExchange: () => undefined });
  shop = await serve(async (request) => {
    const { pathname, search } = new URL(request.url);
    if (pathname === "/favicon.ico") return new Response(null, { status: 404 });
    const fields = new URLSearchParams(request.method === "GET" ? search : await request.text());
    arrived.push({ method: request.method, path: pathname, referrer: request.headers.get("referer"), fields });
    return new Response("<!doctype html><title>The shop</title>", { headers: { "content-type": "text/html" } });
  });
});

afterEach(async () => {
  await gateway.close();
  await shop.close();
});

/** The address of a new page. */
async function pageFor(more: Readonly<Record<string, string>> = {}): Promise<string> {
  const form = new URLSearchParams({
    pg_merchant_id: MERCHANT,
    pg_order_id: "1234",
    pg_amount: "12500",
    pg_description: "Month of tea",
    pg_auto_clearing: "1",
    pg_recurring_start: "1",
    pg_user_id: "customer-1",
    pg_language: "en",
    pg_success_url: `${shop.origin}/paid`,
    pg_failure_url: `${shop.origin}/failed`,
    pg_salt: "salt",
    ...more,
  });
  form.append(
    "pg_sig",
    signFields(
      "init_payment.php",
      [...form].map(([name, value]) => ({ name, value })),
      KEY,
    ),
  );
  const answer = await (await fetch(`${gateway.origin}/init_payment.php`, { method: "POST", body: form })).text();
  return /<pg_redirect_url>(.*)<\/pg_redirect_url>/.exec(answer)?.[1] ?? expect.fail(answer);
}

const press = (page: Page, step: string): Promise<void> => page.locator(`button[value="${step}"]`).click();

async function choose(page: Page, outcome: string): Promise<void> {
  await page.locator(`input[value="${outcome}"]`).check();
  await press(page, "pay");
}

describe.each(FIRST_ENGINE)("in $name", ({ launch }) => {
  let browser: Browser | undefined;

  beforeAll(async () => {
    browser = await launch();
  });

  afterAll(async () => {
    await browser?.close();
  });

  async function open(url: string, options: BrowserContextOptions = { javaScriptEnabled: false }): Promise<Page> {
    const page = await (await (browser ?? expect.fail("no browser")).newContext(options)).newPage();
    await page.goto(url);
    return page;
  }

  test("without script a shopper is declined, passes 3-D Secure, and is back in the shop", async () => {
    const url = await pageFor();
    const page = await open(url);
    await choose(page, "decline-10009");
    expect(await page.locator("main").innerText()).toContain("There is not enough money on the card.");
    await choose(page, "page-3ds");
    await press(page, "confirm");
    expect(await page.title()).toBe("The shop");
    expect(arrived).toMatchObject([{ method: "GET", path: "/paid", referrer: null }]);
    expect(arrived[0]?.fields.get("pg_order_id")).toBe("1234");
    await page.goto(url);
    expect(await page.locator("main").innerText()).toContain("This page is paid.");
    expect(gateway.simulator.totalsOf("1234")).toMatchObject({ taken: 1_250_000, payments: 1 });
    await page.context().close();
  });

  repeatedTest("without script the return by POST is a button", async () => {
    const page = await open(await pageFor({ pg_success_url_method: "POST" }));
    await choose(page, "pays");
    await page.getByRole("button", { name: "Return to the shop" }).click();
    expect(await page.title()).toBe("The shop");
    expect(arrived).toMatchObject([{ method: "POST", path: "/paid", referrer: null }]);
    expect([...(arrived[0]?.fields.keys() ?? [])]).toEqual(["pg_order_id", "pg_payment_id", "pg_salt", "pg_sig"]);
    await page.context().close();
  });

  repeatedTest("in a second tab a page that was paid in the first one cannot be paid again", async () => {
    const url = await pageFor();
    const [one, other] = [await open(url), await open(url)];
    await choose(one, "pays");
    await choose(other, "pays");
    expect(await other.locator("main").innerText()).toContain("This page is paid.");
    await other.getByRole("link", { name: "Return to the shop" }).click();
    expect(arrived.map(({ path }) => path)).toEqual(["/paid", "/paid"]);
    expect(gateway.simulator.totalsOf("1234").payments).toBe(1);
    for (const page of [one, other]) await page.context().close();
  });

  test.each(LONG ? ["kk", "ru", "en"] : ["kk"])("in %s it fits 320 pixels, and axe finds nothing, light and dark", async (pg_language) => {
    const url = await pageFor({ pg_language });
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await open(url, { colorScheme, viewport: { width: 320, height: 640 }, bypassCSP: true });
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
      expect(await a11yViolations(page)).toEqual([]);
      await choose(page, "decline-10009");
      expect(await a11yViolations(page)).toEqual([]);
      await page.context().close();
    }
  });
});
