import { describe, expect, test } from "vitest";
import type { UnsignedMerchantCall } from "../../../src/merchant-api/calls.ts";
import * as calls from "../../../src/merchant-api/calls.ts";
import { buildMerchantRequest, createMerchantGateway } from "../../../src/merchant-api/client.ts";
import type { Field } from "../../../src/merchant-api/field.ts";
import { MERCHANT_API_PATHS, readPaths } from "../../../src/merchant-api/paths.ts";
import { signNested } from "../../../src/simulator/pg-signature.ts";
import { GATEWAY, ID, KEY } from "./fake-gateway.ts";

const PAGE: calls.InitPaymentInput = {
  order_id: "1234",
  amount: 4990,
  currency: "KZT",
  description: "Заказ №1234",
  auto_clearing: true,
  user_id: "customer-1",
  lifetime: 1800,
};
const CHARGE: calls.MakeRecurringPaymentInput = {
  order_id: "1234",
  amount: 10.5,
  currency: "KZT",
  description: "Order 1234",
  auto_clearing: false,
  profile_id: "60144557",
};

/** An address of 256 characters. */
const long = `https://edge.example/${"x".repeat(235)}`;

/** The own fields of a call. */
const ownFields = ({ body }: UnsignedMerchantCall<unknown>): Readonly<Record<string, string>> =>
  Object.fromEntries(new URLSearchParams(body));

/** The fields of a request. */
const fieldsIn = async (request: Request): Promise<readonly Field[]> =>
  [...(await request.formData())].map(([name, value]) => ({ name, value: String(value) }));

describe("the fields of", () => {
  test("a page", () => {
    expect(ownFields(calls.initPayment(PAGE, ID))).toEqual({
      pg_order_id: "1234",
      pg_amount: "4990",
      pg_currency: "KZT",
      pg_description: "Заказ №1234",
      pg_auto_clearing: "1",
      pg_request_method: "POST",
      pg_user_id: "customer-1",
      pg_lifetime: "1800",
    });
  });

  test("a page with everything: it saves the card, and both returns are GET", () => {
    const more = {
      idempotency_key: "1234-page",
      check_url: "https://edge.example/check",
      result_url: "https://edge.example/result",
      language: "kk",
      user_ip: "192.0.2.7",
      save_card_months: 12,
      success_url: "https://edge.example/paid",
      failure_url: "https://edge.example/failed",
    } as const;
    expect(ownFields(calls.initPayment({ ...PAGE, ...more }, ID))).toMatchObject({
      pg_idempotency_key: "1234-page",
      pg_check_url: "https://edge.example/check",
      pg_result_url: "https://edge.example/result",
      pg_language: "kk",
      pg_user_ip: "192.0.2.7",
      pg_recurring_start: "1",
      pg_recurring_lifetime: "12",
      pg_success_url: "https://edge.example/paid",
      pg_success_url_method: "GET",
      pg_failure_url: "https://edge.example/failed",
      pg_failure_url_method: "GET",
    });
  });

  test.each(["kk", "ru", "en"] as const)("a page in the language %s", (language) => {
    expect(ownFields(calls.initPayment({ ...PAGE, language }, ID))["pg_language"]).toBe(language);
  });

  test("a page with an address of 255 characters", () => {
    const check_url = long.slice(0, 255);
    expect(ownFields(calls.initPayment({ ...PAGE, check_url }, ID))["pg_check_url"]).toHaveLength(255);
  });

  test("a page for a payer with an IPv6 address, which the gateway does not know", () => {
    expect(ownFields(calls.initPayment({ ...PAGE, user_ip: "2001:db8::7" }, ID))).not.toHaveProperty("pg_user_ip");
  });

  test("a charge, with two decimals and a hold", () => {
    expect(ownFields(calls.makeRecurringPayment({ ...CHARGE, result_url: "https://edge.example/r" }, ID))).toEqual({
      pg_recurring_profile: "60144557",
      pg_order_id: "1234",
      pg_amount: "10.50",
      pg_currency: "KZT",
      pg_description: "Order 1234",
      pg_auto_clearing: "0",
      pg_request_method: "POST",
      pg_result_url: "https://edge.example/r",
    });
  });

  test.each([
    ["a status by payment", calls.getStatus({ payment_id: "77" }, ID), { pg_payment_id: "77" }],
    ["a status by order", calls.getStatus({ order_id: "1234--2" }, ID), { pg_order_id: "1234--2" }],
    ["a clearing", calls.doCapture({ payment_id: "77", amount: 0.1 }, ID), { pg_payment_id: "77", pg_clearing_amount: "0.10" }],
    ["a release", calls.cancel({ payment_id: "77" }, ID), { pg_payment_id: "77" }],
    ["a refund of everything", calls.revoke({ payment_id: "77" }, ID), { pg_payment_id: "77" }],
    [
      "a refund of a part",
      calls.revoke({ payment_id: "77", amount: 99_999_999 }, ID),
      { pg_payment_id: "77", pg_refund_amount: "99999999" },
    ],
    ["a list", calls.listCards({ user_id: "customer-1" }, ID), { pg_user_id: "customer-1" }],
  ] as readonly (readonly [string, UnsignedMerchantCall<unknown>, Readonly<Record<string, string>>])[])("%s", (_, call, fields) => {
    expect(ownFields(call)).toEqual(fields);
  });

  test.each([
    [0.1, "0.10"],
    [0.29, "0.29"],
    [1.1, "1.10"],
    [8.2, "8.20"],
    [1_000_000.07, "1000000.07"],
    [99_999_998.99, "99999998.99"],
    [20, "20"],
  ])("the amount %d is exactly %s", (amount, text) => {
    expect(ownFields(calls.doCapture({ payment_id: "77", amount }, ID))["pg_clearing_amount"]).toBe(text);
  });
});

