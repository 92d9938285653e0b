import type { Browser, BrowserContextOptions, Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Demo } from "../../demo/demo.ts";
import { startDemo } from "../../demo/demo.ts";
import { signNotification } from "../../src/index.ts";
import { LONG } from "../length.ts";
import { a11yViolations } from "./a11y.ts";
import { launchChromium, openStorefront } from "./storefront-page.ts";
import { repeatedTest } from "../repeated-test.ts";

/** The steps of a charge as the picture shows them. */
const IN_ORDER = ["token", "charge", "signed", "callback", "read", "state", "notified"];

let stage: Demo;
let browser: Browser;

beforeAll(async () => {
  [stage, browser] = await Promise.all([startDemo(), launchChromium()]);
});

afterAll(async () => {
  await browser?.close();
  await stage?.close();
});

async function open(options: BrowserContextOptions, language: string): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage();
  await page.goto(`${stage.address}/?lang=${language}`);
  await page.locator("freedom-pay-charge[status=ready]").waitFor();
  return page;
}

test.each(LONG ? (["light", "dark"] as const) : [])(
  "axe finds no violation in the storefront and the order page, in %s",
  async (colorScheme) => {
    const page = await open({ colorScheme }, "en");
    expect(await a11yViolations(page)).toEqual([]);
    await page.getByRole("button", { name: /^Pay / }).click();
    await page.getByRole("link", { name: "See the order" }).click();
    await page.getByText("Paid", { exact: true }).first().waitFor();
    await page.locator("#exchanges summary").last().click();
    expect(await a11yViolations(page)).toEqual([]);
  },
);

/** Kazakh needs the most room. */
test.each(LONG ? ["kk", "ru", "en"] : [])("at 320 pixels nothing sticks out, in %s", async (language) => {
  const page = await open({ viewport: { width: 320, height: 700 } }, language);
  await page.locator("freedom-pay-charge").getByRole("button").click();
  await page.locator("freedom-pay-charge[status=succeeded]").waitFor();
  await page.locator("#every-request > summary").click();
  await page.locator("#exchanges summary").last().click();
  await page.locator("[data-step=signed] button").click();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
});

/** The part of an iPhone's page that its browser leaves free. */
const PHONE = { width: 390, height: 664 };

test.each(LONG ? ["kk", "ru", "en"] : ["kk"])("on a phone the button that pays is on the first screen, in %s", async (language) => {
  const page = await open({ viewport: PHONE }, language);
  const button = await page.locator("freedom-pay-charge").getByRole("button").boundingBox();
  expect((button?.y ?? Infinity) + (button?.height ?? 0)).toBeLessThan(PHONE.height);
});

repeatedTest("on a phone one stored card is shown, and a press shows the others until one is picked", async () => {
  const page = await open({ viewport: PHONE }, "en");
  const cards = page.getByRole("radio");
  expect(await cards.count()).toBe(1);
  await page.getByRole("button", { name: "Change" }).click();
  expect(await cards.count()).toBe(7);
  // The arrow keys go through all of them.
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  expect(await page.getByRole("radio", { name: "Insufficient funds" }).isChecked()).toBe(true);
  await page.getByText("Card expired").click();
  expect(await cards.count()).toBe(1);
  expect(await page.getByRole("radio", { name: "Card expired" }).isChecked()).toBe(true);
});

test("a card that expired offers another one by a button, and that one pays the order", async () => {
  const { page, pick, pay, reads } = await openStorefront(browser, stage.address);
  await pick("Card expired");
  await pay();
  await reads("Card expired. Pay with another card.");
  // The edge lets the next attempt begin two seconds after the last one failed.
  await page.waitForTimeout(2_000);
  await page.getByRole("button", { name: "Use Visa •••• 0101" }).press("Enter");
  await page.getByText("Payment failed").first().waitFor({ state: "hidden" });
  const radio = page.getByRole("radio", { name: "Pays at once" });
  await expect.poll(() => radio.evaluate((input) => input === document.activeElement)).toBe(true);
  await expect.poll(() => page.locator("#live-state").textContent()).toBe("Not paid");
  await pay();
  await reads("Payment successful");
  expect(await page.getByRole("button", { name: /^Use / }).count()).toBe(0);
});

