import type { Browser, BrowserContext, Page } from "playwright";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { FreedomPayCharge } from "../../widget/freedom-pay-charge.ts";
import { LONG } from "../length.ts";
import { tokenOf } from "../widget/tokens.ts";
import type { ElementPage } from "./element-page.ts";
import { openElementPage } from "./element-page.ts";
import { FIRST_ENGINE } from "./engines.ts";
import { repeatedTest } from "../repeated-test.ts";

/** When the page is loaded anew, and how many POSTs may still arrive then. */
const RELOADS: readonly (readonly [
  name: string,
  untilThen: (page: Page, place: ElementPage) => Promise<unknown>,
  mayStillLeave: number,
])[] = [
  ["right after the click", async () => {}, 1],
  ["while the edge has the click", (_, place) => expect.poll(() => place.keys.length).toBe(1), 0],
  [
    "after the answer",
    async (page, place) => {
      place.release();
      await page.getByText("Payment successful").waitFor();
    },
    0,
  ],
];

describe.each(FIRST_ENGINE)("in $name", ({ name, launch }) => {
  let browser: Browser;
  let place: ElementPage;
  let context: BrowserContext;

  beforeAll(async () => {
    browser = await launch();
  });

  afterEach(async () => {
    await context.close();
    await place.close();
  });

  afterAll(async () => {
    await browser?.close();
  });

  const token = tokenOf({ iat: 1_700_000_000, exp: 1_700_001_800, charge: { order_id: "1234", amount: 4990, currency: "KZT" } });

  /** A shopper before an order that can be paid. */
  async function shop(attributes = ""): Promise<Page> {
    place = await openElementPage(
      (edge) =>
        `<script type="module" src="${edge}/v1/freedom-pay-charge.js"></script><freedom-pay-charge token="${token}" ${attributes}></freedom-pay-charge><button id="own">Buy</button>`,
    );
    context = await browser.newContext();
    // What the driver evaluates counts as a shopper's action: here nobody has pressed anything before a test does.
    await context.addInitScript(() => Object.defineProperty(navigator, "userActivation", { value: { isActive: false } }));
    const page = await context.newPage();
    await page.goto(place.page);
    await page.locator("freedom-pay-charge[status=ready]").waitFor();
    return page;
  }

  /** Waits until the edge has the click, and does not answer it. */
  async function pressAndHold(page: Page): Promise<void> {
    place.hold();
    await press(page);
    await expect.poll(() => place.keys.length).toBe(1);
  }

  const press = (page: Page): Promise<void> => page.getByRole("button", { name: /^Pay/ }).click();
  const isPaid = (page: Page): Promise<void> => page.getByText("Payment successful").waitFor();

  /** Holds a key as a hand does: the repeats begin after a pause, and come until it is let go. */
  async function hold(page: Page, key: string, pause: number, repeats: number): Promise<void> {
    await page.keyboard.down(key);
    await page.waitForTimeout(pause);
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      await page.keyboard.down(key);
      await page.waitForTimeout(30);
    }
    await page.keyboard.up(key);
  }

  // Presses are told apart in both engines by test/widget/click.browser.test.ts and confirm.browser.test.ts.
  if (LONG || name === "chromium") {
    test("Enter that is held while the bank declines at once is one attempt; pressed again it is another", async () => {
      const page = await shop();
      place.declines = true;
      await page.getByRole("button", { name: /^Pay/ }).focus();
      await hold(page, "Enter", 700, 15);
      const again = page.getByRole("button", { name: "Try again" });
      await again.waitFor();
      expect(place.keys).toHaveLength(1);
      await page.waitForTimeout(600);
      await again.press("Enter");
      await expect.poll(() => new Set(place.keys).size).toBe(2);
    });

    repeatedTest("a question is not confirmed by the Enter that asked it, however late its repeats begin", async () => {
      const page = await shop("confirm");
      await page.getByRole("button", { name: /^Pay/ }).focus();
      await hold(page, "Enter", 700, 15);
      await page.locator("freedom-pay-charge[status=confirming]").waitFor();
      expect(place.keys).toEqual([]);
      await page.waitForTimeout(600);
      await page.getByRole("button", { name: /^Pay/ }).press("Space");
      await isPaid(page);
      expect(place.keys).toHaveLength(1);
    });

    repeatedTest("charge() pays from a button of the page's own, once for each press, and not for a script", async () => {
      const page = await shop();
      place.declines = true;
      const charge = (): Promise<string> =>
        page.evaluate(async () => (await (document.querySelector("freedom-pay-charge") as FreedomPayCharge).charge()).status);
      expect(await charge()).toBe("ready");
      await page.evaluate(() => {
        const element = document.querySelector("freedom-pay-charge") as FreedomPayCharge;
        document.querySelector("#own")?.addEventListener("click", () => void element.charge());
        document.querySelector<HTMLElement>("#own")?.click();
        element.shadowRoot?.querySelector<HTMLElement>("[part=button]")?.click();
      });
      await page.waitForTimeout(200);
      expect(place.keys).toEqual([]);
      await page.locator("#own").click();
      await page.locator("freedom-pay-charge[status=failed]").waitFor();
      expect(await charge()).toBe("failed");
      expect(place.keys).toHaveLength(1);
    });

    test("a double click, a click a moment later, and Enter that is held are one POST", async () => {
      const page = await shop();
      place.hold();
      const button = page.getByRole("button", { name: /^Pay/ });
      await button.dblclick();
      await page.waitForTimeout(100);
      await button.click({ force: true });
      await button.focus();
      for (let times = 0; times < 20; times += 1) await page.keyboard.down("Enter");
      await page.keyboard.up("Enter");
      place.release();
      await isPaid(page);
      expect(place.keys).toHaveLength(1);
    });
  }

  const reloads = LONG || name === "chromium" ? RELOADS : RELOADS.filter(([when]) => when === "while the edge has the click");

  test.each(reloads)("a reload %s sends nothing by itself, and a click then is the same one", async (_name, untilThen, mayStillLeave) => {
    const page = await shop();
    place.hold();
    await press(page);
    await untilThen(page, place);
    const before = place.keys.length;
    await page.reload();
    await page.locator("freedom-pay-charge:is([status=ready],[status=succeeded])").waitFor();
    // What had left may still arrive; the page that was loaded anew sends nothing.
    await page.waitForTimeout(300);
    expect(place.keys.length - before).toBeLessThanOrEqual(mayStillLeave);
    if ((await page.locator("freedom-pay-charge[status=ready]").count()) > 0) await press(page);
    place.release();
    await isPaid(page);
    expect(new Set(place.keys).size).toBe(1);
  });

  repeatedTest("away in the middle of a click and back again, nothing is sent a second time", async () => {
    const page = await shop();
    await pressAndHold(page);
    await page.goto(`${place.page}/away`);
    place.release();
    await page.goBack({ waitUntil: "commit" });
    await isPaid(page);
    expect(new Set(place.keys).size).toBe(1);
  });

  // A page whose answer has come is kept in Firefox, and its driver never hears that such a page is back.
  if (name === "chromium")
    test("away as the answer comes and back again, nothing is sent a second time", async () => {
      const page = await shop();
      await pressAndHold(page);
      place.release();
      await page.goto(`${place.page}/away`);
      await page.goBack({ waitUntil: "commit" });
      await isPaid(page);
      expect(new Set(place.keys).size).toBe(1);
    });

  test("a click off line says so, goes on by itself when the connection is back, and is one attempt", async () => {
    const page = await shop();
    await context.setOffline(true);
    await press(page);
    await page.getByText("No connection. We keep checking").waitFor();
    expect(place.keys).toEqual([]);
    await context.setOffline(false);
    await isPaid(page);
    expect(new Set(place.keys).size).toBe(1);
  });

  repeatedTest("taken out and put back in the middle of a click, the same element sends nothing again and shows the outcome", async () => {
    const page = await shop();
    await pressAndHold(page);
    await page.evaluate(async () => {
      const element = document.querySelector("freedom-pay-charge") as HTMLElement;
      element.remove();
      await new Promise((resolve) => setTimeout(resolve, 200));
      document.body.append(element);
    });
    place.release();
    await isPaid(page);
    expect(place.keys).toHaveLength(1);
  });

  repeatedTest("a new token of the same order in the middle of a click: nothing is sent under it, the outcome is shown", async () => {
    const page = await shop();
    await pressAndHold(page);
    await page
      .locator("freedom-pay-charge")
      .evaluate(
        (element, fresh) => element.setAttribute("token", fresh),
        tokenOf({ iat: 1_700_000_100, exp: 1_700_001_900, charge: { order_id: "1234", amount: 4990, currency: "KZT" } }),
      );
    place.release();
    await isPaid(page);
    expect(place.keys).toHaveLength(1);
  });
});
