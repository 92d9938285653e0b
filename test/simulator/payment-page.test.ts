/** The simulator's payment page: what the shop asks for, what the shopper does, and what the shop sees of it. */
import { describe, expect, test } from "vitest";
import * as calls from "../../src/merchant-api/calls.ts";
import { pageAddress } from "../../src/merchant-api/page-address.ts";
import { verifyFields } from "../../src/merchant-api/signature.ts";
import { DAY, freshId, SECOND, SECRET } from "./gateway-calls.ts";
import { call, settle, shopServer, stateOf, URLS } from "./merchant-shop.ts";
import { initWith, membersOf, openPage, pay, press, RETURNS, visit } from "./page-shopper.ts";
import { simulator } from "./simulated-gateway.ts";

describe("init_payment", () => {
  test("is answered with a signed address at the gateway that was called, and the status is new", async () => {
    const { gateway } = simulator();
    const { paymentId, url } = await openPage(gateway);
    expect(pageAddress(url, "http://127.0.0.1:8080")).toMatchObject({ url, host: "127.0.0.1:8080" });
    expect(paymentId).toBe("1000000001");
    expect(await stateOf(gateway)).toMatchObject({ id: paymentId, status: "new", pg_payment_status: "new", amount: "100" });
    expect(gateway.totalsOf("1234")).toEqual({ held: 0, taken: 0, refunded: 0, payments: 0 });
  });

  test("under an order_id that was used is refused with 9991, and opens no page", async () => {
    const { gateway } = simulator();
    await openPage(gateway);
    const again = await initWith(gateway, {});
    expect(again).toMatchObject({ pg_status: "error", pg_error_code: "9991" });
    expect(gateway.state.pages.size).toBe(1);
  });

  test("is answered without .php too", async () => {
    const { gateway } = simulator();
    expect(await initWith(gateway, {}, "init_payment")).toMatchObject({ pg_status: "ok", pg_redirect_url_type: "need data" });
  });

  test.each([
    ["pg_order_id", ""],
    ["pg_order_id", "x".repeat(51)],
    ["pg_amount", "0"],
    ["pg_amount", "1e3"],
    ["pg_amount", "100000000"],
    ["pg_currency", "kzt"],
    ["pg_description", ""],
    ["pg_description", "x".repeat(1025)],
    ["pg_lifetime", "299"],
    ["pg_lifetime", "604801"],
    ["pg_language", "de"],
    ["pg_auto_clearing", "true"],
    ["pg_recurring_start", "yes"],
    ["pg_recurring_lifetime", "0"],
    ["pg_recurring_lifetime", "157"],
    ["pg_user_id", "a b"],
    ["pg_user_ip", "2001:db8::1"],
    ["pg_user_phone", "call me"],
    ["pg_user_contact_email", "nobody"],
    ["pg_request_method", "PUT"],
    ["pg_check_url", "javascript:alert(1)"],
    ["pg_result_url", `https://shop.example/${"x".repeat(235)}`],
    ["pg_success_url", "shop.example"],
    ["pg_failure_url_method", "HEAD"],
    ["pg_success_url_method", "put"],
    ["pg_idempotency_key", "x".repeat(256)],
    ["pg_testing_mode", "2"],
  ])("with a wrong %s is refused, and the error names the field", async (field, value) => {
    const { gateway } = simulator();
    const answer = await initWith(gateway, { [field]: value });
    expect(answer).toMatchObject({ pg_status: "error", pg_error_code: "9403", pg_error_description: `Incorrect parameters: ${field}` });
    expect(gateway.state.pages.size).toBe(0);
  });

  test("takes every field of the contract", async () => {
    const { gateway } = simulator();
    const answer = await initWith(gateway, {
      pg_currency: "KZT",
      pg_idempotency_key: "1234|page",
      pg_lifetime: "300",
      pg_language: "kz",
      pg_auto_clearing: "1",
      pg_recurring_start: "1",
      pg_recurring_lifetime: "12",
      pg_user_id: "customer-1",
      pg_user_ip: "203.0.113.7",
      pg_user_phone: "77000000000",
      pg_user_contact_email: "shopper@shop.example",
      pg_request_method: "POST",
      pg_check_url: "https://shop.example/check",
      pg_result_url: `https://shop.example/${"x".repeat(234)}`,
      pg_success_url: RETURNS.success_url,
      pg_failure_url: RETURNS.failure_url,
      pg_success_url_method: "GET",
      pg_failure_url_method: "POST",
      pg_param1: "one",
      cart: "7",
      pg_testing_mode: "1",
    });
    expect(answer).toMatchObject({ pg_status: "ok" });
    expect((await visit(gateway, answer["pg_redirect_url"] ?? "")).html).toContain('lang="kk"');
  });
});

