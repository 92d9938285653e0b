import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Server } from "../../demo/http-server.ts";
import { serve } from "../../demo/http-server.ts";
import { createExchangeLog } from "../../demo/exchange-log.ts";
import { GALLERY } from "../../demo/page/gallery-edge.ts";
import { createStorefront } from "../../demo/storefront.ts";
import { ELEMENT_FILE } from "../../scripts/element.ts";
import { LONG } from "../length.ts";
import { a11yViolations } from "./a11y.ts";
import { launchChromium } from "./storefront-page.ts";
import { repeatedTest } from "../repeated-test.ts";

let edge: Server;
let shop: Server;
let browser: Browser;

beforeAll(async () => {
  const element = await readFile(ELEMENT_FILE);
  const headers = { "Content-Type": "text/javascript", "Access-Control-Allow-Origin": "*" };
  // All that the gallery needs of an edge is the element's file.
  edge = await serve((request) => new Response(request.url.endsWith("/v1/freedom-pay-charge.js") ? element : null, { headers }));
  const key = "test-secret-0123456789abcdef-0123456789abcdef";
  const settings = { origin: "http://shop.example", edge: edge.origin, chargeTokenKey: key, edgeApiKey: key, notifySecret: key };
  [shop, browser] = await Promise.all([serve(createStorefront(settings, createExchangeLog([]))), launchChromium()]);
});

afterAll(async () => {
  await browser?.close();
  await shop?.close();
  await edge?.close();
});

/** Opens the gallery and waits until no element waits for its first answer, but those that never get one. */
async function open(query: string): Promise<{ readonly page: Page; readonly violations: readonly string[] }> {
  const page = await (await browser.newContext({ viewport: { width: 1200, height: 900 } })).newPage();
  const violations: string[] = [];
  page.on("console", (message) => /Content.Security.Policy/i.test(message.text()) && violations.push(message.text()));
  page.on("pageerror", (error) => violations.push(error.message));
  await page.goto(`${shop.origin}/gallery${query}`);
  await page.waitForFunction(() =>
    [...document.querySelectorAll("[data-exhibit]")].every(
      (exhibit) =>
        exhibit.getAttribute("data-exhibit")?.startsWith("loading ") ||
        exhibit.querySelector("freedom-pay-charge:not([status=loading])[status]"),
    ),
  );
  return { page, violations };
}

/** What an element was to show and what it shows, where that differs. */
function strays(page: Page): Promise<string[]> {
  return page.locator("[data-exhibit]").evaluateAll((exhibits) =>
    exhibits.flatMap((exhibit) => {
      const wanted = exhibit.getAttribute("data-exhibit") ?? "";
      const status = exhibit.querySelector("freedom-pay-charge")?.getAttribute("status");
      return wanted.split(/[: ]/)[0] === status ? [] : [`${wanted}: ${status}`];
    }),
  );
}

