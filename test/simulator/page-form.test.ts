/** What a payment page answers to browsers that do not keep to its form. Nothing is paid, and each gets a page with a clear sentence. */
import { describe, expect, test } from "vitest";
import { startGateway } from "../../demo/gateway.ts";
import { buildMerchantRequest, createMerchantGateway } from "../../src/merchant-api/client.ts";
import * as calls from "../../src/merchant-api/calls.ts";
import type { Simulator } from "../../src/simulator/index.ts";
import { freshId, MERCHANT, SECRET } from "./gateway-calls.ts";
import { stateOf } from "./merchant-shop.ts";
import type { Shown } from "./page-shopper.ts";
import { openPage, PAGE, post, press, tokenIn, visit } from "./page-shopper.ts";
import { simulator } from "./simulated-gateway.ts";

interface Visited {
  readonly gateway: Simulator;
  readonly url: string;
  readonly html: string;
}

async function visited(): Promise<Visited> {
  const { gateway } = simulator();
  const { url } = await openPage(gateway);
  return { gateway, url, html: (await visit(gateway, url)).html };
}

const formOf = ({ html }: Visited, more: string): string => `form=${tokenIn(html)}&${more}`;

const NOT_UNDERSTOOD = "The form was not understood. Nothing was paid.";

const REFUSED: readonly (readonly [string, (page: Visited) => string, number, string])[] = [
  ["an empty body", () => "", 400, NOT_UNDERSTOOD],
  ["no step", (page) => formOf(page, "card=visa"), 400, NOT_UNDERSTOOD],
  ["an unknown step", (page) => formOf(page, "step=steal"), 400, NOT_UNDERSTOOD],
  ["a doubled step", (page) => formOf(page, "step=leave&step=pay"), 400, NOT_UNDERSTOOD],
  ["a doubled token", (page) => formOf(page, `form=${tokenIn(page.html)}&step=pay`), 400, NOT_UNDERSTOOD],
  ["a doubled card", (page) => formOf(page, "step=pay&card=visa&card=amex"), 400, NOT_UNDERSTOOD],
  ["an unknown card", (page) => formOf(page, "step=pay&card=4111111111111111"), 400, NOT_UNDERSTOOD],
  ["an unknown outcome", (page) => formOf(page, "step=pay&outcome=hold"), 400, NOT_UNDERSTOOD],
  ["a card number", (page) => formOf(page, "step=pay&pan=4111111111111111&cvc=123"), 400, NOT_UNDERSTOOD],
  ["a member named like a part of every object", (page) => formOf(page, "step=pay&__proto__=1&constructor=1"), 400, NOT_UNDERSTOOD],
  ["keywords that are markup", (page) => formOf(page, `step=pay&keywords=${encodeURIComponent("<script>")}`), 400, NOT_UNDERSTOOD],
  ["too many keywords", (page) => formOf(page, `step=pay&keywords=${"a".repeat(201)}`), 400, NOT_UNDERSTOOD],
  ["10,000 members", (page) => formOf(page, `step=pay${"&a=".repeat(5_000)}`), 400, NOT_UNDERSTOOD],
  ["1 MiB", (page) => formOf(page, `step=pay&keywords=${"a".repeat(2 ** 20)}`), 413, "The form is too large."],
  ["more than any form", (page) => formOf(page, `step=pay&keywords=${"a".repeat(17_000)}`), 413, "The form is too large."],
  ["no token", () => "step=pay", 403, "This form belongs to another page."],
  ["a token of nobody", () => `form=${"0".repeat(32)}&step=pay`, 403, "This form belongs to another page."],
  ["an unknown keyword", (page) => formOf(page, "step=pay&keywords=payz"), 422, "The simulator has no such keyword for a page."],
  ["a keyword about calls", (page) => formOf(page, "step=pay&keywords=lost-after"), 422, "The simulator has no such keyword for a page."],
  [
    "a keyword about another day",
    (page) => formOf(page, "step=pay&keywords=old-paid"),
    422,
    "The simulator has no such keyword for a page.",
  ],
];