describe("the page", () => {
  test.each([
    ["en", "en", "This is a simulator. It takes no real card and no money."],
    ["ru", "ru", "Это симулятор. Он не принимает настоящих карт и не списывает денег."],
    ["kk", "kk", "Бұл — симулятор. Ол нағыз карта қабылдамайды және ақша алмайды."],
    ["kz", "kk", "Бұл — симулятор."],
    ["uz", "ru", "Это симулятор."],
    ["", "ru", "Это симулятор."],
  ])("for pg_language %j is in %s and says that it is a simulator", async (pg_language, lang, words) => {
    const { gateway } = simulator();
    const { pg_redirect_url = "" } = await initWith(gateway, { pg_language });
    const { html } = await visit(gateway, pg_redirect_url);
    expect(html).toContain(`<html lang="${lang}">`);
    expect(html).toContain(words);
  });

  test("shows the order, the amount and the description as text, and has no script and no field for a card", async () => {
    const { gateway } = simulator();
    const { url } = await openPage(gateway, { amount: 100.5 });
    const { status, html, headers } = await visit(gateway, url);
    expect(status).toBe(200);
    expect(html).toContain("<dd>1234</dd>");
    expect(html).toContain("<dd>100.50 KZT</dd>");
    expect(html).toContain("<dd>a book &amp; &quot;more&quot; &lt;b&gt;</dd>");
    expect(html).not.toContain("<script");
    expect([...html.matchAll(/<input type="(\w+)" name="(\w+)"/g)].map(([, type, name]) => `${type} ${name}`)).toEqual([
      "hidden form",
      ...Array(3).fill("radio card"),
      ...Array(4).fill("radio outcome"),
      "text keywords",
    ]);
    expect(Object.fromEntries(headers)).toMatchObject({
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "content-security-policy": expect.stringContaining("default-src 'none'"),
    });
  });

  test("says that the card is saved only where the shop asked for it", async () => {
    const { gateway } = simulator();
    const saving = await openPage(gateway, { save_card_months: 12 });
    const plain = await openPage(gateway, { order_id: "1235" });
    const words = "The shop asked to save this card";
    expect((await visit(gateway, saving.url)).html).toContain(words);
    expect((await visit(gateway, plain.url)).html).not.toContain(words);
  });

  test("does not appear in the log, nor does what a browser sends to it", async () => {
    const { gateway } = simulator();
    const { url } = await openPage(gateway);
    const { html } = await visit(gateway, url);
    await press(gateway, url, html, { step: "pay", pan: "4111111111111111" });
    const text = gateway.log.entries.filter((entry) => entry.title.includes("pay.html")).map(({ body }) => body);
    expect(text).toEqual(["", "", "", ""]);
    expect(gateway.log.text()).not.toContain("4111111111111111");
  });
});