test("the gallery shows every state in every language and both themes", async () => {
  const { page, violations } = await open("?lang=en");
  expect(await page.locator("[data-exhibit]").count()).toBe(GALLERY.size * 3 * 2);
  expect(await strays(page)).toEqual([]);
  expect(violations).toEqual([]);
  await page.setViewportSize({ width: 320, height: 800 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
});

repeatedTest("the gallery begins with the element that can be paid", async () => {
  const { page } = await open("?lang=en&show=kk&theme=light");
  expect(await page.getByRole("main").getByRole("heading", { level: 2 }).first().textContent()).toBe("ready");
});

/** In every run axe looks at each state in test/widget/every-state.browser.test.ts. */
test.each(LONG ? ["en"] : [])("axe finds no violation in the gallery, in %s", async (lang) => {
  const { page } = await open(`?lang=${lang}`);
  expect(await a11yViolations(page)).toEqual([]);
});

/** What is read in some states, besides what their status says. */
const READ: Readonly<Record<string, string>> = {
  "ready: own label": "Subscribe for ₸4,990 a month",
  "processing: after 5 s": "Payment is still being processed",
  "processing: after 30 s": "Payment is still being processed Do not pay again",
  "processing: no connection": "Processing payment… No connection. We keep checking",
  "processing: after 30 s without connection": "Payment is still being processed Do not pay again. No connection. We keep checking.",
  "unconfirmed: no connection": "We are checking with the bank Do not pay again. No connection. We keep checking.",
  "unconfirmed: token_expired": "We are checking with the bank Do not pay again. Reload the page.",
  "ready: payment page": "",
  redirecting: "Opening Freedom Pay's page…",
  "processing: payment page open": "",
  "processing: payment page open after a decline": "Payment failed Insufficient funds",
  "processing: back from the payment page": "We are checking with the bank Do not pay again",
  "processing: payment page closed": "The payment page has closed. Checking whether it was paid",
  "failed: page_expired": "Payment failed The payment page has closed. Try again.",
  "failed: token_expired": "Payment failed Insufficient funds. Reload the page.",
  "failed: retry_not_allowed": "Payment failed Insufficient funds. Contact the shop.",
  unreachable: "Connection error. Try again",
  "unreachable: off line": "No connection. We keep checking",
};

repeatedTest("what time, a second read or a lost connection brings about is there at once, and stays", async () => {
  const { page } = await open("?lang=en&show=en&theme=light");
  const said = (): Promise<Record<string, string>> =>
    page.locator("[data-exhibit]").evaluateAll((exhibits) =>
      Object.fromEntries(
        exhibits.map((exhibit) => {
          const element = exhibit.querySelector("freedom-pay-charge");
          const texts = [...(element?.shadowRoot?.querySelectorAll("[part=title], [part=note]") ?? [])]
            .filter((part) => part.checkVisibility())
            .map(({ textContent }) => textContent);
          const label = element?.querySelector("[slot=label]")?.textContent ?? "";
          return [exhibit.getAttribute("data-exhibit")?.replace(/ en light$/, ""), [...texts, label].filter(Boolean).join(" ")];
        }),
      ),
    );
  await expect.poll(said).toMatchObject(READ);
  const first = await said();
  expect(first).toMatchObject({
    ready: "",
    processing: "Processing payment…",
    unconfirmed: "We are checking with the bank Do not pay again",
  });
  // Longer than the element's first pause.
  await page.waitForTimeout(6000);
  expect(await said()).toEqual(first);
  expect(await page.locator('[data-exhibit^="ready: disabled"] freedom-pay-charge').getByRole("button").isDisabled()).toBe(true);
});

repeatedTest(
  "before the script has run there is a quiet card where the element will be, as high as the element that can be paid",
  async () => {
    const { page } = await open("?lang=en&show=kk&theme=light");
    const toCome = page.locator("#before figure:visible element-to-come");
    const [space, ready] = await Promise.all([
      toCome.boundingBox(),
      page.locator('[data-exhibit="ready kk light"] [part=base]').boundingBox(),
    ]);
    const card = await toCome.evaluate((element) => {
      const { width, height, animationName } = getComputedStyle(element, "::before");
      return { width: Number.parseFloat(width), height: Number.parseFloat(height), animationName };
    });
    expect([space?.height, card.animationName]).toEqual([400, "none"]);
    expect(card.width).toBeCloseTo(space?.width ?? 0, 1);
    expect(Math.abs(card.height - (ready?.height ?? 0))).toBeLessThan(0.5);
  },
);

repeatedTest("the filters leave one language and one theme, and the address remembers them", async () => {
  const { page } = await open("?lang=en");
  await page.getByRole("radio", { name: "Рус" }).check();
  await page.getByRole("radio", { name: "Dark" }).check();
  expect(await page.locator("[data-exhibit]").count()).toBe(GALLERY.size);
  expect(await page.locator("#before figure:visible").evaluateAll((figures) => figures.map(({ textContent }) => textContent))).toEqual([
    "Dark",
  ]);
  await page.reload();
  expect(await page.locator('[data-language="ru"][data-theme="dark"]').count()).toBe(GALLERY.size);
  expect(await page.locator("[data-exhibit]").count()).toBe(GALLERY.size);
});
