/** The whole life of a customer in the demo: a new card on the payment page, the card in the account, one click, a refund. */
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Demo } from "../../demo/demo.ts";
import { startDemo } from "../../demo/demo.ts";
import { a11yViolations } from "./a11y.ts";
import { FIRST_ENGINE } from "./engines.ts";
import { repeatedTest } from "../repeated-test.ts";

let demo: Demo;

beforeAll(async () => {
  demo = await startDemo();
});

afterAll(async () => {
  await demo?.close();
});

describe.each(FIRST_ENGINE)("in $name", ({ launch }) => {
  let browser: Browser | undefined;

  beforeAll(async () => {
    browser = await launch();
  });

  afterAll(async () => {
    await browser?.close();
  });

  /** A customer with a session of their own. */
  async function visit(path = "/?lang=en"): Promise<Page> {
    const page = await (await (browser ?? expect.fail("no browser")).newContext({ locale: "en-GB" })).newPage();
    await page.goto(demo.address + path);
    return page;
  }

  const orderOf = async (page: Page): Promise<string> =>
    (
      (await page
        .locator("freedom-pay-charge")
        .getByText(/^Order no\. /)
        .textContent()) ?? ""
    ).replace("Order no. ", "");

  /** Chooses a new card, and presses the button: the browser goes to the payment page. */
  async function payByNewCard(page: Page): Promise<string> {
    await page.locator("freedom-pay-charge[status=ready]").waitFor();
    await page.getByRole("radio", { name: "New card" }).check();
    await page.getByText("Your card will be saved for later payments").waitFor();
    const order = await orderOf(page);
    await page.getByRole("button", { name: /^Pay / }).click();
    await page.waitForURL(`${demo.gateway.origin}/pay.html?*`);
    return order;
  }

  async function choose(page: Page, outcome: string): Promise<void> {
    await page.locator(`input[value="${outcome}"]`).check();
    await page.locator('button[value="pay"]').click();
  }

  test("a first order with a new card, which is declined and then paid, the next one by one click, and a refund", async () => {
    const page = await visit();
    const first = await payByNewCard(page);
    await choose(page, "decline-10009");
    await choose(page, "pays");
    await page.getByText("Payment successful").first().waitFor();
    await page.getByText("The card ending in 1111 was saved").waitFor();
    expect([await orderOf(page), page.url()]).toEqual([first, `${demo.address}/`]);
    expect(await a11yViolations(page)).toEqual([]);

    // The picture has the steps of the page too, and what is listed lets nobody pay or take the card.
    await page.locator("[data-step=notified][data-state=seen]").waitFor();
    for (const step of ["token", "charge", "signed", "page", "returned", "read", "state", "notified"])
      await page.locator(`[data-step=${step}][data-state=seen]`).waitFor();
    await page.locator("#every-request > summary").click();
    const listed = (await page.locator("#exchanges").textContent()) ?? "";
    expect(listed).toContain("/pay.html?customer=(left out)");
    expect(listed).toContain("freedom_pay_return=(left out)");
    expect(listed).not.toMatch(/customer=\d|session=|name="form" value="\w/);
    for (const key of Object.values(demo.keys)) expect(listed).not.toContain(key);
    expect(demo.gateway.simulator.totalsOf(first)).toMatchObject({ taken: 499_000, payments: 1 });

    // The next order: the saved card is the first choice.
    await page.getByRole("button", { name: "New order" }).click();
    await expect.poll(() => orderOf(page)).not.toBe(first);
    expect(await page.getByRole("radio", { name: "Visa •••• 1111" }).isChecked()).toBe(true);
    const next = await orderOf(page);
    await page.getByRole("button", { name: /^Pay / }).click();
    await page.getByText("Payment successful").first().waitFor();
    expect(page.url()).toBe(`${demo.address}/`);
    expect(demo.gateway.simulator.totalsOf(next)).toMatchObject({ taken: 499_000, payments: 1 });

    await page.getByRole("link", { name: "See the order" }).click();
    await page.getByRole("button", { name: "Refund, as the shop" }).waitFor();
    expect(await a11yViolations(page)).toEqual([]);
    await page.getByRole("button", { name: "Refund, as the shop" }).click();
    await page.getByText("Money returned").first().waitFor();
    expect(demo.gateway.simulator.totalsOf(next)).toMatchObject({ refunded: 499_000, payments: 1 });
    await page.context().close();
  });

  repeatedTest("at 320 pixels nothing sticks out, in Kazakh, before the page and after it", async () => {
    const page = await visit("/?lang=kk");
    await page.setViewportSize({ width: 320, height: 700 });
    const sticksOut = (): Promise<number> =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    await page.locator("freedom-pay-charge[status=ready]").waitFor();
    await page.locator("#change-card").click();
    await page.getByText("Жаңа карта").click();
    await page.getByText("Картаңыз келесі төлемдер үшін сақталады").waitFor();
    expect(await sticksOut()).toBe(0);
    await page.locator("freedom-pay-charge").getByRole("button").click();
    await page.waitForURL(`${demo.gateway.origin}/pay.html?*`);
    await choose(page, "pays");
    await page.getByText("1111 аяқталатын карта сақталды").waitFor();
    await page.locator("#every-request > summary").click();
    await page.locator("#exchanges summary").first().click();
    await page.locator("[data-step=page] button").click();
    expect(await sticksOut()).toBe(0);
    await page.context().close();
  });

  test("a customer who comes back without paying is a link away from the page, and pays there", async () => {
    const page = await visit();
    const order = await payByNewCard(page);
    await page.locator('button[value="leave"]').click();
    await page.getByRole("link", { name: "Continue to payment" }).click();
    await choose(page, "pays");
    await page.getByText("The card ending in 1111 was saved").waitFor();
    expect(demo.gateway.simulator.totalsOf(order)).toMatchObject({ taken: 499_000, payments: 1 });
    await page.context().close();
  });

  repeatedTest(
    "somebody else who pays a forwarded page does not save their card, neither in their account nor in the customer's",
    async () => {
      const customer = await visit();
      const order = await payByNewCard(customer);
      const stranger = await visit();
      await stranger.goto(customer.url());
      await choose(stranger, "pays");
      await stranger.waitForURL(/freedom_pay_return=/);
      await stranger.locator("freedom-pay-charge[status=ready]").waitFor();
      expect(await orderOf(stranger)).not.toBe(order);
      await customer.goto(`${demo.address}/?order=${order}`);
      await customer.getByText("Payment successful").first().waitFor();
      for (const page of [stranger, customer]) {
        expect(await page.getByRole("radio", { name: "Visa •••• 1111" }).count()).toBe(0);
        await page.context().close();
      }
    },
  );
});
