import type { Browser } from "playwright";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Apis } from "../../scripts/element-browsers.ts";
import { YOUNGER_APIS } from "../../scripts/element-browsers.ts";
import { LONG } from "../length.ts";
import { tokenOf } from "../widget/tokens.ts";
import type { ElementPage } from "./element-page.ts";
import { openElementPage } from "./element-page.ts";
import { FIRST_ENGINE } from "./engines.ts";

const token = tokenOf({
  iat: 1_700_000_000,
  exp: 1_700_001_800,
  charge: { order_id: "1234", amount: 1234.5, currency: "KZT", description: "Month of tea", card: { brand: "visa", last4: "4242" } },
});

const NONCE = "r4nd0m";

const tag = (edge: string): string =>
  `<script nonce="${NONCE}">globalThis.litNonce = "${NONCE}";</script><script type="module" src="${edge}/v1/freedom-pay-charge.js"></script><freedom-pay-charge token="${token}"></freedom-pay-charge>`;

/** A page with a policy gives its styles a nonce, where they are a style element. */
const policy = (edge: string): string =>
  `default-src 'none'; script-src 'nonce-${NONCE}' ${edge}; style-src 'nonce-${NONCE}'; connect-src ${edge}`;

/** All at once; at length also each by itself, as test/widget/missing-apis.browser.test.ts has it for the modules. */
const LACKS = [...(LONG ? YOUNGER_APIS.map((apis) => [apis]) : []), YOUNGER_APIS].map(
  (apis) => [Object.values(apis.map(namesOf)).join(", "), apis] as const,
);

function namesOf(apis: Apis): string {
  return Object.entries(apis)
    .map(([owner, names]) => `${owner}.${names.join("/")}`)
    .join(", ");
}

describe.each(FIRST_ENGINE)("in $name", ({ launch }) => {
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

  test.each(LACKS)("without %s the script-tag file shows itself, styled, and pays", async (_what, lacking) => {
    place = await openElementPage(tag, policy);
    const context = (await browser?.newContext()) ?? expect.fail("no browser");
    await context.addInitScript((lacks: readonly Apis[]) => {
      for (const [path, names] of lacks.flatMap(Object.entries<readonly string[]>)) {
        let owner: object = globalThis;
        for (const step of path.split(".")) owner = Reflect.get(owner, step) as object;
        for (const name of names) {
          // Where it is inherited: from the object's own prototypes.
          for (let at: object | null = owner; at !== null; at = Reflect.getPrototypeOf(at)) Reflect.deleteProperty(at, name);
          if (Reflect.has(owner, name)) throw new Error(`${path}.${name} is still there`);
        }
      }
    }, lacking);
    const page = await context.newPage();
    const complaints: string[] = [];
    // Firefox asks for the page's icon, which the policy bars.
    page.on("pageerror", ({ message }) => message.includes("/favicon.ico") || complaints.push(message));
    await page.goto(place.page);
    await page.locator("freedom-pay-charge[status=ready]").waitFor();
    const button = page.locator("freedom-pay-charge").getByRole("button");
    expect(await button.evaluate((node) => getComputedStyle(node).backgroundColor)).toBe("rgb(5, 85, 50)");
    await button.click();
    await page.locator("freedom-pay-charge[status=succeeded]").waitFor();
    expect(place.keys).toHaveLength(1);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
