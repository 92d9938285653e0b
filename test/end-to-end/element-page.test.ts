import type { Browser, Page } from "playwright";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { measureLeak } from "../../scripts/element-leak.ts";
import { inPage, openPlace } from "../../scripts/element-stage.ts";
import type { ChargeStatus, FailureCategory } from "../../src/edge-api.ts";
import type { FreedomPayCharge } from "../../widget/freedom-pay-charge.ts";
import { localizeAtOnce, WORDS } from "../../widget/locales/at-once.ts";
import { messageOf } from "../../widget/message.ts";
import { LONG } from "../length.ts";
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
}

async function visit(body: (edge: string) => string): Promise<{ page: Page }> {
  place = await openElementPage(body);
  const page = await (await browser.newContext()).newPage();
  await page.goto(place.page);
  return { page };
}

test("what was set before the definition, and attributes that change later, are taken", async () => {
  const { page } = await visit(() => `${loader}<freedom-pay-charge></freedom-pay-charge>`);
  const attributes = await page.evaluate(
    async ([edge, charge]) => {
      const element = document.querySelector("freedom-pay-charge") as FreedomPayCharge;
      Object.assign(element, { token: charge, locale: "kk", theme: "dark", disabled: true });
      await load(edge);
      await element.updateComplete;
      const first = [element.theme, element.hasAttribute("disabled"), element.token === charge, element.locale];
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
      const { order_id, amount, currency, card } = charge;
      const claims = { order_id, amount, currency, description: null, card, isForPage: false, savesCard: false, iat: 1_700_000_000 };
      const { title, note } = messageOf(
        {
          status: charge.status,
          charge,
          token: claims,
          pageAddress: "",
          isPageOver: true,
          error: null,
          pressError: null,
          slowNotices: 0,
          isChecking: false,
          isOffline: false,
        },
        localizeAtOnce(locale),
      );
      return `${title} / ${note}`;
    });
    expect(said).toEqual(meant);
  }
});

test("while it is defined and rendered for the first time nothing moves, and one read is all that is asked", async () => {
  const stage = await openPlace();
  try {
    const { shifted } = await inPage(browser, stage, async (tab) => {
      await tab.evaluate(() => render());
      await tab.locator("freedom-pay-charge[status=ready]").waitFor();
      // A second read, or one more request of any kind, would come by now.
      await tab.waitForTimeout(300);
      return tab.evaluate(() => noted);
    });
    expect([shifted, stage.asked]).toEqual([0, ["GET /v1/charges/1234"]]);
  } finally {
    stage.close();
  }
});

/** In every run the modules' own tests hold what an element leaves behind. */
test.each(LONG ? [1_000] : [])("%i elements that come and go leave no node, no listener and no memory", async () => {
  const { bytes, nodes, listeners } = await measureLeak(browser);
  console.log(`after a thousand: ${bytes} bytes, ${nodes} nodes, ${listeners} listeners more`);
  expect(nodes).toBeLessThan(50);
  expect(listeners).toBeLessThan(20);
  expect(bytes).toBeLessThan(300_000);
});