describe("input_invalid is", () => {
  test.each<readonly [string, () => unknown, string]>([
    [
      "an amount of 0",
      () => calls.initPayment({ ...PAGE, amount: 0 }, ID),
      "amount must be a number above 0 with at most 2 decimals and at most 99999999",
    ],
    [
      "an amount with three decimals",
      () => calls.doCapture({ payment_id: "77", amount: 0.001 }, ID),
      "amount must be a number above 0 with at most 2 decimals and at most 99999999",
    ],
    [
      "a lifetime that is too short",
      () => calls.initPayment({ ...PAGE, lifetime: 299 }, ID),
      "lifetime must be a whole number from 300 to 604800",
    ],
    ["13 months", () => calls.initPayment({ ...PAGE, save_card_months: 13 }, ID), "save_card_months must be a whole number from 1 to 12"],
    [
      "half a month",
      () => calls.initPayment({ ...PAGE, save_card_months: 0.5 }, ID),
      "save_card_months must be a whole number from 1 to 12",
    ],
    ["another language", () => calls.initPayment({ ...PAGE, language: "kz" as "kk" }, ID), "language must be kk, ru or en"],
    [
      "an address of 256 characters and more",
      () => calls.initPayment({ ...PAGE, result_url: long }, ID),
      "result_url must have at most 255 characters",
    ],
    [
      "an address that is none",
      () => calls.initPayment({ ...PAGE, success_url: "javascript:1" }, ID),
      "success_url must be an http or https URL",
    ],
    ["an unknown member", () => calls.initPayment({ ...PAGE, pg_sig: "1" } as calls.InitPaymentInput, ID), "pg_sig is not a known member"],
    [
      "half of a character in a description",
      () => calls.initPayment({ ...PAGE, description: "\ud83d" }, ID),
      "description must be 1 to 1024 characters without control characters",
    ],
    ["a profile of v5", () => calls.makeRecurringPayment({ ...CHARGE, profile_id: ID }, ID), "profile_id must be 1 to 20 digits"],
    [
      "a bound profile",
      () => calls.makeRecurringPayment({ ...CHARGE, profile_id: "60144557.AAAAAAAAAAAAAAAA" }, ID),
      "profile_id must be 1 to 20 digits",
    ],
    ["a payment of v5", () => calls.cancel({ payment_id: ID }, ID), "payment_id must be 1 to 20 digits"],
    ["a status of nothing", () => calls.getStatus({}, ID), "the input must name a payment_id or an order_id"],
    [
      "a status by both",
      () => calls.getStatus({ payment_id: "77", order_id: "1234" }, ID),
      "the input must name a payment_id or an order_id",
    ],
    ["another request id", () => calls.cancel({ payment_id: "77" }, "1"), "the request id must be a UUID"],
  ])("%s", (_, call, message) => {
    expect(call).toThrow(expect.objectContaining({ code: "input_invalid", message }));
  });
});