repeatedTest("after each card that failed the next one is offered that this order was not tried with", async () => {
  const { page, pick, pay, reads } = await openStorefront(browser, stage.address);
  await pick("Insufficient funds");
  await pay();
  await reads("Insufficient funds. Please try later.");
  await page.reload();
  await page.getByRole("button", { name: "Use Visa •••• 0101" }).waitFor();
  await page.waitForTimeout(2_000);
  await pick("Card expired");
  await pay();
  await reads("Card expired. Pay with another card.");
  await page.getByRole("button", { name: "Use Visa •••• 0101" }).waitFor();
  await pick("Insufficient funds");
  expect(await page.getByRole("button", { name: /^Use / }).count()).toBe(0);
});

repeatedTest("the picture has the element's state at every moment", async () => {
  const { page, pick, pay, reads } = await openStorefront(browser, stage.address);
  await pick("Insufficient funds");
  await page.evaluate(() => {
    const states = ((globalThis as unknown as { states: unknown[] }).states = []) as unknown[];
    document.addEventListener("freedom-pay-change", ({ detail }) => {
      states.push([detail.status, document.getElementById("live-state")?.textContent]);
    });
  });
  await pay();
  await reads("Insufficient funds. Please try later.");
  // The read of the picked card's token may have come before.
  expect((await page.evaluate(() => (globalThis as unknown as { states: unknown[] }).states)).slice(-2)).toEqual([
    ["processing", "Processing payment…"],
    ["failed", "Payment failed"],
  ]);
});

repeatedTest("another language is spoken by the page and by the element at once, and by the order page after it", async () => {
  const page = await open({}, "en");
  await page.getByRole("button", { name: "Рус" }).click();
  await page.getByRole("button", { name: /^Оплатить / }).waitFor();
  expect(await page.locator("html").getAttribute("lang")).toBe("ru");
  await page.getByRole("button", { name: "Қаз" }).click();
  await page.getByRole("button", { name: /төлеу$/ }).click();
  await page.getByRole("link", { name: "Тапсырысты қарау" }).click();
  await page.getByRole("status").getByText("Төленді").waitFor();
});

repeatedTest("a reload goes on with the same order, a new order begins another", async () => {
  const { page, orderId } = await openStorefront(browser, stage.address);
  await page.reload();
  await page.getByText(`Order no. ${orderId}`).waitFor();
  await page.getByRole("button", { name: "New order" }).click();
  await page.getByText(`Order no. ${orderId}`).waitFor({ state: "detached" });
  await page.getByRole("button", { name: /^Pay / }).waitFor();
});

test("the list tells who asked whom, with headers and bodies, and holds no key", async () => {
  const shopper = await openStorefront(browser, stage.address);
  await shopper.pay();
  await shopper.reads("Payment successful");
  await shopper.page.locator("#every-request > summary").click();
  const list = shopper.page.locator("#exchanges");
  for (const way of ["Browser → Shop", "Browser → Edge", "Edge → Gateway", "Gateway → Edge", "Edge → Shop"])
    await list.getByText(way).first().waitFor();
  const text = (await list.textContent()) ?? "";
  expect(text).toContain("x-jws-signature: ey");
  expect(text).toContain("authorization: Bearer ey");
  expect(text).toContain('"profile_id": "demo-1.pays"');
  expect(text).toContain("webhook-signature: v1,");
  for (const key of Object.values(stage.keys)) expect(text).not.toContain(key);
  expect(text).not.toMatch(/Bearer [\w-]+\.[\w-]+\.[\w-]/);
  expect(text).not.toMatch(/callbacks\/\w+\/[\w-]+\.[\w-]/);
});

test("the shop gives no token for an order or a card that it does not know, nor for a body that is none", async () => {
  const order = (await (await fetch(`${stage.address}/orders`, { method: "POST" })).json()) as { order_id: string };
  const ask = async (path: string, body: string): Promise<number> =>
    (await fetch(`${stage.address}${path}`, { method: "POST", body })).status;
  expect(await ask("/orders/A-000000/token", '{"card":"at_once"}')).toBe(404);
  expect(await ask(`/orders/${order.order_id}/token`, '{"card":"nobody\'s"}')).toBe(400);
  expect(await ask(`/orders/${order.order_id}/token`, "[]")).toBe(400);
  expect(await ask(`/orders/${order.order_id}/token`, '{"card":"at_once","amount":1}')).toBe(200);
});