describe("a shopper", () => {
  test("pays: the browser returns to the success address with the gateway's signed members, and the status is paid", async () => {
    const { gateway } = simulator();
    const { paymentId, url } = await openPage(gateway);
    const shown = await pay(gateway, url);
    expect(shown.status).toBe(303);
    expect(shown.headers.get("referrer-policy")).toBe("no-referrer");
    const members = membersOf(shown);
    expect(members).toMatchObject({ order: "1", pg_order_id: "1234", pg_payment_id: paymentId });
    expect(
      verifyFields(
        "paid",
        Object.entries(members).map(([name, value]) => ({ name, value })),
        SECRET,
      ),
    ).toBe("valid");
    expect(await stateOf(gateway)).toMatchObject({ id: paymentId, status: "success", amount: "100" });
    expect(gateway.totalsOf("1234")).toEqual({ held: 0, taken: 10_000, refunded: 0, payments: 1 });
    expect(gateway.state.payments.get(paymentId)?.steps.map((step) => step.status)).toEqual(["new", "success"]);
    expect(gateway.ledger()).toMatchObject([{ kind: "taken", paymentId, minor: 10_000 }]);
  });

  test("pays a hold, which is cleared and refunded like any payment", async () => {
    const { gateway, time } = simulator();
    const { paymentId, url } = await openPage(gateway, { auto_clearing: false });
    await pay(gateway, url);
    expect(await stateOf(gateway)).toMatchObject({ status: "approved" });
    await call(gateway, calls.doCapture({ payment_id: paymentId, amount: 100 }, freshId()));
    await time.pass(2 * SECOND);
    await call(gateway, calls.revoke({ payment_id: paymentId, amount: 30 }, freshId()));
    await time.pass(2 * SECOND);
    expect(gateway.totalsOf("1234")).toMatchObject({ taken: 10_000, refunded: 3_000 });
    expect((await visit(gateway, url)).html).toContain("This page is paid.");
  });

  test.each([
    ["visa", "1111"],
    ["mastercard", "4444"],
    ["amex", "0005"],
  ])("pays with the card %s •%s, which the status names", async (card, last4) => {
    const { gateway } = simulator();
    const { url } = await openPage(gateway);
    await pay(gateway, url, "", card);
    const status = await call(gateway, calls.getStatus({ order_id: "1234" }, freshId()));
    expect(status).toMatchObject({ answer: { card: { brand: card, last4 }, cardToken: `simulated-card-customer-1-${last4}` } });
  });

  test("is declined and then pays, on the same page and under the same id", async () => {
    const { gateway } = simulator();
    const { paymentId, url } = await openPage(gateway);
    const declined = await pay(gateway, url, "decline-10009");
    expect(new URL(declined.location ?? "", url).href).toBe(url);
    const { html } = await visit(gateway, url);
    expect(html).toContain("The payment was declined. Nothing was taken.");
    expect(html).toContain("There is not enough money on the card.");
    expect(await stateOf(gateway)).toMatchObject({ id: paymentId, status: "error", error: { code: "10009" } });
    await press(gateway, url, html, { step: "pay", outcome: "pays" });
    expect(await stateOf(gateway)).toMatchObject({ id: paymentId, status: "success" });
    expect(gateway.totalsOf("1234").payments).toBe(1);
  });

  test("passes 3-D Secure: the status is waiting until then", async () => {
    const { gateway } = simulator();
    const { url } = await openPage(gateway);
    expect((await pay(gateway, url, "page-3ds")).status).toBe(303);
    expect(await stateOf(gateway)).toMatchObject({ status: "process", pg_payment_status: "waiting" });
    const { html } = await visit(gateway, url);
    expect(html).toContain("3-D Secure: the bank asks");
    const shown = await press(gateway, url, html, { step: "confirm" });
    expect(shown.location).toContain("/paid?");
    expect(await stateOf(gateway)).toMatchObject({ status: "success" });
  });

  test("fails 3-D Secure, and may try again", async () => {
    const { gateway } = simulator();
    const { url } = await openPage(gateway);
    await pay(gateway, url, "page-3ds");
    const secure = await visit(gateway, url);
    await press(gateway, url, secure.html, { step: "refuse" });
    expect(await stateOf(gateway)).toMatchObject({ status: "error", error: { code: "10042" } });
    expect((await visit(gateway, url)).html).toContain("3-D Secure failed.");
    await pay(gateway, url);
    expect(await stateOf(gateway)).toMatchObject({ status: "success" });
  });

  test("walks away by the button: nothing is paid, and the page can still be paid", async () => {
    const { gateway } = simulator();
    const { paymentId, url } = await openPage(gateway);
    const { html } = await visit(gateway, url);
    const shown = await press(gateway, url, html, { step: "leave" });
    expect(shown).toMatchObject({ status: 303, location: expect.stringContaining(RETURNS.failure_url) });
    expect(membersOf(shown)).toMatchObject({ pg_payment_id: paymentId });
    expect(await stateOf(gateway)).toMatchObject({ pg_payment_status: "new" });
    await pay(gateway, url);
    expect(await stateOf(gateway)).toMatchObject({ status: "success" });
  });

  test("returns before the status knows: it is new, and paid later", async () => {
    const { gateway, time } = simulator();
    const { url } = await openPage(gateway);
    const { html } = await visit(gateway, url);
    const shown = await press(gateway, url, html, { step: "pay", outcome: "page-unseen-10" });
    expect(shown.location).toContain("/paid?");
    expect(await stateOf(gateway)).toMatchObject({ pg_payment_status: "new" });
    expect((await visit(gateway, url)).html).toContain("The payment is being processed.");
    await time.pass(10 * SECOND);
    expect(await stateOf(gateway)).toMatchObject({ status: "success" });
  });

  test("has two tabs: the second one is told that the page is paid, and takes no money", async () => {
    const { gateway } = simulator();
    const { url } = await openPage(gateway);
    const [one, other] = [await visit(gateway, url), await visit(gateway, url)];
    await press(gateway, url, one.html, { step: "pay" });
    const second = await press(gateway, url, other.html, { step: "pay" });
    expect(second).toMatchObject({ status: 409, html: expect.stringContaining("This page is paid.") });
    expect(second.html).toContain(RETURNS.success_url.replace("?order=1", "?order=1&amp;pg_order_id=1234"));
    expect(gateway.totalsOf("1234")).toMatchObject({ taken: 10_000, payments: 1 });
  });

  test("has two tabs that press together: while the shop is asked, the second one has to wait", async () => {
    let answer = (): void => undefined;
    const shop = shopServer(() => "ok");
    const asked = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const { gateway, time } = simulator({
      fetch: async (input, init) => {
        await asked;
        return shop.fetch(input, init);
      },
    });
    const { url } = await openPage(gateway, URLS);
    const { html } = await visit(gateway, url);
    const first = press(gateway, url, html, { step: "pay" });
    await time.until(() => gateway.state.pages.get("1000000001")?.checking !== null);
    const second = await press(gateway, url, html, { step: "pay" });
    expect(second).toMatchObject({ status: 409, html: expect.stringContaining("being paid in another tab") });
    expect(await stateOf(gateway)).toMatchObject({ pg_payment_status: "new" });
    answer();
    expect((await first).status).toBe(303);
    expect(gateway.totalsOf("1234").payments).toBe(1);
  });
});