describe("a request", () => {
  test("is a signed form to the path of its call, with the request id as its salt", async () => {
    const request = buildMerchantRequest(GATEWAY, calls.initPayment(PAGE, ID));
    expect([request.method, request.url, request.redirect]).toEqual(["POST", "https://test-api.freedompay.kz/init_payment.php", "manual"]);
    expect(request.headers.get("content-type")).toBe("application/x-www-form-urlencoded");
    const fields = await fieldsIn(request);
    const members = Object.fromEntries(fields.map(({ name, value }) => [name, value]));
    expect(members).toMatchObject({
      pg_merchant_id: "123456",
      pg_salt: "0190fdddbea77f17b77710344d5cc816",
      pg_description: "Заказ №1234",
      pg_sig: signNested("init_payment.php", fields, KEY),
    });
  });

  test.each([
    [calls.initPayment(PAGE, ID), "/init_payment.php", "create"],
    [calls.makeRecurringPayment(CHARGE, ID), "/make_recurring_payment.php", "create"],
    [calls.getStatus({ payment_id: "77" }, ID), "/get_status3.php", "read"],
    [calls.doCapture({ payment_id: "77", amount: 1 }, ID), "/do_capture.php", "edit"],
    [calls.cancel({ payment_id: "77" }, ID), "/cancel.php", "edit"],
    [calls.revoke({ payment_id: "77" }, ID), "/revoke.php", "edit"],
    [calls.listCards({ user_id: "customer-1" }, ID), "/v1/merchant/123456/cardstorage/list", "read"],
  ] as readonly (readonly [UnsignedMerchantCall<unknown>, string, string])[])("of every call goes to its path (%#)", (call, path, kind) => {
    expect(buildMerchantRequest(GATEWAY, call).url).toBe(GATEWAY.url + path);
    expect(call.action.kind).toBe(kind);
  });

  test("is signed for the path that is called: an override changes both", async () => {
    const gateway = { ...GATEWAY, paths: readPaths('{"getStatus": "/v2/get_status3"}') };
    const request = buildMerchantRequest(gateway, calls.getStatus({ payment_id: "77" }, ID));
    expect(request.url).toBe("https://test-api.freedompay.kz/v2/get_status3");
    const fields = await fieldsIn(request);
    expect(fields.at(-1)).toEqual({ name: "pg_sig", value: signNested("get_status3", fields, KEY) });
  });

  test("for the list of cards has the merchant's number in its path", () => {
    const request = buildMerchantRequest(GATEWAY, calls.listCards({ user_id: "customer-1" }, ID));
    expect(request.url).toBe("https://test-api.freedompay.kz/v1/merchant/123456/cardstorage/list");
  });

  test("of a stored text is the same again", async () => {
    const call = calls.makeRecurringPayment(CHARGE, ID);
    const stored = JSON.parse(JSON.stringify({ ...call, action: null })) as UnsignedMerchantCall<unknown>;
    const again = buildMerchantRequest(GATEWAY, { ...stored, action: calls.MERCHANT_ACTIONS.makeRecurringPayment });
    expect(await fieldsIn(again)).toEqual(await fieldsIn(buildMerchantRequest(GATEWAY, call)));
  });
});

describe("MERCHANT_API_PATHS", () => {
  test("are the documented paths, unless a deployment says otherwise", () => {
    expect(readPaths("")).toEqual({
      initPayment: "/init_payment.php",
      makeRecurringPayment: "/make_recurring_payment.php",
      getStatus: "/get_status3.php",
      doCapture: "/do_capture.php",
      cancel: "/cancel.php",
      revoke: "/revoke.php",
      listCards: "/v1/merchant/{merchant_id}/cardstorage/list",
    });
  });

  test.each(["/cancel", "/.cancel", "/..cancel/c..", "/-/_", `/${"x".repeat(254)}`])("%s can be a path", (path) => {
    expect(readPaths(JSON.stringify({ cancel: path })).cancel).toBe(path);
  });

  test.each(["", "  ", "{}"])("%j changes nothing", (setting) => {
    expect(readPaths(setting)).toEqual(MERCHANT_API_PATHS);
  });

  test("overrides single paths", () => {
    expect(readPaths('{"cancel":"/cancel","listCards":"/v2/{merchant_id}/list"}')).toEqual({
      ...MERCHANT_API_PATHS,
      cancel: "/cancel",
      listCards: "/v2/{merchant_id}/list",
    });
  });

  test.each([
    ["cancel", "must be JSON"],
    ['["/cancel"]', "must be a JSON object"],
    ["null", "must be a JSON object"],
    ["1", "must be a JSON object"],
    ['{"init": "/x"}', "must only have the members initPayment, makeRecurringPayment, getStatus, doCapture, cancel, revoke, listCards"],
    [
      '{"__proto__": "/x"}',
      "must only have the members initPayment, makeRecurringPayment, getStatus, doCapture, cancel, revoke, listCards",
    ],
    ...[
      "1",
      '""',
      '"cancel"',
      '"/"',
      '"//evil.example/cancel"',
      '"/cancel?x=1"',
      '"/cancel#x"',
      '"/cancel/"',
      '"/a/../cancel"',
      '"/./cancel"',
      '"/cancel/."',
      '"/cancel/.."',
      '"/./cancel"',
      '"/cancel/."',
      '"/cancel/.."',
      '"/.."',
      '"/a%2fb"',
      '"/c;1"',
      '"/{merchant_id}"',
      '"https://evil.example/x"',
      '"/кассa"',
      `"/${"x".repeat(255)}"`,
    ].map((path) => [`{"cancel":${path}}`, "has a wrong cancel: it must be a path such as /cancel.php"]),
  ])("%s is refused", (setting, message) => {
    expect(() => readPaths(setting)).toThrow(expect.objectContaining({ code: "input_invalid", message: `MERCHANT_API_PATHS ${message}` }));
  });
});

describe("a gateway", () => {
  const options = { url: "https://api.freedompay.kz", merchantId: "123456", secretKey: "test-secret-a test-secret-b" };

  test("signs with the first of two keys", () => {
    expect(createMerchantGateway(options).secretKey).toBe("test-secret-a");
  });

  test.each([
    [{ url: "https://freedompay.example" }, "input_invalid"],
    [{ url: "http://api.freedompay.kz" }, "input_invalid"],
    [{ merchantId: "12a" }, "input_invalid"],
    [{ secretKey: " " }, "key_invalid"],
    [{ secretKey: "a b c" }, "key_invalid"],
  ])("with %j is refused", (change, code) => {
    expect(() => createMerchantGateway({ ...options, ...change })).toThrow(expect.objectContaining({ code }));
  });
});
