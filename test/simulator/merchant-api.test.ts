/** The simulator's Merchant API and the core's client of it: they share no code, so each checks the other. */
import { describe, expect, test } from "vitest";
import * as calls from "../../src/merchant-api/calls.ts";
import { buildMerchantRequest, createMerchantGateway } from "../../src/merchant-api/client.ts";
import { readPaths } from "../../src/merchant-api/paths.ts";
import type { CallbackFormat, Simulator, SimulatorOptions } from "../../src/simulator/index.ts";
import { freshId, MERCHANT, SECOND, SECRET } from "./gateway-calls.ts";
import { call, GATEWAY, settle, shopServer, stateOf, URLS } from "./merchant-shop.ts";
import { charge, simulator } from "./simulated-gateway.ts";

type Charge = Partial<calls.MakeRecurringPaymentInput>;

const chargeCall = (more: Charge = {}): ReturnType<typeof calls.makeRecurringPayment> =>
  calls.makeRecurringPayment(
    { order_id: "1234", amount: 100, currency: "KZT", description: "a book & more", auto_clearing: true, profile_id: "60144557", ...more },
    freshId(),
  );

/** The id of an accepted charge. */
async function charged(gateway: Simulator, more: Charge = {}): Promise<string> {
  const outcome = await call(gateway, chargeCall(more));
  if (outcome.kind !== "answered") throw new Error(`It is ${JSON.stringify(outcome)}`);
  return outcome.answer.paymentId;
}

/** A simulator in which the profile 60144557 has these keywords. */
const scripted = (keywords: string, options: Partial<SimulatorOptions> = {}): ReturnType<typeof simulator> =>
  simulator({ merchantProfiles: { "60144557": keywords }, ...options });

describe("a charge of a profile", () => {
  test("is accepted with an id, and paid by the status", async () => {
    const { gateway } = simulator();
    expect(await call(gateway, chargeCall({ amount: 100.5 }))).toMatchObject({
      kind: "answered",
      answer: { paymentId: "1000000001", amount: "100.50", currency: "KZT", profileExpiryDate: "2027-11-22 00: 00: 00" },
    });
    expect(await stateOf(gateway)).toMatchObject({
      id: "1000000001",
      order_id: "1234",
      status: "success",
      amount: "100.50",
      currency: "KZT",
      clearing: { cleared: true, amount: "100.50" },
      isTest: true,
    });
    expect(gateway.totalsOf("1234")).toEqual({ held: 0, taken: 10_050, refunded: 0, payments: 1 });
  });

  test("under an order_id that was used is refused with 9991, and takes nothing more", async () => {
    const { gateway } = simulator();
    await charged(gateway);
    expect(await call(gateway, chargeCall())).toMatchObject({ kind: "refused", code: "9991", category: "duplicate", isSigned: true });
    expect(gateway.totalsOf("1234").payments).toBe(1);
  });

  test("that is declined is accepted all the same: only the status shows the decline", async () => {
    const { gateway } = scripted("decline-10009");
    await charged(gateway);
    expect(await stateOf(gateway)).toMatchObject({ status: "error", error: { code: "10009" }, failureCategory: "insufficient_funds" });
    expect(gateway.totalsOf("1234").payments).toBe(0);
  });

  test.each([
    ["never", "process", "process"],
    ["waiting_3ds", "process", "waiting"],
    ["unknown-word", "pg:under_review", "under_review"],
    ["hold", "approved", "success"],
  ])("with the keyword %s is %s, by the word %s", async (keywords, status, word) => {
    const { gateway } = scripted(keywords);
    await charged(gateway);
    expect(await stateOf(gateway)).toMatchObject({ status, pg_payment_status: word });
  });

  test("with the keyword amount-wrong is shown with another amount", async () => {
    const { gateway } = scripted("amount-wrong");
    await charged(gateway);
    expect(await stateOf(gateway)).toMatchObject({ status: "success", amount: "101" });
  });

  test.each([
    ["sparse", "success", undefined],
    ["hold.sparse", "approved", { cleared: false }],
  ])("with the keyword %s leaves out what pg_auto_clearing says already", async (keywords, status, clearing) => {
    const { gateway } = scripted(keywords);
    await charged(gateway);
    const state = await stateOf(gateway);
    expect(state).toMatchObject({ status, amount: "100" });
    expect(state).toMatchObject({ currency: undefined, clearing });
  });

  test.each([
    ["old-paid", "success"],
    ["old-declined", "error"],
  ])("with the keyword %s finds a payment under its order_id", async (keywords, status) => {
    const { gateway } = scripted(keywords);
    expect(await call(gateway, chargeCall())).toMatchObject({ kind: "refused", code: "9991" });
    expect(await stateOf(gateway)).toMatchObject({ status });
  });

  test("with an unknown keyword is refused, so that a typing error is noticed", async () => {
    const { gateway } = scripted("card.paysss");
    expect(await call(gateway, chargeCall())).toMatchObject({ kind: "refused", code: "9403" });
  });
});