describe("the return", () => {
  test("by POST is a form of the page, with the signed members in hidden fields", async () => {
    const { gateway } = simulator();
    const answer = await initWith(gateway, {
      pg_success_url: "https://shop.example/return/paid",
      pg_success_url_method: "POST",
      pg_language: "en",
    });
    const { status, html } = await pay(gateway, answer["pg_redirect_url"] ?? "");
    expect(status).toBe(200);
    expect(html).toContain('<form method="post" action="https://shop.example/return/paid">');
    const fields = [...html.matchAll(/<input type="hidden" name="(pg_\w+)" value="([^"]*)">/g)].map(([, name = "", value = ""]) => ({
      name,
      value,
    }));
    expect(fields.map(({ name }) => name)).toEqual(["pg_order_id", "pg_payment_id", "pg_salt", "pg_sig"]);
    expect(verifyFields("paid", fields, SECRET)).toBe("valid");
  });

  test("is a message of the page where the shop has no address", async () => {
    const { gateway } = simulator();
    const { pg_redirect_url: url = "" } = await initWith(gateway, { pg_language: "en" });
    const { html } = await visit(gateway, url);
    expect((await press(gateway, url, html, { step: "leave" })).html).toContain("Nothing was paid.");
    expect((await press(gateway, url, html, { step: "pay" })).html).toContain("This page is paid.");
  });

  test("keeps the fragment of the address", async () => {
    const { gateway } = simulator();
    const { url } = await openPage(gateway, { success_url: "https://shop.example/orders#1234" });
    expect((await pay(gateway, url)).location).toMatch(/^https:\/\/shop\.example\/orders\?pg_order_id=.*#1234$/);
  });
});

