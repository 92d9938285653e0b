/** Check and result of a payment page, read and answered by the core. */
import { describe, expect, test } from "vitest";
import * as calls from "../../src/merchant-api/calls.ts";
import type { CallbackFormat } from "../../src/simulator/index.ts";
import { freshId, SECOND } from "./gateway-calls.ts";
import { call, settle, shopServer, stateOf, URLS } from "./merchant-shop.ts";
import { initWith, openPage, pay, press, visit } from "./page-shopper.ts";
import { simulator } from "./simulated-gateway.ts";

const FORMATS: readonly CallbackFormat[] = ["form", "get", "xml", "xml-raw", "xml-body"];

describe.each(FORMATS)("as %s", (format) => {
  test("check and result name the page's payment, and are verified by the core", async () => {
    const shop = shopServer(() => "ok");
    const { gateway, time } = simulator({ fetch: shop.fetch });
    const { paymentId, url } = await openPage(gateway, { ...URLS, save_card_months: 6 });
    await pay(gateway, url, `callbacks-${format}`);
    await settle(gateway, time);
    expect(shop.received.map(({ notification }) => notification)).toMatchObject([
      { kind: "verified", notice: { kind: "check", orderId: "1234", paymentId, amount: 10_000, currency: "KZT" } },
      {
        kind: "verified",
        isHintOnly: format === "get",
        notice: {
          kind: "result",
          result: "paid",
          paymentId,
          amount: 10_000,
          captured: true,
          canReject: true,
          isTest: true,
          profileId: `6${paymentId}`,
          profileExpiryDate: "2027-05-22 00: 00: 00",
          card: { brand: "visa", last4: "1111", expiry: "12/30" },
          cardToken: "simulated-card-customer-1-1111",
        },
      },
    ]);
    expect(gateway.log.text()).not.toContain("pg_sig is missing or wrong");
  });
});

test.each([
  ["GET", "get"],
  ["POST", "form"],
  ["XML", "xml"],
])("pg_request_method %s chooses the format", async (pg_request_method, format) => {
  const shop = shopServer(() => "ok");
  const { gateway, time } = simulator({ fetch: shop.fetch, callbackFormat: "json" });
  const { pg_redirect_url: url = "" } = await initWith(gateway, {
    pg_request_method,
    pg_check_url: URLS.check_url,
    pg_result_url: URLS.result_url,
  });
  await pay(gateway, url);
  await settle(gateway, time);
  const shape = { get: /^https:.*[?&]pg_order_id=1234/, form: /^pg_.*&pg_amount=100&/, xml: /^pg_xml=%3C/ }[format];
  expect(shop.received.map(({ text }) => text)).toEqual([expect.stringMatching(shape ?? ""), expect.stringMatching(shape ?? "")]);
});

test("the shop's own fields come back in both, signed", async () => {
  const shop = shopServer(() => "ok");
  const { gateway, time } = simulator({ fetch: shop.fetch });
  const { pg_redirect_url: url = "" } = await initWith(gateway, {
    pg_param1: "one",
    pg_param4: "four",
    cart: "7",
    pg_check_url: URLS.check_url,
    pg_result_url: URLS.result_url,
  });
  await pay(gateway, url);
  await settle(gateway, time);
  for (const { text, notification } of shop.received) {
    expect(Object.fromEntries(new URLSearchParams(text))).toMatchObject({ pg_param1: "one", cart: "7" });
    expect(text).not.toContain("pg_param4");
    expect(notification.kind).toBe("verified");
  }
  expect(shop.received).toHaveLength(2);
});