describe("an operation", () => {
  test("clears a part of a hold", async () => {
    const { gateway, time } = simulator();
    const payment_id = await charged(gateway, { auto_clearing: false });
    expect(await stateOf(gateway)).toMatchObject({ status: "approved", clearing: { cleared: false } });
    expect(await call(gateway, calls.doCapture({ payment_id, amount: 60 }, freshId()))).toMatchObject({
      kind: "answered",
      answer: { amount: "100", clearingAmount: "60" },
    });
    await time.pass(2 * SECOND);
    expect(await stateOf(gateway)).toMatchObject({ status: "success", clearing: { cleared: true, amount: "60" } });
    expect(gateway.totalsOf("1234")).toMatchObject({ held: 0, taken: 6_000 });
  });

  test("releases a hold", async () => {
    const { gateway, time } = simulator();
    const payment_id = await charged(gateway, { auto_clearing: false });
    expect(await call(gateway, calls.cancel({ payment_id }, freshId()))).toMatchObject({ kind: "answered" });
    await time.pass(2 * SECOND);
    expect(await stateOf(gateway)).toMatchObject({ status: "reversed", pg_payment_status: "canceled" });
    expect(gateway.totalsOf("1234")).toMatchObject({ held: 0, taken: 0 });
  });

  test("refunds a part, twice, and then the rest; a repeated one is another one", async () => {
    const { gateway, time } = simulator();
    const payment_id = await charged(gateway);
    for (const amount of [20, 20]) await call(gateway, calls.revoke({ payment_id, amount }, freshId()));
    expect(await stateOf(gateway)).toMatchObject({
      status: "success",
      refund_payments: [
        { id: "1000000002", amount: "-20", status: "pending" },
        { id: "1000000003", amount: "-20", status: "pending" },
      ],
      refundedAmount: 4_000,
    });
    await call(gateway, calls.revoke({ payment_id }, freshId()));
    await time.pass(2 * SECOND);
    const state = await stateOf(gateway);
    expect(state).toMatchObject({ status: "success", pg_payment_status: "refunded", refundedAmount: 10_000 });
    expect(state.refund_payments?.map(({ status }) => status)).toEqual(["success", "success", "success"]);
    expect(gateway.totalsOf("1234")).toMatchObject({ taken: 10_000, refunded: 10_000 });
  });

  test("that is not possible is refused, and changes nothing", async () => {
    const { gateway } = simulator();
    const payment_id = await charged(gateway);
    expect(await call(gateway, calls.cancel({ payment_id }, freshId()))).toMatchObject({ kind: "refused", category: "operation_refused" });
    expect(await call(gateway, calls.revoke({ payment_id, amount: 101 }, freshId()))).toMatchObject({ kind: "refused", code: "11018" });
    expect(await call(gateway, calls.revoke({ payment_id: "5" }, freshId()))).toMatchObject({ kind: "refused", category: "not_found" });
    expect(gateway.totalsOf("1234")).toMatchObject({ taken: 10_000, refunded: 0 });
  });
});