describe("the end of a page's life", () => {
  test("comes after pg_lifetime: the page is closed, and the status is incomplete", async () => {
    const { gateway, time } = simulator();
    const { url } = await openPage(gateway);
    const { html } = await visit(gateway, url);
    await time.pass(1800 * SECOND - 1);
    expect((await visit(gateway, url)).status).toBe(200);
    await time.pass(1);
    const closed = await visit(gateway, url);
    expect(closed).toMatchObject({ status: 410, html: expect.stringContaining("This page has closed.") });
    expect(closed.html).toContain(RETURNS.failure_url);
    expect((await press(gateway, url, html, { step: "pay" })).status).toBe(410);
    expect(await stateOf(gateway)).toMatchObject({ status: "incomplete", pg_payment_status: "incomplete" });
    expect(gateway.totalsOf("1234").payments).toBe(0);
  });

  test("is a day away without pg_lifetime", async () => {
    const { gateway, time } = simulator();
    const { pg_redirect_url: url = "" } = await initWith(gateway, {});
    await time.pass(DAY - 1);
    expect((await visit(gateway, url)).status).toBe(200);
    await time.pass(1);
    expect((await visit(gateway, url)).status).toBe(410);
  });

  test("does not end a payment that is on its way", async () => {
    const { gateway, time } = simulator();
    const { url } = await openPage(gateway);
    await time.pass(1799 * SECOND);
    await pay(gateway, url, "later-60");
    await time.pass(30 * SECOND);
    expect(await stateOf(gateway)).toMatchObject({ pg_payment_status: "process" });
    await time.pass(30 * SECOND);
    expect(await stateOf(gateway)).toMatchObject({ status: "success" });
  });

  test("ends a 3-D Secure step that nobody confirmed", async () => {
    const { gateway, time } = simulator();
    const { url } = await openPage(gateway);
    await pay(gateway, url, "page-3ds");
    const { html } = await visit(gateway, url);
    await time.pass(1800 * SECOND);
    expect(await stateOf(gateway)).toMatchObject({ pg_payment_status: "incomplete" });
    expect((await press(gateway, url, html, { step: "confirm" })).status).toBe(410);
    expect(gateway.totalsOf("1234").payments).toBe(0);
  });

  test("keeps the decline of the last try in the status", async () => {
    const { gateway, time } = simulator();
    const { url } = await openPage(gateway);
    await pay(gateway, url, "decline-10009");
    await time.pass(1800 * SECOND);
    expect(await stateOf(gateway)).toMatchObject({ pg_payment_status: "error" });
    expect((await visit(gateway, url)).status).toBe(410);
  });
});

test("the older forms of the status say pg_transaction_status, and list no refunds", async () => {
  const { gateway, time } = simulator();
  const { paymentId, url } = await openPage(gateway);
  const older = async (): Promise<Readonly<Record<string, string>>> => initWith(gateway, { pg_payment_id: paymentId }, "get_status2.php");
  const statuses = [(await older())["pg_transaction_status"]];
  await pay(gateway, url, "decline-10009");
  statuses.push((await older())["pg_transaction_status"]);
  await pay(gateway, url, "page-3ds");
  statuses.push((await older())["pg_transaction_status"]);
  await press(gateway, url, (await visit(gateway, url)).html, { step: "confirm" });
  statuses.push((await older())["pg_transaction_status"]);
  await call(gateway, calls.revoke({ payment_id: paymentId }, freshId()));
  await settle(gateway, time);
  const refunded = await older();
  expect([...statuses, refunded["pg_transaction_status"]]).toEqual(["partial", "failed", "pending", "ok", "refunded"]);
  expect(refunded).toMatchObject({ pg_status: "ok", pg_refund_amount: "-100" });
  expect(refunded).not.toHaveProperty("pg_refund_payments");
  expect(refunded).not.toHaveProperty("pg_payment_status");
});