describe("the check", () => {
  test.each([
    ["rejected", (): "rejected" => "rejected"],
    ["an error", (): "error" => "error"],
    ["no answer", (): null => null],
  ])("with the answer %s declines the try, and the page can be paid again", async (_, answers) => {
    let isOpen = false;
    const shop = shopServer((kind) => (kind === "check" && !isOpen ? answers() : "ok"));
    const { gateway, time } = simulator({ fetch: shop.fetch });
    const { url } = await openPage(gateway, URLS);
    await pay(gateway, url);
    await settle(gateway, time);
    expect(await stateOf(gateway)).toMatchObject({ status: "error", error: { code: "10021" } });
    expect(shop.received[1]?.notification).toMatchObject({ notice: { result: "failed", failureCode: "10021" } });
    expect((await visit(gateway, url)).html).toContain("The shop refused the payment.");
    isOpen = true;
    await pay(gateway, url);
    expect(await stateOf(gateway)).toMatchObject({ status: "success" });
    expect(gateway.totalsOf("1234").payments).toBe(1);
  });

  test("that is not answered in time declines the try", async () => {
    const { gateway, time } = simulator({ fetch: () => new Promise(() => undefined) });
    const { url } = await openPage(gateway, URLS);
    const { html } = await visit(gateway, url);
    const paying = press(gateway, url, html, { step: "pay" });
    await time.until(() => gateway.state.pages.get("1000000001")?.checking !== null);
    await time.pass(10 * SECOND);
    await paying;
    expect(await stateOf(gateway)).toMatchObject({ status: "error", error: { code: "10021" } });
    gateway.close();
  });

  test("is sent for each try, before 3-D Secure, and not by opening the page", async () => {
    const shop = shopServer(() => "ok");
    const { gateway, time } = simulator({ fetch: shop.fetch });
    const { url } = await openPage(gateway, URLS);
    await settle(gateway, time);
    expect(shop.received).toEqual([]);
    await pay(gateway, url, "decline-10009");
    await settle(gateway, time);
    await pay(gateway, url, "page-3ds");
    await settle(gateway, time);
    expect(shop.received.map(({ kind }) => kind)).toEqual(["check", "result", "check"]);
    await press(gateway, url, (await visit(gateway, url)).html, { step: "confirm" });
    await settle(gateway, time);
    expect(shop.received.map(({ kind }) => kind)).toEqual(["check", "result", "check", "result"]);
  });
});

describe("a result that is rejected", () => {
  test("returns the money of a payment", async () => {
    const shop = shopServer((kind) => (kind === "result" ? "rejected" : "ok"));
    const { gateway, time } = simulator({ fetch: shop.fetch });
    const { url } = await openPage(gateway, URLS);
    await pay(gateway, url);
    await settle(gateway, time);
    expect(gateway.totalsOf("1234")).toMatchObject({ taken: 10_000, refunded: 10_000 });
  });

  test("releases a hold", async () => {
    const shop = shopServer((kind) => (kind === "result" ? "rejected" : "ok"));
    const { gateway, time } = simulator({ fetch: shop.fetch });
    const { url } = await openPage(gateway, { ...URLS, auto_clearing: false });
    await pay(gateway, url);
    await settle(gateway, time);
    expect(await stateOf(gateway)).toMatchObject({ pg_payment_status: "canceled" });
    expect(gateway.totalsOf("1234")).toMatchObject({ held: 0, taken: 0 });
  });

  test("returns nothing where pg_can_reject is 0", async () => {
    const shop = shopServer((kind) => (kind === "result" ? "rejected" : "ok"));
    const { gateway, time } = simulator({ fetch: shop.fetch });
    const { url } = await openPage(gateway, URLS);
    await pay(gateway, url, "callbacks-final");
    await settle(gateway, time);
    expect(shop.received[1]?.notification).toMatchObject({ notice: { canReject: false } });
    expect(gateway.totalsOf("1234")).toMatchObject({ taken: 10_000, refunded: 0 });
  });
});

test("a result that is not answered is repeated with another salt and signature", async () => {
  const shop = shopServer((kind, nth) => (kind === "result" && nth < 4 ? null : "ok"));
  const { gateway, time } = simulator({ fetch: shop.fetch });
  const { url } = await openPage(gateway, URLS);
  await pay(gateway, url);
  await settle(gateway, time);
  const results = shop.received.filter(({ kind }) => kind === "result");
  expect(results).toHaveLength(3);
  expect(new Set(results.map(({ text }) => text)).size).toBe(3);
  expect(new Set(results.map(({ notification }) => JSON.stringify(notification))).size).toBe(1);
});