describe("faults", () => {
  test("a lost answer: the money is taken", async () => {
    const { gateway } = scripted("lost-after");
    expect(await call(gateway, chargeCall())).toMatchObject({ kind: "unknown", reason: "network" });
    expect(gateway.totalsOf("1234").payments).toBe(1);
    expect(await stateOf(gateway)).toMatchObject({ status: "success" });
  });

  test("a signed error although the money is taken, and one although it is not", async () => {
    for (const [keywords, payments] of [
      ["error-9999-after", 1],
      ["error-9999-before", 0],
    ] as const) {
      const { gateway } = scripted(keywords);
      expect(await call(gateway, chargeCall())).toMatchObject({ kind: "refused", code: "9999", isSigned: true });
      expect(gateway.totalsOf("1234").payments).toBe(payments);
    }
  });

  test.each([
    ["truncated", { kind: "unknown", reason: "not_xml" }],
    ["cut", { kind: "unknown", reason: "network" }],
    ["empty", { kind: "unknown", reason: "not_xml" }],
    ["html-after", { kind: "unknown", reason: "not_xml" }],
    ["http-502-after", { kind: "unknown", reason: "server_error" }],
    ["http-401-after", { kind: "refused", code: "1100", isSigned: false, isNotIdentified: true }],
    ["duplicate", { kind: "refused", code: "9991", isSigned: true }],
  ])("%s, although the money is taken", async (keywords, outcome) => {
    const { gateway } = scripted(keywords);
    expect(await call(gateway, chargeCall())).toMatchObject(outcome);
    expect(gateway.totalsOf("1234").payments).toBe(1);
  });

  test("a refusal without a payment", async () => {
    const { gateway } = scripted("refuse-9992");
    expect(await call(gateway, chargeCall())).toMatchObject({ kind: "refused", code: "9992", isSigned: true });
    expect(await call(gateway, calls.getStatus({ order_id: "1234" }, freshId()))).toMatchObject({ kind: "refused", category: "not_found" });
  });

  test("a charge that is accepted late, and one that finds its order_id used", async () => {
    const { gateway, time } = scripted("accepted-late-20");
    expect(await call(gateway, chargeCall())).toMatchObject({ kind: "unknown", reason: "network" });
    expect(gateway.totalsOf("1234").payments).toBe(0);
    await time.pass(20 * SECOND);
    expect(gateway.totalsOf("1234").payments).toBe(1);

    const other = scripted("every-accepted-late-20");
    for (let send = 0; send < 2; send += 1) await call(other.gateway, chargeCall());
    await other.time.pass(60 * SECOND);
    expect(other.gateway.totalsOf("1234").payments).toBe(1);
  });

  test("an operation that is accepted late, and its error although it was done", async () => {
    const late = scripted("edit-accepted-late-5");
    const payment_id = await charged(late.gateway);
    expect(await call(late.gateway, calls.revoke({ payment_id, amount: 30 }, freshId()))).toMatchObject({ kind: "unknown" });
    expect((await stateOf(late.gateway)).refund_payments).toBeUndefined();
    await late.time.pass(5 * SECOND);
    expect((await stateOf(late.gateway)).refund_payments).toMatchObject([{ amount: "-30" }]);

    const { gateway } = scripted("edit-error-9999-after");
    const id = await charged(gateway);
    expect(await call(gateway, calls.revoke({ payment_id: id, amount: 30 }, freshId()))).toMatchObject({ kind: "refused", code: "9999" });
    expect((await stateOf(gateway)).refund_payments).toMatchObject([{ amount: "-30" }]);
  });

  test("a read that shows an old state, and one that goes backwards", async () => {
    const { gateway, time } = scripted("lag-10");
    const id = await charged(gateway);
    expect(await call(gateway, calls.getStatus({ payment_id: id }, freshId()))).toMatchObject({ kind: "refused", category: "not_found" });
    await time.pass(10 * SECOND);
    expect(await stateOf(gateway)).toMatchObject({ status: "success" });
    const back = scripted("backwards").gateway;
    await charged(back);
    const read = async (): Promise<unknown> => (await stateOf(back)).status;
    expect([await read(), await read(), await read()]).toEqual(["success", "process", "success"]);
  });

  test("an outage", async () => {
    const { gateway } = simulator();
    gateway.startOutage(SECOND);
    expect(await call(gateway, chargeCall())).toMatchObject({ kind: "unknown", reason: "network" });
    expect(gateway.totalsOf("1234").payments).toBe(0);
  });
});

