/** The built element and a payment page: real browsers that go there, come back, and are not led elsewhere. */
import type { Browser, BrowserContext, FrameLocator, Page } from "playwright";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Server } from "../../demo/http-server.ts";
import { serve } from "../../demo/http-server.ts";
import { chargeOf } from "../widget/charges.ts";
import { tokenOf } from "../widget/tokens.ts";
import type { ElementPage } from "./element-page.ts";
import { openElementPage } from "./element-page.ts";
import { FIRST_ENGINE } from "./engines.ts";
import { repeatedTest } from "../repeated-test.ts";

const payment_page = { return_url: "https://shop.example/orders/1234", save_card_months: 12 };
const token = tokenOf({
  iat: 1_700_000_000,
  exp: 1_700_001_800,
  charge: { order_id: "1234", amount: 4990, currency: "KZT", payment_page },
});

describe.each(FIRST_ENGINE)("in $name", ({ name, launch }) => {
  let browser: Browser;
  let shop: ElementPage;
  let gateway: Server;
  let context: BrowserContext;
  /** The referrers of the visits to the payment page. */
  let visits: (string | null)[] = [];

  beforeAll(async () => {
    browser = await launch();
  });

  beforeEach(async () => {
    visits = [];
    gateway = await serve((request) => {
      if (new URL(request.url).pathname === "/pay.html") visits.push(request.headers.get("referer"));
      return new Response("<!doctype html><title>The payment page</title>", { headers: { "content-type": "text/html" } });
    });
    shop = await openElementPage(
      (edge) =>
        `<script type="module" src="${edge}/v1/freedom-pay-charge.js"></script><freedom-pay-charge token="${token}" locale="en"></freedom-pay-charge><button id="own">Buy</button>`,
    );
    shop.opens = `${gateway.origin}/pay.html?customer=1`;
    shop.charges.set("1234", chargeOf({ card: null }));
  });

  afterEach(async () => {
    await context.close();
    await shop.close();
    await gateway.close();
  });

  afterAll(async () => {
    await browser?.close();
  });

  /** A shopper in the shop. */
  async function visit(status = "ready"): Promise<Page> {
    context = await browser.newContext();
    // What the driver evaluates counts as a shopper's action: here nobody has pressed anything before a test does.
    await context.addInitScript(() => Object.defineProperty(navigator, "userActivation", { value: { isActive: false } }));
    const page = await context.newPage();
    await page.goto(shop.page);
    await page.locator(`freedom-pay-charge[status=${status}]`).waitFor();
    return page;
  }

  const payButton = (page: Page | FrameLocator) => page.getByRole("button", { name: /^Pay / });
  const link = (page: Page | FrameLocator) => page.getByRole("link", { name: "Continue to payment" });

  test("a press leads to the payment page; back in the shop there is a link, and nothing leads there by itself", async () => {
    const page = await visit();
    await payButton(page).click();
    await page.waitForURL(`${shop.opens}`);
    expect(visits).toHaveLength(1);
    // A page that was left is kept. Firefox's driver may never hear that it is back, so there the shop is visited anew.
    if (name === "chromium") await page.goBack({ waitUntil: "commit" });
    else await page.goto(shop.page);
    await link(page).waitFor();
    await page.reload();
    await link(page).waitFor();
    // Longer than the time after which a browser that was sent there would have left.
    await page.waitForTimeout(1000);
    expect([page.url(), visits.length, shop.keys.length]).toEqual([`${shop.page}/`, 1, 1]);
    await link(page).click();
    await page.waitForURL(`${shop.opens}`);
    expect(visits.slice(1)).toEqual([null]);
  });

  repeatedTest("a press in a frame shows the link at once, which leads the whole page there", async () => {
    const page = await visit();
    await page.evaluate(() => {
      const frame = document.createElement("iframe");
      frame.src = "/framed";
      document.body.replaceChildren(frame);
    });
    const framed = page.frameLocator("iframe");
    await payButton(framed).click();
    await link(framed).waitFor();
    expect(visits).toEqual([]);
    await link(framed).click();
    await page.waitForURL(`${shop.opens}`);
    expect(visits).toEqual([null]);
  });

  repeatedTest("a press that is answered in the background leads nowhere", async () => {
    const page = await visit();
    shop.hold();
    await payButton(page).click();
    await expect.poll(() => shop.keys.length).toBe(1);
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { value: true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    shop.release();
    await link(page).waitFor();
    expect([page.url(), visits]).toEqual([`${shop.page}/`, []]);
  });

  test.each(["javascript:void(document.title='taken')", "data:text/html,taken", "http://attacker.example/", "ftp://127.0.0.1/"])(
    "an edge cannot lead a press to %s",
    async (address) => {
      const page = await visit();
      const asked: string[] = [];
      page.on("request", (request) => request.isNavigationRequest() && asked.push(request.url()));
      shop.opens = address;
      await payButton(page).click();
      await page.getByText("We are checking with the bank").waitFor();
      await page.waitForTimeout(300);
      expect([page.url(), await page.title(), asked]).toEqual([`${shop.page}/`, "A shop", []]);
      expect(await page.locator("freedom-pay-charge a[href]").count()).toBe(0);
    },
  );

  test("a script of the page leads nowhere without a press, neither by clicks, nor by charge(), nor by events of its own", async () => {
    const page = await visit();
    await page.evaluate(async () => {
      const element = document.querySelector("freedom-pay-charge") as HTMLElement & { charge(): Promise<unknown> };
      for (const name of ["pointerup", "keydown", "click"]) dispatchEvent(new Event(name, { bubbles: true }));
      element.shadowRoot?.querySelector<HTMLElement>("[part=button]")?.click();
      await element.charge();
      element.dispatchEvent(new Event("freedom-pay-redirect", { bubbles: true }));
    });
    expect([shop.keys, page.url(), visits]).toEqual([[], `${shop.page}/`, []]);
  });

  repeatedTest("the page can go there in its own way", async () => {
    const page = await visit();
    await page.evaluate(() => {
      document.addEventListener("freedom-pay-redirect", (event) => {
        event.preventDefault();
        document.title = event.detail.url ?? "";
      });
    });
    await payButton(page).click();
    await link(page).waitFor();
    expect([await page.title(), visits]).toEqual([shop.opens, []]);
  });
});