test("a result is about the try, however long the page was open before", async () => {
  const shop = shopServer(() => "ok");
  const { gateway, time } = simulator({ fetch: shop.fetch });
  const { url } = await openPage(gateway, { result_url: URLS.result_url });
  await time.pass(600 * SECOND);
  await pay(gateway, url, "later-5");
  await time.pass(5 * SECOND - 1);
  expect(shop.received).toEqual([]);
  await settle(gateway, time);
  expect(shop.received[0]?.notification).toMatchObject({ notice: { result: "paid" } });
  expect(shop.received[0]?.text).toContain("pg_payment_date=2026-11-22+15%3A10%3A05");
});

test("testing mode is what the shop asked for, in the status and in the result", async () => {
  const shop = shopServer(() => "ok");
  const { gateway, time } = simulator({ fetch: shop.fetch });
  const { pg_redirect_url: url = "" } = await initWith(gateway, { pg_testing_mode: "0", pg_result_url: URLS.result_url });
  await pay(gateway, url);
  await settle(gateway, time);
  expect(await stateOf(gateway)).toMatchObject({ isTest: false });
  expect(shop.received[0]?.notification).toMatchObject({ notice: { isTest: false } });
});

describe("the profile", () => {
  const cards = async (gateway: ReturnType<typeof simulator>["gateway"]): Promise<unknown> => {
    const outcome = await call(gateway, calls.listCards({ user_id: "customer-1" }, freshId()));
    return outcome.kind === "answered" ? outcome.answer : outcome;
  };

  test("is made by the payment that was asked for it, is listed from then on, and can be charged", async () => {
    const { gateway, time } = simulator();
    const { paymentId, url } = await openPage(gateway, { save_card_months: 12 });
    await pay(gateway, url, "later-5", "mastercard");
    expect(await cards(gateway)).toEqual([]);
    await time.pass(5 * SECOND);
    const cardToken = "simulated-card-customer-1-4444";
    expect(await cards(gateway)).toEqual([{ cardToken, profileId: `6${paymentId}`, last4: "4444", createdAt: "2026-11-22 15:00:05" }]);
    const charge = { order_id: "1235", amount: 50, currency: "KZT", description: "another book", auto_clearing: true } as const;
    await call(gateway, calls.makeRecurringPayment({ ...charge, profile_id: `6${paymentId}` }, freshId()));
    const status = await call(gateway, calls.getStatus({ order_id: "1235" }, freshId()));
    expect(status).toMatchObject({ answer: { status: "success", card: { brand: "mastercard", last4: "4444" }, cardToken } });
  });

  test("that a test has stored shows its own card when it is charged", async () => {
    const { gateway, time } = simulator();
    const card = { userId: "customer-1", token: "token-1", mask: "5169-49XX-XXXX-4440", profileId: "60144557", createdAt: time.now() };
    gateway.state.cards.push(card);
    const charge = { order_id: "1235", amount: 50, currency: "KZT", description: "a book", auto_clearing: true } as const;
    await call(gateway, calls.makeRecurringPayment({ ...charge, profile_id: "60144557" }, freshId()));
    const status = await call(gateway, calls.getStatus({ order_id: "1235" }, freshId()));
    expect(status).toMatchObject({ answer: { card: { brand: "mastercard", last4: "4440" }, cardToken: "token-1" } });
  });

  test("is not made where the shop did not ask for it", async () => {
    const shop = shopServer(() => "ok");
    const { gateway, time } = simulator({ fetch: shop.fetch });
    const { url } = await openPage(gateway, URLS);
    await pay(gateway, url);
    await settle(gateway, time);
    expect(shop.received[1]?.notification).toMatchObject({ notice: { result: "paid", profileId: null, profileExpiryDate: null } });
    expect(await cards(gateway)).toEqual([]);
  });

  test("is not made by a try that is declined, nor by one that stays in process", async () => {
    const shop = shopServer(() => "ok");
    const { gateway, time } = simulator({ fetch: shop.fetch });
    const { url } = await openPage(gateway, { ...URLS, save_card_months: 12 });
    await pay(gateway, url, "decline-10009");
    await settle(gateway, time);
    await pay(gateway, url, "never");
    await settle(gateway, time);
    expect(shop.received[1]?.notification).toMatchObject({ notice: { result: "failed", profileId: null } });
    expect(await cards(gateway)).toEqual([]);
  });
});