describe("who calls", () => {
  test("with another key gets an unsigned 401, and nothing is taken", async () => {
    const { gateway } = simulator();
    const other = createMerchantGateway({ url: GATEWAY.url, merchantId: MERCHANT, secretKey: "test-secret-other" });
    expect(await call(gateway, chargeCall(), other)).toMatchObject({
      kind: "refused",
      httpStatus: 401,
      code: "1100",
      isNotIdentified: true,
    });
    expect(gateway.totalsOf("1234").payments).toBe(0);
  });

  test("as another merchant gets an unsigned 9998", async () => {
    const { gateway } = simulator();
    const other = createMerchantGateway({ url: GATEWAY.url, merchantId: "654321", secretKey: SECRET });
    expect(await call(gateway, chargeCall(), other)).toMatchObject({ kind: "refused", code: "9998", isNotIdentified: true });
  });

  test("with the second of two keys is answered with that key", async () => {
    const { gateway } = simulator({ secretKeys: ["test-secret-first", SECRET] });
    expect(await call(gateway, chargeCall())).toMatchObject({ kind: "answered" });
  });

  test("without .php is answered with the script that was called", async () => {
    const { gateway } = simulator();
    const paths = readPaths('{"makeRecurringPayment": "/make_recurring_payment", "getStatus": "/get_status3"}');
    expect(await call(gateway, chargeCall(), { ...GATEWAY, paths })).toMatchObject({ kind: "answered" });
  });

  test.each([
    ["one more field", "&pg_x=1"],
    ["the order twice", "&pg_order_id=1235"],
  ])("with %s than was signed is not identified", async (_, more) => {
    const { gateway } = simulator();
    const request = buildMerchantRequest(GATEWAY, chargeCall());
    const body = `${new URLSearchParams([...(await request.formData())].map(([name, value]) => [name, String(value)]))}${more}`;
    const response = await gateway.fetch(new Request(request.url, { method: "POST", body }));
    expect(response.status).toBe(401);
    expect(await response.text()).not.toContain("pg_sig");
  });

  test("at a path of neither API gets HTML", async () => {
    const { gateway } = simulator();
    expect((await gateway.fetch(new Request("http://127.0.0.1:8080/init_payment2.php", { method: "POST" }))).status).toBe(404);
    expect((await gateway.fetch(new Request("http://127.0.0.1:8080/cancel.php"))).status).toBe(405);
  });
});

test("the cards of a user are listed: none, one, and two with one token", async () => {
  const { gateway, time } = simulator();
  const list = async (): Promise<unknown> => {
    const outcome = await call(gateway, calls.listCards({ user_id: "customer-1" }, freshId()));
    return outcome.kind === "answered" ? outcome.answer : outcome;
  };
  expect(await list()).toEqual([]);
  const card = { userId: "customer-1", token: "token-1", mask: "4111-11XX-XXXX-1111", profileId: "60144557", createdAt: time.now() };
  gateway.state.cards.push(card, { ...card, userId: "customer-2" });
  const shown = { cardToken: "token-1", profileId: "60144557", last4: "1111", createdAt: "2026-11-22 15:00:00" };
  expect(await list()).toEqual([shown]);
  gateway.state.cards.push({ ...card, profileId: "60144558" });
  expect(await list()).toEqual([shown, { ...shown, profileId: "60144558" }]);
});