test("goods are released by the signed notification, and by none that anybody else sends", async () => {
  const { page, orderId, pay, reads } = await openStorefront(browser, stage.address);
  const released = page.locator("#released");
  const forge = async (secret: string): Promise<number> => {
    const data = { order_id: orderId, sequence: 1, status: "succeeded" };
    const body = JSON.stringify({ type: "charge.succeeded", timestamp: new Date().toISOString(), data });
    const headers = await signNotification(body, { id: "msg_1", secret });
    return (await fetch(`${stage.address}/notifications`, { method: "POST", headers, body })).status;
  };
  expect(await forge(`whsec_${Buffer.from("test-secret-of-somebody-else").toString("base64")}`)).toBe(400);
  const order = (await (await fetch(`${stage.address}/orders/${orderId}`)).json()) as { released_at: string | null };
  expect(order.released_at).toBeNull();

  await pay();
  await reads("Payment successful");
  await page.getByRole("link", { name: "See the order" }).click();
  await released.getByText("Released by the signed notification").waitFor();
});

test("the picture shows the steps of one charge in order, and each with its real headers and bodies", async () => {
  const { page, pay, reads, complaints } = await openStorefront(browser, stage.address);
  await page.locator("[data-step=token][data-state=seen]").waitFor();
  expect(await page.locator("#arrows [data-state=idle]").count()).toBe(6);

  // What lights up, in the order in which it does.
  await page.evaluate(() => {
    const lit = ((globalThis as unknown as { lit: string[] }).lit = []) as string[];
    new MutationObserver((records) => {
      for (const { target } of records) {
        const { step = "", state } = (target as HTMLElement).dataset;
        if (state === "now" && !lit.includes(step)) lit.push(step);
      }
    }).observe(document.getElementById("arrows") as HTMLElement, { subtree: true, attributeFilter: ["data-state"] });
  });
  await pay();
  await reads("Payment successful");
  await page.getByText("7 of 7 steps. Paid").waitFor({ state: "attached" });
  const lit = await page.evaluate(() => (globalThis as unknown as { lit: string[] }).lit);
  // The page and the shop learn of it at the same time.
  expect(lit.slice(0, 4)).toEqual(IN_ORDER.slice(1, 5));
  expect(lit.slice(4).sort()).toEqual(["notified", "state"]);

  const chosen = page.locator("#chosen");
  await page.getByRole("button", { name: "Signed request" }).focus();
  await page.keyboard.press("Enter");
  const signed = (await chosen.textContent()) ?? "";
  expect(signed).toContain("x-jws-signature: ey");
  expect(signed).toContain('"profile_id": "demo-1.pays"');
  await page.getByRole("button", { name: "On a click: the token" }).click();
  await chosen.getByText("authorization: Bearer ey").waitFor();
  const clicked = (await chosen.textContent()) ?? "";
  expect(clicked).toContain("(left out)");
  await page.getByRole("button", { name: "Signed notification" }).click();
  await chosen.getByText("webhook-signature: v1,").waitFor();
  const notified = (await chosen.textContent()) ?? "";
  expect(notified).toContain('"type": "charge.succeeded"');
  for (const key of Object.values(stage.keys)) expect(signed + clicked + notified).not.toContain(key);

  expect(await a11yViolations(page)).toEqual([]);
  expect(complaints).toEqual([]);
});

repeatedTest("a reload shows what happened at once, and another order begins with an empty picture", async () => {
  const { page, pay, reads } = await openStorefront(browser, stage.address);
  await pay();
  await reads("Payment successful");
  await page.reload();
  for (const step of ["state", "notified"]) await page.locator(`[data-step=${step}][data-state=seen]`).waitFor();
  expect(await page.locator("#arrows [data-state=idle]").count()).toBe(0);
  await page.getByRole("button", { name: "New order" }).click();
  await page.locator("[data-step=state][data-state=idle]").waitFor();
});
