import type { Browser, Page } from "playwright";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { tokenOf } from "../widget/tokens.ts";
import type { ElementPage } from "./element-page.ts";
import { openElementPage } from "./element-page.ts";
import { FIRST_ENGINE } from "./engines.ts";
import { buildNpmEntry, NPM_ENTRY } from "./npm-build.ts";
import { LONG } from "../length.ts";
import { repeatedTest } from "../repeated-test.ts";

/** The policy that a page needs for the element, and no exception in it. */
const strict = (edge: string): string => `default-src 'none'; script-src 'self' ${edge}; style-src 'self'; connect-src ${edge}`;

/** Also, nothing takes text for a script or for markup, but the policy of Lit's templates. As docs/frameworks.md has it. */
const withTrustedTypes = (edge: string): string => `${strict(edge)}; require-trusted-types-for 'script'; trusted-types lit-html`;

const token = tokenOf({
  iat: 1_700_000_000,
  exp: 1_700_001_800,
  charge: { order_id: "1234", amount: 1234.5, currency: "KZT", description: "Month of tea", card: { brand: "visa", last4: "4242" } },
});

const tag = (edge: string): string =>
  `<script type="module" src="${edge}/v1/freedom-pay-charge.js"></script><freedom-pay-charge token="${token}"></freedom-pay-charge>`;

const npmTag = (edge: string): string =>
  `<script type="module" src="${NPM_ENTRY}"></script><freedom-pay-charge endpoint="${edge}" token="${token}"></freedom-pay-charge>`;

/** How an element comes to a page: the page's body, and what the edge is asked for its code. */
const WAYS = [
  { way: "the script-tag file", body: tag, loads: ["GET /v1/freedom-pay-charge.js"] },
  { way: "a build of the npm entry", body: npmTag, loads: [] },
] as const;

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

  async function visit(
    policy: (edge: string) => string,
    body: (edge: string) => string = tag,
  ): Promise<{ page: Page; complaints: string[]; place: ElementPage }> {
    place = await openElementPage(body, policy, body === npmTag ? await buildNpmEntry() : new Map());
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

  // What pays under the stricter policy also pays without Trusted Types.
  test.each(WAYS)(
    "$way under a strict policy and Trusted Types shows itself, reads its state once, pays, and leaves nothing behind",
    async ({ body, loads }) => {
      const { page, complaints, place } = await visit(withTrustedTypes, body);
      await page.locator("freedom-pay-charge[status=ready]").waitFor();
      const button = page.getByRole("button", { name: "Pay ₸1,234.50" });
      expect(await button.evaluate((node) => getComputedStyle(node).backgroundColor)).toBe("rgb(5, 85, 50)");
      await page.waitForTimeout(500);
      expect(place.asked).toEqual([...loads, "GET /v1/charges/1234"]);
      await button.click();
      await page.getByText("Payment successful").waitFor();
      expect(place.asked.slice(loads.length + 1)).toEqual(["POST /v1/charges"]);
      expect(complaints).toEqual([]);
      expect(await page.context().cookies()).toEqual([]);
      expect(await page.evaluate(() => [localStorage.length, sessionStorage.length])).toEqual([0, 0]);
    },
  );

  test.each(LONG ? WAYS : WAYS.slice(0, 1))("$way needs the policy that the documentation names, and no other", async ({ body }) => {
    const without = (edge: string): string => withTrustedTypes(edge).replace("trusted-types lit-html", "trusted-types 'none'");
    const { complaints } = await visit(without, body);
    await expect.poll(() => complaints.join()).toMatch(/lit-html/);
  });

  test("a policy that bars the edge is felt: the tests above would notice", async () => {
    const { complaints } = await visit(() => strict("https://another-edge.example"));
    await expect.poll(() => complaints.join()).toMatch(/violates the following.* directive.*script-src/);
  });

  repeatedTest("Trusted Types are felt: a page that writes markup from text is stopped", async () => {
    const { page } = await visit(withTrustedTypes);
    const written = page.evaluate(() => {
      document.body.innerHTML = "<b>text</b>";
    });
    await expect(written).rejects.toThrow(/TrustedHTML|blocked by CSP/);
  });

  repeatedTest("two tabs that are pressed one after the other are one attempt, and both come to the same end", async () => {
    const { page, place } = await visit(withTrustedTypes);
    const other = await page.context().newPage();
    await other.goto(place.page);
    for (const tab of [page, other]) await tab.locator("freedom-pay-charge[status=ready]").waitFor();
    place.hold();
    for (const tab of [page, other]) {
      await tab.bringToFront();
      await tab.getByRole("button", { name: /^Pay/ }).click();
    }
    await expect.poll(() => place.keys.length).toBeGreaterThan(0);
    place.release();
    for (const tab of [page, other]) await tab.getByText("Payment successful").waitFor();
    // A machine that needs more than two seconds for all this sees the other tab send too: the same key, and so the same attempt.
    expect(new Set(place.keys).size).toBe(1);
  });
});