async function expectNothingPaid({ gateway, url }: Visited, shown: Shown): Promise<void> {
  expect(shown.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(shown.html).not.toContain("4111");
  expect(await stateOf(gateway)).toMatchObject({ pg_payment_status: "new" });
  expect((await visit(gateway, url)).html).toContain('name="step" value="pay"');
}

describe("a form with", () => {
  test.each(REFUSED)("%s is refused", async (_, bodyOf, status, sentence) => {
    const page = await visited();
    const shown = await post(page.gateway, page.url, bodyOf(page));
    expect(shown).toMatchObject({ status, html: expect.stringContaining(sentence) });
    await expectNothingPaid(page, shown);
  });

  test("the token of another page is refused", async () => {
    const page = await visited();
    const other = await openPage(page.gateway, { order_id: "1235" });
    const shown = await press(page.gateway, page.url, (await visit(page.gateway, other.url)).html, { step: "pay" });
    expect(shown).toMatchObject({ status: 403, html: expect.stringContaining("This form belongs to another page.") });
    await expectNothingPaid(page, shown);
  });

  test.each([
    ["JSON", "application/json", '{"step":"pay"}'],
    ["several parts", "multipart/form-data; boundary=x", "--x--"],
    ["no type", "", "step=pay"],
  ])("%s is refused", async (_, type, body) => {
    const page = await visited();
    const request = new Request(page.url, { method: "POST", headers: { "content-type": type }, body });
    const response = await page.gateway.fetch(request);
    expect(response.status).toBe(415);
    expect(await response.text()).toContain(NOT_UNDERSTOOD);
  });

  test("bytes that are not UTF-8 is refused", async () => {
    const page = await visited();
    const body = new Uint8Array([...new TextEncoder().encode(formOf(page, "step=pay&keywords=")), 0xff]);
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const response = await page.gateway.fetch(new Request(page.url, { method: "POST", headers, body }));
    expect(response.status).toBe(400);
  });
});

describe("an address", () => {
  test.each([
    ["without a key", ""],
    ["with another key", "?customer=1000000001.00000000000000000000000000000000"],
    ["with an id alone", "?customer=1000000001"],
    ["with a part of an object", "?customer=__proto__.x"],
  ])("%s is no page", async (_, query) => {
    const { gateway } = await visited();
    expect(await visit(gateway, `http://127.0.0.1:8080/pay.html${query}`)).toMatchObject({
      status: 404,
      html: expect.stringContaining("There is no such payment page."),
    });
  });

  test("with two keys is no page, whichever comes first", async () => {
    const { gateway, url } = await visited();
    expect((await visit(gateway, `${url}&customer=x`)).status).toBe(404);
    expect((await visit(gateway, url.replace("?", "?customer=x&"))).status).toBe(404);
  });

  test.each([
    ["kk-KZ,ru;q=0.8", "Мұндай төлем беті жоқ."],
    ["ru", "Такой платёжной страницы нет."],
    ["de", "There is no such payment page."],
  ])("that is no page says so in the language of the browser: %s", async (language, words) => {
    const { gateway } = await visited();
    expect((await visit(gateway, "http://127.0.0.1:8080/pay.html", { "accept-language": language })).html).toContain(words);
  });

  test("answers only GET and POST", async () => {
    const { gateway, url } = await visited();
    expect((await gateway.fetch(new Request(url, { method: "DELETE" }))).status).toBe(405);
  });
});

test("an outage breaks the connection, and the page is there again afterwards", async () => {
  const { gateway, time } = simulator();
  const { url } = await openPage(gateway);
  gateway.startOutage(1000);
  await expect(visit(gateway, url)).rejects.toMatchObject({ name: "AnswerLost" });
  await time.pass(1000);
  expect((await visit(gateway, url)).status).toBe(200);
});

test("over a real connection the page is opened, paid and left", async () => {
  const paths: string[] = [];
  const demo = await startGateway({ merchantId: MERCHANT, secretKey: SECRET, onExchange: ({ path }) => paths.push(path) });
  try {
    const client = createMerchantGateway({ url: demo.origin, merchantId: MERCHANT, secretKey: SECRET });
    const answer = await (await fetch(buildMerchantRequest(client, calls.initPayment(PAGE, freshId())))).text();
    const url = /<pg_redirect_url>(.*)<\/pg_redirect_url>/.exec(answer)?.[1] ?? "";
    expect(url.startsWith(`${demo.origin}/pay.html?customer=`)).toBe(true);
    const page = await fetch(url);
    const body = new URLSearchParams({ form: tokenIn(await page.text()), step: "pay" });
    const paid = await fetch(url, { method: "POST", body, redirect: "manual" });
    expect([page.status, paid.status]).toEqual([200, 303]);
    expect(paid.headers.get("location")).toContain(PAGE.success_url ?? "");
    expect(demo.simulator.totalsOf("1234")).toMatchObject({ taken: 10_000 });
    expect(paths.map((path) => path.split("?", 1)[0])).toEqual(["/init_payment.php", "/pay.html", "/pay.html"]);
  } finally {
    await demo.close();
  }
});
