import type { Browser, Page } from "playwright";
import { chromium } from "playwright";
import { CHROMIUM_FLAGS, findChromium } from "../../scripts/chromium.ts";
import { TEST_LIMIT, WAIT_LIMIT } from "../../scripts/timeouts.ts";
import { isDeployed } from "../deploy/deployed-edge.ts";

/** The browser of these tests, as `npm test` found it. It keeps pages that were left, as a shopper's does and Playwright's by itself does not. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  return patient(
    await chromium.launch({
      args: [...CHROMIUM_FLAGS, ...(isDeployed ? ["--ignore-certificate-errors"] : [])],
      ignoreDefaultArgs: ["--disable-back-forward-cache"],
      timeout: TEST_LIMIT,
      ...(executablePath === null ? {} : { executablePath }),
    }),
  );
}

/** Lets a browser's pages take the time that a slow machine needs. */
export function patient(browser: Browser): Browser {
  const open = browser.newContext.bind(browser);
  browser.newContext = async (options) => {
    const context = await open(options);
    context.setDefaultTimeout(WAIT_LIMIT);
    return context;
  };
  return browser;
}

/** A shopper at the demo storefront, in English. */
export interface Shopper {
  readonly page: Page;
  readonly orderId: string;
  /** Origins that the page asked anything of. */
  readonly origins: ReadonlySet<string>;
  /** What the page, the element or the browser complained of. */
  readonly complaints: readonly string[];
  pick(card: string): Promise<void>;
  pay(): Promise<void>;
  /** Waits until the element says so. */
  reads(text: string): Promise<void>;
}

/** Opens the storefront in a browser of her own and waits until the order can be paid. */
export async function openStorefront(browser: Browser, address: string): Promise<Shopper> {
  const context = await browser.newContext({ locale: "en-GB" });
  const page = await context.newPage();
  const origins = new Set<string>();
  const complaints: string[] = [];
  page.on("request", (request) => origins.add(new URL(request.url()).origin));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(address);
  const payButton = page.getByRole("button", { name: /^Pay / });
  await payButton.waitFor();
  const order =
    (await page
      .locator("freedom-pay-charge")
      .getByText(/^Order no\. /)
      .textContent()) ?? "";
  return {
    page,
    orderId: order.replace("Order no. ", ""),
    origins,
    complaints,
    pick: async (card) => {
      const token = page.waitForResponse((response) => response.url().endsWith("/token"));
      await page.getByRole("radio", { name: card }).check();
      await token;
      await payButton.waitFor();
    },
    pay: () => payButton.click(),
    reads: (text) => page.locator("freedom-pay-charge").getByText(text).first().waitFor(),
  };
}
