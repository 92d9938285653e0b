// npm run screenshots: writes pictures of the demo to docs/screenshots and docs/storefront.png.
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright";
import { chromium } from "playwright";
import sharp from "sharp";
import { CHROMIUM_FLAGS, findChromium } from "./chromium.ts";
import { startDemo } from "./demo-process.ts";
import { ROOT } from "./run.ts";

const FOLDER = join(ROOT, "docs/screenshots");
const LANGUAGES = ["kk", "ru", "en"] as const;
const THEMES = ["light", "dark"] as const;
const WIDTHS = { wide: 1200, narrow: 390 } as const;
/** Maximum size of a picture in bytes, so that a clone stays small. */
const LIMIT = 120_000;
/** A screenshot is mostly plain areas and text, so that 256 colours without dither look the same at less than half of the size. */
const PALETTE = { palette: true, dither: 0, effort: 10 } as const;
const ELEMENT_STATES = "ready,processing,unconfirmed,succeeded,failed: insufficient_funds";

async function withPage(
  browser: Browser,
  options: BrowserContextOptions,
  url: string,
  shoot: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  try {
    const page = await context.newPage();
    await page.goto(url);
    await shoot(page);
  } finally {
    await context.close();
  }
}

async function save(name: string, screenshot: Promise<Buffer>): Promise<void> {
  const path = join(FOLDER, `${name}.png`);
  const png = await sharp(await screenshot)
    .png(PALETTE)
    .toBuffer();
  await writeFile(path, png);
  console.log(`${relative(ROOT, path)}  ${Math.ceil(png.length / 1000)} kB`);
  if (png.length <= LIMIT) return;
  console.error(`${name}.png is larger than ${LIMIT / 1000} kB`);
  process.exitCode = 1;
}

/** A part of a page in full width. */
async function shootAround(page: Page, selector: string): Promise<Buffer> {
  await page.evaluate(() => scrollTo(0, 0));
  const box = await page.locator(selector).boundingBox();
  if (box === null) throw new Error(`The page shows no ${selector}`);
  const width = page.viewportSize()?.width ?? box.width;
  return page.screenshot({ fullPage: true, clip: { x: 0, y: box.y, width, height: box.height } });
}

/** Waits until every step of a paid charge has been shown. */
async function allSeen(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    [...document.querySelectorAll<HTMLElement>("#arrows [data-step]")].every(({ dataset }) => dataset["state"] === "seen"),
  );
}

/** The whole storefront page after a paid charge, with the live picture. */
async function storefronts(browser: Browser, address: string): Promise<void> {
  for (const [width, pixels] of Object.entries(WIDTHS))
    for (const colorScheme of THEMES)
      for (const language of LANGUAGES)
        await withPage(browser, { colorScheme, viewport: { width: pixels, height: 800 } }, `${address}/?lang=${language}`, async (page) => {
          await page.locator("freedom-pay-charge[status=ready]").waitFor();
          await page.locator("freedom-pay-charge").getByRole("button").click();
          await allSeen(page);
          await save(`storefront-${width}-${colorScheme}-${language}`, page.screenshot({ fullPage: true }));
        });
  await copyFile(join(FOLDER, "storefront-wide-light-en.png"), join(ROOT, "docs/storefront.png"));
}

/** One step of a charge with its headers and bodies. */
async function step(browser: Browser, address: string): Promise<void> {
  await withPage(browser, { viewport: { width: 1200, height: 800 } }, `${address}/?lang=en`, async (page) => {
    await page.locator("freedom-pay-charge[status=ready]").waitFor();
    await page.locator("freedom-pay-charge").getByRole("button").click();
    await allSeen(page);
    await page.locator("[data-step=signed] button").click();
    await page.mouse.move(0, 0);
    await save("signed-request", shootAround(page, "section.live"));
  });
}

/** Waits until every element of the gallery shows its state. */
async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    [...document.querySelectorAll<HTMLElement>("[data-exhibit]")].every(
      (exhibit) => exhibit.querySelector("freedom-pay-charge")?.getAttribute("status") === exhibit.dataset["exhibit"]?.split(/[: ]/)[0],
    ),
  );
}

async function gallery(browser: Browser, address: string): Promise<void> {
  const viewport = { width: 1200, height: 1500 };
  await withPage(browser, { viewport }, `${address}/gallery?lang=en&states=ready,unconfirmed`, async (page) => {
    await settled(page);
    await save("gallery", page.screenshot({ fullPage: true }));
  });
  for (const theme of THEMES)
    for (const language of LANGUAGES) {
      const address320 = `${address}/gallery?lang=${language}&show=${language}&theme=${theme}&states=${encodeURIComponent(ELEMENT_STATES)}`;
      await withPage(browser, { colorScheme: theme, viewport: { width: 320, height: 800 } }, address320, async (page) => {
        await settled(page);
        await save(`element-320-${theme}-${language}`, shootAround(page, "#states"));
      });
    }
}

const executablePath = findChromium();
await mkdir(FOLDER, { recursive: true });
const demo = await startDemo();
try {
  const browser = await chromium.launch({ args: [...CHROMIUM_FLAGS], ...(executablePath === null ? {} : { executablePath }) });
  try {
    await storefronts(browser, demo.address);
    await step(browser, demo.address);
    await gallery(browser, demo.address);
  } finally {
    await browser.close();
  }
} finally {
  await demo.end();
}