const FORMATS: readonly CallbackFormat[] = ["form", "get", "xml", "xml-raw", "xml-body"];

describe.each(FORMATS)("notifications as %s", (callbackFormat) => {
  test("are verified by the core, and its answers by the simulator", async () => {
    const shop = shopServer(() => "ok");
    const { gateway, time } = simulator({ fetch: shop.fetch, callbackFormat });
    const paymentId = await charged(gateway, URLS);
    await settle(gateway, time);
    expect(shop.received.map(({ notification }) => notification)).toMatchObject([
      { kind: "verified", notice: { kind: "check", orderId: "1234", paymentId: null, amount: 10_000, currency: "KZT" } },
      {
        kind: "verified",
        isHintOnly: callbackFormat === "get",
        notice: {
          kind: "result",
          result: "paid",
          paymentId,
          amount: 10_000,
          captured: true,
          canReject: true,
          isTest: true,
          profileId: "60144557",
          profileExpiryDate: "2027-11-22 00: 00: 00",
          card: { brand: "visa", last4: "1111", expiry: "12/30" },
        },
      },
    ]);
    expect(gateway.log.text()).not.toContain("pg_sig is missing or wrong");
  });

  test("a check that is rejected declines the payment", async () => {
    const shop = shopServer((kind) => (kind === "check" ? "rejected" : "ok"));
    const { gateway, time } = simulator({ fetch: shop.fetch, callbackFormat });
    await charged(gateway, URLS);
    await settle(gateway, time);
    expect(await stateOf(gateway)).toMatchObject({ status: "error", error: { code: "10021" } });
    expect(shop.received[1]?.notification).toMatchObject({ notice: { result: "failed", failureCode: "10021" } });
    expect(gateway.totalsOf("1234").payments).toBe(0);
  });

  test("a result that is rejected returns the money", async () => {
    const shop = shopServer((kind) => (kind === "result" ? "rejected" : "ok"));
    const { gateway, time } = simulator({ fetch: shop.fetch, callbackFormat });
    await charged(gateway, URLS);
    await settle(gateway, time);
    expect(gateway.totalsOf("1234")).toMatchObject({ taken: 10_000, refunded: 10_000 });
  });
});

test("a result that is not answered is repeated, with another salt and signature, and the same content", async () => {
  const shop = shopServer((_, nth) => (nth < 3 ? null : "ok"));
  const { gateway, time } = simulator({ fetch: shop.fetch });
  await charged(gateway, { result_url: URLS.result_url });
  await settle(gateway, time);
  expect(shop.received).toHaveLength(3);
  expect(new Set(shop.received.map(({ text }) => text)).size).toBe(3);
  expect(new Set(shop.received.map(({ notification }) => JSON.stringify(notification))).size).toBe(1);
  expect(shop.received[0]?.notification.kind).toBe("verified");
});

test.each([
  ["callbacks-forged", ["unverified", "verified"]],
  ["callbacks-3", ["verified", "verified", "verified"]],
  ["callbacks-none", []],
])("with the keyword %s the results are %j", async (keywords, kinds) => {
  const shop = shopServer(() => "ok");
  const { gateway, time } = scripted(keywords, { fetch: shop.fetch });
  await charged(gateway, { result_url: URLS.result_url });
  await settle(gateway, time);
  expect(shop.received.map(({ notification }) => notification.kind)).toEqual(kinds);
});

test("both APIs see one order: a payment of v5 is read by the Merchant API, and its order_id is used", async () => {
  const { gateway } = simulator();
  const { id } = await charge(gateway, { orderId: "1234" });
  expect(await stateOf(gateway)).toMatchObject({ id, status: "success" });
  expect(await call(gateway, chargeCall())).toMatchObject({ kind: "refused", code: "9991" });
  expect(gateway.totalsOf("1234").payments).toBe(1);
});
