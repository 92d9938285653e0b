import type { Browser, Page } from "playwright";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { ChargeStatus, FailureCategory } from "../../src/edge-api.ts";
import type { FreedomPayCharge } from "../../widget/freedom-pay-charge.ts";
import { WORDS } from "../../widget/locale.ts";
import { messageOf } from "../../widget/message.ts";
import { chargeOf, failedCharge } from "../widget/charges.ts";
import { tokenOf } from "../widget/tokens.ts";
import type { ElementPage } from "./element-page.ts";
import { openElementPage } from "./element-page.ts";
import { launchChromium } from "./storefront-page.ts";

let browser: Browser;
let place: ElementPage | undefined;

beforeAll(async () => {
  browser = await launchChromium();
});

afterEach(async () => {
  await place?.close();
  place = undefined;
});

afterAll(async () => {
  await browser?.close();
});

/** The policy that a page needs for the element, and no exception in it; scripts that take text are barred altogether. */
const strict = (edge: string): string =>
  `default-src 'none'; script-src 'self' ${edge}; style-src 'self'; connect-src ${edge}; require-trusted-types-for 'script'; trusted-types 'none'`;

const token = (orderId: string): string =>
  tokenOf({
    iat: 1_700_000_000,
    exp: 1_700_001_800,
    charge: { order_id: orderId, amount: 1234.5, currency: "KZT", description: "Month of tea", card: { brand: "visa", last4: "4242" } },
  });

const tag = (edge: string): string =>
  `<script type="module" src="${edge}/v1/freedom-pay-charge.js"></script><freedom-pay-charge token="${token("1234")}"></freedom-pay-charge>`;

/** Loads the element when a test says so: a test's own `import()` would not survive being sent to the page. */
const loader = "<script>globalThis.load = (edge) => import(edge + '/v1/freedom-pay-charge.js');</script>";

declare global {
  var load: (edge: string) => Promise<unknown>;
  var shifted: number;
}

async function visit(body: (edge: string) => string, policy?: (edge: string) => string): Promise<{ page: Page; complaints: string[] }> {
  place = await openElementPage(body, policy);
  const page = await (await browser.newContext()).newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(place.page);
  return { page, complaints };
}

test("under a strict policy and Trusted Types it shows itself, reads its state once, pays, and leaves nothing behind", async () => {
  const { page, complaints } = await visit(tag, strict);
  await page.locator("freedom-pay-charge[status=ready]").waitFor();
  const button = page.getByRole("button", { name: "Pay ₸1,234.50" });
  expect(await button.evaluate((node) => getComputedStyle(node).backgroundColor)).toBe("rgb(5, 85, 50)");
  await page.waitForTimeout(500);
  expect(place?.asked).toEqual(["GET /v1/freedom-pay-charge.js", "GET /v1/charges/1234"]);
  await button.click();
  await page.getByText("Payment successful").waitFor();
  expect(place?.asked.slice(2)).toEqual(["POST /v1/charges"]);
  expect(complaints).toEqual([]);
  expect(await page.context().cookies()).toEqual([]);
  expect(await page.evaluate(() => [localStorage.length, sessionStorage.length])).toEqual([0, 0]);
});

test("a policy that bars the edge is felt: the test above would notice", async () => {
  const { complaints } = await visit(tag, () => strict("https://another-edge.example"));
  expect(complaints.join()).toContain("Content Security Policy");
});

test("of two tabs that are clicked one after the other one sends, and both come to the same end", async () => {
  const { page } = await visit(tag, strict);
  const other = await page.context().newPage();
  await other.goto(place?.page ?? "");
  if (place) place.postTakes = 1500;
  for (const tab of [page, other]) await tab.locator("freedom-pay-charge[status=ready]").waitFor();
  for (const tab of [page, other]) {
    await tab.bringToFront();
    await tab.getByRole("button", { name: /^Pay/ }).click();
  }
  for (const tab of [page, other]) await tab.getByText("Payment successful").waitFor();
  expect(place?.asked.filter((call) => call.startsWith("POST"))).toHaveLength(1);
});

test("what was set before the definition, and attributes that change later, are taken", async () => {
  const { page } = await visit(() => `${loader}<freedom-pay-charge></freedom-pay-charge>`);
  const attributes = await page.evaluate(
    async ([edge, charge]) => {
      const element = document.querySelector("freedom-pay-charge") as FreedomPayCharge;
      Object.assign(element, { token: charge, locale: "kk", theme: "dark", disabled: true });
      await load(edge);
      await element.updateComplete;
      const first = [element.getAttribute("theme"), element.hasAttribute("disabled"), element.token === charge, element.locale];
      element.removeAttribute("disabled");
      element.setAttribute("theme", "light");
      element.setAttribute("locale", "ru");
      await element.updateComplete;
      return [...first, element.disabled, element.theme, element.locale];
    },
    [place?.edge ?? "", token("1234")] as const,
  );
  expect(attributes).toEqual(["dark", true, true, "kk", false, "light", "ru"]);
  await page.getByRole("button", { name: /^Оплатить/ }).waitFor();
});

