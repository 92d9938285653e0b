/**
 * The shops of the documentation in a browser, with the edge and the simulated gateway: README.md's, as it stands and with a profile of the
 * Merchant API, and that of docs/first-payment.md.
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Browser } from "playwright";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { EdgeProcess } from "../../demo/edge-process.ts";
import { startEdge } from "../../demo/edge-process.ts";
import type { DemoGateway } from "../../demo/gateway.ts";
import { startGateway } from "../../demo/gateway.ts";
import { codeBlocks } from "../docs/code-block.ts";
import { installPackage } from "../docs/installed-package.ts";
import { freePort } from "../process/free-port.ts";
import { launchChromium } from "./storefront-page.ts";
import { repeatedTest } from "../repeated-test.ts";

const MERCHANT = { merchantId: "500000", secretKey: "test-secret-of-the-gateway" };
const KEYS = {
  CHARGE_TOKEN_KEY: "test-secret-charge-token-key-0123456789abcdef",
  EDGE_API_KEY: "test-secret-edge-api-key-0123456789abcdef",
};

let folder: string;
let port: number;
let gateway: DemoGateway;
let edge: EdgeProcess;
let browser: Browser;
let shop: ChildProcess | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "readme-shop-"));
  installPackage(folder);
  port = await freePort();
  gateway = await startGateway({ ...MERCHANT, onExchange: () => {} });
  [edge, browser] = await Promise.all([
    startEdge({
      ...KEYS,
      FREEDOM_PAY_URL: gateway.origin,
      FREEDOM_PAY_MERCHANT_ID: MERCHANT.merchantId,
      FREEDOM_PAY_SECRET_KEY: MERCHANT.secretKey,
      CALLBACK_KEY: "test-secret-callback-key-0123456789abcdef",
      ALLOWED_ORIGINS: `http://localhost:${port}`,
    }),
    launchChromium(),
  ]);
});

afterEach(async () => {
  if (shop === undefined || shop.exitCode !== null) return;
  const ended = once(shop, "exit");
  shop.kill();
  await ended;
});

afterAll(async () => {
  await browser?.close();
  await edge?.close();
  await gateway?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The one code block of a page with this text. */
function blockOf(page: string, text: string): string {
  const [code = "", ...others] = codeBlocks(page, "js").filter((one) => one.includes(text));
  expect([code !== "", others.length]).toEqual([true, 0]);
  return code;
}

const readmeShop = (): string => blockOf("README.md", "createServer(async");

/** Starts a shop's code at this test's addresses instead of the README's. */
async function open(code: string): Promise<string> {
  const origin = `http://localhost:${port}`;
  const file = join(folder, "shop.mjs");
  const addresses = { "http://localhost:8787": edge.origin, "http://localhost:3000": origin, "listen(3000": `listen(${port}` };
  writeFileSync(
    file,
    Object.entries(addresses).reduce((text, [was, is]) => text.replaceAll(was, is), code),
  );
  shop = spawn(process.execPath, [file], { env: { PATH: process.env["PATH"], ...KEYS }, stdio: ["ignore", "pipe", "inherit"] });
  if (shop.stdout === null) throw new Error("It says nothing");
  await once(createInterface(shop.stdout), "line");
  return origin;
}

/** A shopper presses the button, and follows the shop's link once the payment has succeeded. @returns the order, and what the shop says */
async function buy(origin: string): Promise<{ readonly order: string; readonly says: string | null }> {
  const page = await (await browser.newContext({ locale: "en-GB" })).newPage();
  await page.goto(origin);
  await page.getByRole("button", { name: /^Pay / }).click();
  await page.getByText("Payment successful").waitFor();
  await page.getByRole("link", { name: "Paid?" }).click();
  await page.waitForURL(/\/paid\?/);
  const answer = { order: new URL(page.url()).searchParams.get("order") ?? "", says: await page.locator("body").textContent() };
  await page.context().close();
  return answer;
}

/** The creates of an order that came to the gateway: v5's action, or the path of the Merchant API. */
function createsOf(order: string): readonly string[] {
  return gateway.simulator.log.entries
    .filter(({ what, body }) => what === "request" && body.includes(order))
    .map(({ url, headers }) => headers["x-action"] ?? url ?? "")
    .filter((name) => name === "gateway.payment.create" || name === "/make_recurring_payment.php");
}

/** The API of each attempt, as the merchant's server reads it. */
async function apisOf(order: string): Promise<readonly string[]> {
  const read = await fetch(`${edge.origin}/v1/charges/${order}`, { headers: { Authorization: `Bearer ${KEYS.EDGE_API_KEY}` } });
  const { attempts } = (await read.json()) as { readonly attempts: readonly { readonly api: string }[] };
  return attempts.map(({ api }) => api);
}

test("the README's shop pays as it stands, by v5", async () => {
  const { order, says } = await buy(await open(readmeShop()));
  expect([says, createsOf(order), await apisOf(order)]).toEqual(["paid", ["gateway.payment.create"], ["async"]]);
});

repeatedTest("the README's shop pays with a digit profile by changing one line, by the Merchant API of the same gateway", async () => {
  const code = readmeShop();
  const changed = code.replace('"card.later-3"', '"60144557"');
  const lines = changed.split("\n");
  expect(code.split("\n").filter((line, index) => line !== lines[index])).toHaveLength(1);
  const { order, says } = await buy(await open(changed));
  expect([says, createsOf(order), await apisOf(order)]).toEqual(["paid", ["/make_recurring_payment.php"], ["merchant"]]);
  expect(gateway.simulator.totalsOf(order)).toMatchObject({ taken: 499_000 });
});

test("the shop of docs/first-payment.md: a new card on the simulated page, then the next order by one press", async () => {
  writeFileSync(join(folder, "profile-to-attach.mjs"), blockOf("docs/first-payment.md", "export function profileToAttach"));
  const origin = await open(blockOf("docs/first-payment.md", "createServer(async"));
  const page = await (await browser.newContext({ locale: "en-GB" })).newPage();
  await page.goto(origin);
  await page.getByText("Card details are entered on Freedom Pay's page").waitFor();
  await page.getByRole("button", { name: /^Pay / }).click();
  await page.waitForURL(/\/pay\.html\?/);
  await page.locator('input[value="pays"]').check();
  await page.locator('button[value="pay"]').click();
  await page.waitForURL(/\/orders\/order-\d+$/);
  const order = new URL(page.url()).pathname.slice("/orders/".length);
  await expect
    .poll(async () => {
      await page.reload();
      return page.locator("body").textContent();
    })
    .toBe("Paid. Buy again with the card ending in 1111");
  await page.getByRole("link", { name: "Buy again" }).click();
  await page.getByRole("button", { name: /^Pay / }).click();
  await page.getByText("Payment successful").waitFor();
  await page.getByRole("link", { name: "Paid?" }).click();
  await page.getByText("Paid. Buy again with the card ending in 1111").waitFor();
  const next = new URL(page.url()).pathname.slice("/orders/".length);
  expect([gateway.simulator.totalsOf(order).taken, gateway.simulator.totalsOf(next).taken]).toEqual([499_000, 499_000]);
  expect(createsOf(next)).toEqual(["/make_recurring_payment.php"]);
  await page.context().close();
});
