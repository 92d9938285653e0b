import type { Browser, Page } from "playwright";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { LONG } from "../length.ts";
import { tokenOf } from "../widget/tokens.ts";
import type { ElementPage } from "./element-page.ts";
import { openElementPage } from "./element-page.ts";
import { ENGINES } from "./engines.ts";

/** The policy that a page needs for the element, and no exception in it. */
const strict = (edge: string): string => `default-src 'none'; script-src 'self' ${edge}; style-src 'self'; connect-src ${edge}`;

/** Also, what takes text for a script is barred altogether. */
const withTrustedTypes = (edge: string): string => `${strict(edge)}; require-trusted-types-for 'script'; trusted-types 'none'`;

const token = tokenOf({
  iat: 1_700_000_000,
  exp: 1_700_001_800,
  charge: { order_id: "1234", amount: 1234.5, currency: "KZT", description: "Month of tea", card: { brand: "visa", last4: "4242" } },
});

const tag = (edge: string): string =>
  `<script type="module" src="${edge}/v1/freedom-pay-charge.js"></script><freedom-pay-charge token="${token}"></freedom-pay-charge>`;

/** The policy is a standard, and Chromium was first to hold pages to Trusted Types. The second engine has its turn in the long run. */
const HELD_TO_IT = LONG ? ENGINES : ENGINES.filter(({ name }) => name === "chromium");

describe.each(HELD_TO_IT)("in $name", ({ launch }) => {
  let browser: Browser | undefined;
  let place: ElementPage | undefined;

  beforeAll(async () => {
    browser = await launch();
  });

  afterEach(async () => {
    await place?.close();
    place = undefined;
  });

  afterAll(async () => {
    await browser?.close();
  });

  async function visit(policy: (edge: string) => string): Promise<{ page: Page; complaints: string[]; place: ElementPage }> {
    place = await openElementPage(tag, policy);
    const context = (await browser?.newContext()) ?? expect.fail("no browser");
    const page = await context.newPage();
    const complaints: string[] = [];
    // Firefox asks for the page's icon, which the policy bars.
    const complain = (text: string): unknown => text.includes("/favicon.ico") || complaints.push(text);
    page.on("console", (message) => complain(message.text()));
    page.on("pageerror", (error) => complain(error.message));
    await page.goto(place.page);
    return { page, complaints, place };
  }

  test.each([
    ["a strict policy", strict],
    ["a strict policy and Trusted Types", withTrustedTypes],
  ])("under %s it shows itself, reads its state once, pays, and leaves nothing behind", async (_name, policy) => {
    const { page, complaints, place } = await visit(policy);
    await page.locator("freedom-pay-charge[status=ready]").waitFor();
    const button = page.getByRole("button", { name: "Pay ₸1,234.50" });
    expect(await button.evaluate((node) => getComputedStyle(node).backgroundColor)).toBe("rgb(5, 85, 50)");
    await page.waitForTimeout(500);
    expect(place.asked).toEqual(["GET /v1/freedom-pay-charge.js", "GET /v1/charges/1234"]);
    await button.click();
    await page.getByText("Payment successful").waitFor();
    expect(place.asked.slice(2)).toEqual(["POST /v1/charges"]);
    expect(complaints).toEqual([]);
    expect(await page.context().cookies()).toEqual([]);
    expect(await page.evaluate(() => [localStorage.length, sessionStorage.length])).toEqual([0, 0]);
  });

  test("a policy that bars the edge is felt: the tests above would notice", async () => {
    const { complaints } = await visit(() => strict("https://another-edge.example"));
    await expect.poll(() => complaints.join()).toMatch(/violates the following.* directive.*script-src/);
  });

  test("Trusted Types are felt: a page that writes markup from text is stopped", async () => {
    const { page } = await visit(withTrustedTypes);
    const written = page.evaluate(() => {
      document.body.innerHTML = "<b>text</b>";
    });
    await expect(written).rejects.toThrow(/TrustedHTML|blocked by CSP/);
  });

  test("of two tabs that are clicked one after the other one sends, and both come to the same end", async () => {
    const { page, place } = await visit(withTrustedTypes);
    const other = await page.context().newPage();
    await other.goto(place.page);
    for (const tab of [page, other]) await tab.locator("freedom-pay-charge[status=ready]").waitFor();
    place.hold();
    for (const tab of [page, other]) {
      await tab.bringToFront();
      await tab.getByRole("button", { name: /^Pay/ }).click();
    }
    await expect.poll(() => place.keys.length).toBe(1);
    place.release();
    for (const tab of [page, other]) await tab.getByText("Payment successful").waitFor();
    expect(place.asked.filter((call) => call.startsWith("POST"))).toHaveLength(1);
  });
});