test("every status and every failure is said as the modules say it, in every language", async () => {
  const { page } = await visit(tag);
  const statuses: ChargeStatus[] = ["processing", "unconfirmed", "authorized", "succeeded", "closed", "reversed", "refunded"];
  const categories = Object.keys(WORDS.en).slice(
    Object.keys(WORDS.en).indexOf("insufficient_funds"),
    Object.keys(WORDS.en).indexOf("gateway_unavailable") + 1,
  ) as FailureCategory[];
  const charges = [
    ...statuses.map((status) => chargeOf({ order_id: status, status, attempt: 1 })),
    ...categories.map((category) => failedCharge(category, "later", { order_id: category })),
    ...(["now", "other_card", "new_profile", "bank", "none"] as const).map((retry) =>
      failedCharge("declined", retry, { order_id: `retry_${retry}` }),
    ),
  ];
  for (const charge of charges) place?.charges.set(charge.order_id, charge);
  for (const locale of ["kk", "ru", "en"] as const) {
    const said = await page.evaluate(
      async ([orders, language]) => {
        const found: string[] = [];
        for (const [status, charge] of orders) {
          const element = document.createElement("freedom-pay-charge");
          Object.assign(element, { token: charge, locale: language });
          document.body.append(element);
          while (element.getAttribute("status") !== status) await new Promise((resolve) => setTimeout(resolve, 5));
          await element.updateComplete;
          const text = (part: string): string => element.shadowRoot?.querySelector(`[part=${part}]`)?.textContent ?? "";
          found.push(`${text("title")} / ${text("note")}`);
          element.remove();
        }
        return found;
      },
      [charges.map(({ order_id, status }) => [status, token(order_id)] as const), locale] as const,
    );
    const meant = charges.map((charge) => {
      const { title, note } = messageOf({ status: charge.status, charge, token: null, trouble: null, patience: 0 }, locale);
      return `${title} / ${note}`;
    });
    expect(said).toEqual(meant);
  }
});

test("definition and first render take 50 ms at most on a CPU four times slower, and nothing on the page moves", async () => {
  const times: number[] = [];
  // What another process does to the machine only ever makes it slower: the best of five is nearest the truth.
  for (let round = 0; round < 5; round += 1) {
    const { page } = await visit(
      (edge) =>
        `${loader}<style>freedom-pay-charge{display:block;min-height:20rem}</style>
        <link rel="modulepreload" crossorigin="anonymous" href="${edge}/v1/freedom-pay-charge.js">
        <freedom-pay-charge token="${token("1234")}"></freedom-pay-charge><p>below</p>`,
    );
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    await page.evaluate(() => {
      globalThis.shifted = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) globalThis.shifted += (entry as PerformanceEntry & { value: number }).value;
      }).observe({ type: "layout-shift", buffered: true });
    });
    const atWork = async (): Promise<number> => {
      const { metrics } = await session.send("Performance.getMetrics");
      const of = (name: string): number => (metrics.find((metric) => metric.name === name)?.value ?? 0) * 1000;
      return of("ScriptDuration") + of("LayoutDuration") + of("RecalcStyleDuration");
    };
    const before = await atWork();
    await page.evaluate(async (edge) => {
      await load(edge);
      const element = document.querySelector("freedom-pay-charge") as FreedomPayCharge;
      await element.updateComplete;
      element.getBoundingClientRect();
    }, place?.edge ?? "");
    times.push((await atWork()) - before);
    await page.locator("freedom-pay-charge[status=ready]").waitFor();
    expect(await page.evaluate(() => globalThis.shifted)).toBe(0);
    await page.context().close();
    await place?.close();
  }
  console.log(`definition and first render at a quarter of the speed, in ms: ${times.map((time) => time.toFixed(0)).join(" ")}`);
  expect(Math.min(...times)).toBeLessThanOrEqual(50);
});

test("a thousand elements that come and go leave no node, no listener and no memory", async () => {
  const { page } = await visit(tag);
  await page.locator("freedom-pay-charge[status=ready]").waitFor();
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const comeAndGo = (times: number): Promise<void> =>
    page.evaluate(
      async ([count, charge]) => {
        for (let round = 0; round < count; round += 1) {
          const element = document.createElement("freedom-pay-charge");
          element.setAttribute("token", charge);
          document.body.append(element);
          await element.updateComplete;
          element.remove();
          await element.updateComplete;
        }
        await new Promise((resolve) => setTimeout(resolve, 300));
      },
      [times, token("1234")] as const,
    );
  const measure = async (): Promise<Record<string, number>> => {
    for (let round = 0; round < 3; round += 1) await session.send("HeapProfiler.collectGarbage");
    const { metrics } = await session.send("Performance.getMetrics");
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  };
  await comeAndGo(100);
  const before = await measure();
  await comeAndGo(1000);
  const after = await measure();
  const grown = (name: string): number => (after[name] ?? 0) - (before[name] ?? 0);
  console.log(`after a thousand: ${grown("JSHeapUsedSize")} bytes, ${grown("Nodes")} nodes, ${grown("JSEventListeners")} listeners more`);
  expect(grown("Nodes")).toBeLessThan(50);
  expect(grown("JSEventListeners")).toBeLessThan(20);
  expect(grown("JSHeapUsedSize")).toBeLessThan(300_000);
});
