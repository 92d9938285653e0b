import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { MerchantAction, UnsignedMerchantCall } from "../../../src/merchant-api/calls.ts";
import * as calls from "../../../src/merchant-api/calls.ts";
import { callMerchantGateway } from "../../../src/merchant-api/client.ts";
import { outcomeOfMerchantResponse } from "../../../src/merchant-api/outcome.ts";
import type { MerchantOutcome } from "../../../src/merchant-api/outcome.ts";
import { merchantCategoryOf, provesUntaken } from "../../../src/merchant-api/refusal.ts";
import { categoryOf } from "../../../src/decline.ts";
import { cases } from "../../length.ts";
import { answer, fieldsOf, GATEWAY, ID, KEY, signed, xml } from "./fake-gateway.ts";

const { initPayment, makeRecurringPayment, getStatus, doCapture, cancel, revoke, listCards } = calls.MERCHANT_ACTIONS;

type Members = Readonly<Record<string, unknown>>;

/** The outcome of an answer with this text. The script of every call here is `call.php`. */
function outcomeOf<Answer>(
  action: MerchantAction<Answer>,
  body: string | Uint8Array<ArrayBuffer> | null,
  init: ResponseInit = {},
): Promise<MerchantOutcome<Answer>> {
  return outcomeOfMerchantResponse(action, new Response(body, init), { script: "call.php", secretKey: KEY });
}

const good = (members: Members): string => answer(members, "call.php");
const unknown = (reason: string, httpStatus = 200): unknown => ({ kind: "unknown", reason, httpStatus, retryAfter: null });

const PAGE = {
  pg_status: "ok",
  pg_payment_id: "900",
  pg_redirect_url: "https://customer.freedompay.kz/pay?id=1&x=2",
  pg_redirect_url_type: "need data",
};
const CHARGE = {
  pg_status: "ok",
  pg_payment_id: "901",
  pg_amount: "10.5",
  pg_currency: "KZT",
  pg_recurring_profile: "60144557",
  pg_recurring_profile_expiry_date: "2027-12-03 00: 00: 00",
};
const STATUS = {
  pg_status: "ok",
  pg_payment_id: "902",
  pg_order_id: "1234",
  pg_payment_status: "success",
  pg_amount: "20.00",
  pg_currency: "KZT",
  pg_captured: "1",
  pg_clearing_amount: "20",
  pg_refund_amount: "-5.00",
  pg_refund_payments: {
    pg_refund_payment: [
      { pg_payment_id: "903", pg_payment_status: "success", pg_amount: "-2.00", pg_payment_date: "2026-11-29 10:00:00" },
      { pg_payment_id: "904", pg_payment_status: "process", pg_amount: "-3.00" },
    ],
  },
  pg_revoked_payments: "",
  pg_reference: "633400000001",
  pg_auth_code: "123456",
  pg_card_pan: "4400-44XX-XXXX-4440",
  pg_card_token: "token-1",
  pg_card_exp: "12/27",
  pg_card_brand: "VISA",
  pg_card_owner: "CARD HOLDER",
  pg_testing_mode: "1",
  pg_failure_code: "",
};

describe("answered is", () => {
  test.each<readonly [string, MerchantAction<unknown>, Members, unknown]>([
    ["a page", initPayment, PAGE, { paymentId: "900", redirectUrl: "https://customer.freedompay.kz/pay?id=1&x=2" }],
    ["a page without a payment", initPayment, { ...PAGE, pg_payment_id: "" }, { paymentId: null, redirectUrl: PAGE.pg_redirect_url }],
    [
      "an accepted charge",
      makeRecurringPayment,
      CHARGE,
      { paymentId: "901", amount: "10.5", currency: "KZT", profileExpiryDate: "2027-12-03 00: 00: 00" },
    ],
    [
      "an accepted charge with a payment id alone",
      makeRecurringPayment,
      { pg_status: "ok", pg_payment_id: "901" },
      { paymentId: "901", amount: null, currency: null, profileExpiryDate: null },
    ],
    ["a clearing", doCapture, { pg_status: "ok", pg_amount: "20", pg_clearing_amount: "10" }, { amount: "20", clearingAmount: "10" }],
    ["a release", cancel, { pg_status: "ok" }, { amount: null, clearingAmount: null }],
    ["a refund that is pending", revoke, { pg_status: "pending" }, { amount: null, clearingAmount: null }],
    ["a refund with another word for ok", revoke, { pg_status: "success" }, { amount: null, clearingAmount: null }],
    [
      "a list of cards",
      listCards,
      {
        card: [
          {
            pg_card_token: "token-1",
            pg_card_hash: "4400-44XX-XXXX-4440",
            pg_recurring_profile_id: "60144557",
            created_at: "2026-11-29 10:00:00",
          },
          { pg_card_token: "token-2", pg_card_hash: "", pg_recurring_profile_id: "" },
        ],
      },
      [
        { cardToken: "token-1", profileId: "60144557", last4: "4440", createdAt: "2026-11-29 10:00:00" },
        { cardToken: "token-2", profileId: null, last4: null, createdAt: null },
      ],
    ],
    ["an empty list", listCards, { pg_status: "ok" }, []],
  ])("%s", async (_, action, members, expected) => {
    expect(await outcomeOf(action, good(members))).toEqual({ kind: "answered", httpStatus: 200, answer: expected });
  });

  test("a status, of whose card only brand, last digits and expiry are kept, and the token to compare", async () => {
    const outcome = await outcomeOf(getStatus, good(STATUS));
    expect(outcome).toEqual({
      kind: "answered",
      httpStatus: 200,
      answer: {
        paymentId: "902",
        orderId: "1234",
        status: "success",
        amount: "20.00",
        currency: "KZT",
        captured: true,
        clearingAmount: "20",
        refundAmount: "-5.00",
        refunds: [
          { paymentId: "903", amount: "-2.00", status: "success" },
          { paymentId: "904", amount: "-3.00", status: "process" },
        ],
        revocations: [],
        approvalCode: "123456",
        reference: "633400000001",
        intreference: null,
        card: { brand: "VISA", last4: "4440", expiry: "12/27" },
        cardToken: "token-1",
        failure: null,
        isTest: true,
      },
    });
    expect(JSON.stringify(outcome)).not.toMatch(/HOLDER|4400/);
  });

  test.each([200, 400, 404, 422])("a signed answer with HTTP status %i, because the signature shows whose it is", async (status) => {
    expect(await outcomeOf(makeRecurringPayment, good(CHARGE), { status })).toMatchObject({ kind: "answered", httpStatus: status });
  });

  test("the status of a declined payment, with its code", async () => {
    const declined = {
      ...STATUS,
      pg_payment_status: "error",
      pg_failure_code: "100091",
      pg_failure_description: "text",
      pg_testing_mode: "0",
    };
    expect(await outcomeOf(getStatus, good(declined))).toMatchObject({
      kind: "answered",
      answer: { status: "error", failure: { code: "100091", description: "text" }, isTest: false },
    });
  });

  test("a status with rows that cannot be read, which are rows all the same", async () => {
    const rows = {
      pg_refund_payment: ["x", { pg_payment_id: ID, pg_amount: ["1", "2"], pg_payment_status: "so so" }, { pg_amount: "-1" }],
    };
    const nothing = { paymentId: null, amount: null, status: null };
    expect(await outcomeOf(getStatus, good({ ...STATUS, pg_refund_payments: rows, pg_revoked_payments: rows }))).toMatchObject({
      answer: { refunds: [nothing, nothing, { ...nothing, amount: "-1" }], revocations: [nothing, nothing, { ...nothing, amount: "-1" }] },
    });
  });

  test("an undeciding field in another form, or twice, without that field", async () => {
    const odd = {
      ...STATUS,
      pg_reference: ["1", "2"],
      pg_card_brand: { a: "VISA" },
      pg_failure_code: "E1",
      pg_auth_code: "x".repeat(1025),
    };
    expect(await outcomeOf(getStatus, good(odd))).toMatchObject({
      kind: "answered",
      answer: { reference: null, failure: null, approvalCode: null, card: { brand: null, last4: "4440" } },
    });
  });
});

const error = (code: unknown, more: Members = {}): Members => ({
  pg_status: "error",
  pg_error_code: code,
  pg_error_description: "text",
  ...more,
});
const unsigned = (members: Members): string => xml(fieldsOf(members));

describe("refused is", () => {
  test("a signed error, with the payment that it names", async () => {
    expect(await outcomeOf(makeRecurringPayment, good(error("10009", { pg_payment_id: "901" })))).toEqual({
      kind: "refused",
      httpStatus: 200,
      code: "10009",
      description: "text",
      category: "insufficient_funds",
      isSigned: true,
      isNotIdentified: false,
      paymentId: "901",
    });
  });

  test.each<readonly [string, string, number, boolean]>([
    ["1100 with HTTP 401", "1100", 401, true],
    ["1100 with HTTP 200", "1100", 200, true],
    ["9998", "9998", 200, true],
    ["any code with HTTP 401", "9999", 401, true],
    ["11068", "11068", 200, false],
    ["9992", "9992", 200, false],
  ])("an unsigned error %s", async (_, code, status, isNotIdentified) => {
    expect(await outcomeOf(getStatus, unsigned(error(code)), { status })).toMatchObject({
      kind: "refused",
      code,
      isSigned: false,
      isNotIdentified,
    });
  });

  test("a signed 1100, which says that the merchant was identified", async () => {
    expect(await outcomeOf(getStatus, good(error("1100")), { status: 401 })).toMatchObject({
      kind: "refused",
      isSigned: true,
      isNotIdentified: false,
    });
  });

  test.each(["11068", "340"])("a status of a payment that does not exist, by code %s, signed or not", async (code) => {
    for (const text of [good(error(code)), unsigned(error(code))])
      expect(await outcomeOf(getStatus, text)).toMatchObject({ kind: "refused", category: "not_found" });
  });

  test.each<readonly [string, Members]>([
    ["an empty description", { pg_error_description: "" }],
    ["two descriptions", { pg_error_description: ["a", "b"] }],
    ["a payment of v5", { pg_error_description: "", pg_payment_id: ID }],
    ["the payment 0", { pg_error_description: "", pg_payment_id: "0" }],
    ["two payments", { pg_error_description: "", pg_payment_id: ["1", "1"] }],
  ])("an error with %s, without that", async (_, more) => {
    expect(await outcomeOf(revoke, good(error("10009", more)))).toMatchObject({ kind: "refused", description: null, paymentId: null });
  });

  test.each(["12", "1000661", "0120"])("an error with the code %s, which stays a text", async (code) => {
    expect(await outcomeOf(revoke, good(error(code)))).toMatchObject({ kind: "refused", code });
  });
});

describe("unknown is", () => {
  const swap = (text: string, from: string, to: string): string => {
    expect(text).toContain(from);
    return text.replace(from, to);
  };

  test.each<readonly [string, string, string]>([
    ["ok without a signature", unsigned(CHARGE), "unverified"],
    ["ok with a value changed", swap(good(CHARGE), "<pg_payment_id>901", "<pg_payment_id>902"), "unverified"],
    ["ok with a field added", swap(good(CHARGE), "<pg_salt>", "<pg_own>1</pg_own><pg_salt>"), "unverified"],
    ["ok signed for another script", answer(CHARGE, "init_payment.php"), "unverified"],
    ["ok signed with another key", answer(CHARGE, "call.php", "test-secret-other"), "unverified"],
    ["an error with a wrong signature", swap(good(error("9992")), "<pg_error_code>9992", "<pg_error_code>9994"), "unverified"],
    ["an error with an empty signature", unsigned(error("1100", { pg_sig: "" })), "unverified"],
    ["no status", good({ pg_payment_id: "901" }), "odd_xml"],
    ["an unsigned answer without status", unsigned({ pg_payment_id: "901" }), "unverified"],
    ["another status", good({ ...CHARGE, pg_status: "accepted" }), "odd_xml"],
    ["the status of an operation", good({ ...CHARGE, pg_status: "pending" }), "odd_xml"],
    ["the status twice", good({ ...CHARGE, pg_status: ["ok", "error"] }), "odd_xml"],
    ["a charge without a payment", good({ pg_status: "ok" }), "odd_xml"],
    ["a charge with the payment 0", good({ ...CHARGE, pg_payment_id: "0" }), "odd_xml"],
    ["a charge with a payment of v5", good({ ...CHARGE, pg_payment_id: ID }), "odd_xml"],
    ["a charge with two payments", good({ ...CHARGE, pg_payment_id: ["901", "901"] }), "odd_xml"],
    ["an error without a code", good({ pg_status: "error" }), "odd_xml"],
    ...["1", "12345678", "E100", "", " 9992", "99.2"].map(
      (code) => [`an error with the code ${JSON.stringify(code)}`, good(error(code)), "odd_xml"] as const,
    ),
    ["an error with two codes", good(error(["9992", "10009"])), "odd_xml"],
    ["another root", xml(signed(CHARGE, "call.php"), "html"), "not_xml"],
    ["HTML", "<!doctype html><html><body>403<br></body></html>", "not_xml"],
    ["JSON", '{"pg_status":"ok"}', "not_xml"],
    ["nothing", "", "not_xml"],
    ["XML with a document type", swap(good(CHARGE), "<response>", "<!DOCTYPE response><response>"), "not_xml"],
    ["XML that says windows-1251", swap(good(CHARGE), "utf-8", "windows-1251"), "not_xml"],
    ["more than 512 KiB", good({ ...CHARGE, pg_pad: "x".repeat(512 * 1024) }), "not_xml"],
  ])("%s", async (_, body, reason) => {
    expect(await outcomeOf(makeRecurringPayment, body)).toEqual(unknown(reason));
  });

  test.each<readonly [string, MerchantAction<unknown>, Members]>([
    ["a page without an address", initPayment, { ...PAGE, pg_redirect_url: "" }],
    ["a page with two addresses", initPayment, { ...PAGE, pg_redirect_url: [PAGE.pg_redirect_url, PAGE.pg_redirect_url] }],
    ["a page with a space in its address", initPayment, { ...PAGE, pg_redirect_url: "https://customer.freedompay.kz/ x" }],
    ["a status without a word", getStatus, { ...STATUS, pg_payment_status: "" }],
    ["a status without a payment", getStatus, { ...STATUS, pg_payment_id: "" }],
    ["a status with two words", getStatus, { ...STATUS, pg_payment_status: ["success", "error"] }],
    ["a status with two orders", getStatus, { ...STATUS, pg_order_id: ["1234", "1235"] }],
    ["a status that is half captured", getStatus, { ...STATUS, pg_captured: "2" }],
    ["a status with captured twice", getStatus, { ...STATUS, pg_captured: ["1", "0"] }],
    ["a status with two amounts", getStatus, { ...STATUS, pg_amount: ["20", "20"] }],
    ["a status with two currencies", getStatus, { ...STATUS, pg_currency: ["KZT", "USD"] }],
    ["a status with two tokens", getStatus, { ...STATUS, pg_card_token: ["a", "b"] }],
    ["a list with a card that is a text", listCards, { card: "x" }],
    ["a list with a card of two profiles", listCards, { card: { pg_card_token: "a", pg_recurring_profile_id: ["1", "2"] } }],
  ])("%s", async (_, action, members) => {
    expect(await outcomeOf(action, good(members))).toEqual(unknown("odd_xml"));
  });

  test.each<readonly [number, string]>([
    [301, "redirect"],
    [429, "rate_limited"],
    [500, "server_error"],
    [502, "server_error"],
  ])("HTTP status %i, with any body", async (status, reason) => {
    expect(await outcomeOf(makeRecurringPayment, good(CHARGE), { status })).toEqual(unknown(reason, status));
  });

  test("a response without a status line, and one that is an error of fetch", async () => {
    const outcome = await outcomeOfMerchantResponse(getStatus, Response.error(), { script: "call.php", secretKey: KEY });
    expect(outcome).toEqual({ ...Object(unknown("network")), httpStatus: null });
  });

  test("HTTP status 503, whose body is not read but cancelled", async () => {
    let isCancelled = false;
    const body = new ReadableStream<Uint8Array>({ cancel: () => void (isCancelled = true) });
    await outcomeOfMerchantResponse(getStatus, new Response(body, { status: 503 }), { script: "call.php", secretKey: KEY });
    expect(isCancelled).toBe(true);
  });

  test("429 with Retry-After", async () => {
    expect(await outcomeOf(getStatus, null, { status: 429, headers: { "retry-after": "7" } })).toMatchObject({
      reason: "rate_limited",
      retryAfter: 7,
    });
  });

  test("a body that breaks off", async () => {
    const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(new TypeError("cut")) });
    expect(await outcomeOfMerchantResponse(getStatus, new Response(body), { script: "call.php", secretKey: KEY })).toEqual(
      unknown("network"),
    );
  });
});

test("an answer of any members that is signed with another key is never believed", async () => {
  const members = fc.dictionary(
    fc.constantFrom("pg_status", "pg_payment_id", "pg_error_code", "pg_payment_status", "pg_redirect_url", "x"),
    fc.constantFrom("ok", "error", "1", "9992", "success", "https://customer.freedompay.kz/"),
  );
  const action = fc.constantFrom<MerchantAction<unknown>>(
    initPayment,
    makeRecurringPayment,
    getStatus,
    doCapture,
    cancel,
    revoke,
    listCards,
  );
  await fc.assert(
    fc.asyncProperty(action, members, async (one, some) => {
      expect(await outcomeOf(one, answer(some, "call.php", "test-secret-other"))).toEqual(unknown("unverified"));
    }),
    cases(200),
  );
});

describe("a refusal of the only send proves that nothing was taken", () => {
  const refusal = (code: string, isSigned = true, isNotIdentified = false): Parameters<typeof provesUntaken>[0] => ({
    code,
    isSigned,
    isNotIdentified,
  });

  test.each([
    ...["9992", "9994", "9996", "9997"].map((code) => [`signed, code ${code}`, refusal(code)] as const),
    ["not identified, code 1100", refusal("1100", false, true)],
    ["not identified, code 9998", refusal("9998", false, true)],
  ] as const)("%s", (_, one) => {
    expect(provesUntaken(one)).toBe(true);
  });

  test.each([
    ...["10009", "9991", "9993", "9998", "1100", "9999", "9011", "120", "11068"].map(
      (code) => [`not: signed, code ${code}`, refusal(code)] as const,
    ),
    ["not: not enabled, but unsigned", refusal("9992", false)],
  ] as const)("%s", (_, one) => {
    expect(provesUntaken(one)).toBe(false);
  });
});

describe("the categories of codes", () => {
  /** docs/merchant-api.md, "Answers". */
  const ADDED = {
    insufficient_funds: "8888 100091 100094",
    declined: "10024 11011 13713 100101 100384 100403",
    card_invalid: "10031 11004 11050 11062 11063 11065 110501 100056",
    card_expired: "9901 100171",
    authentication_required: "10042 110100",
    limit_exceeded: "100066 1000661 1000669 100228",
    not_found: "340",
  } as const;

  test.each(Object.entries(ADDED).flatMap(([category, codes]) => codes.split(" ").map((code) => [code, category] as const)))(
    "%s is %s here, and means nothing in v5",
    (code, category) => {
      for (const kind of ["create", "edit", "read"] as const) {
        expect(merchantCategoryOf(kind, code)).toBe(category);
        expect(categoryOf(kind, code)).toBe("other");
      }
    },
  );

  test("the codes of v5 mean the same", () => {
    for (const code of ["10009", "9011", "11070", "9991", "9992", "11068", "120", "99", "constructor"])
      for (const kind of ["create", "edit", "read"] as const) expect(merchantCategoryOf(kind, code)).toBe(categoryOf(kind, code));
    expect(merchantCategoryOf("create", "9011")).toBe("profile_dead");
    expect(merchantCategoryOf("create", "120")).toBe("other");
  });
});

describe("a call", () => {
  const call: UnsignedMerchantCall<unknown> = calls.getStatus({ payment_id: "902" }, ID);

  test("is sent once, and its verified answer is read", async () => {
    const fetch = vi.fn(async () => new Response(answer(STATUS, "get_status3.php")));
    expect(await callMerchantGateway(GATEWAY, call, { fetch })).toMatchObject({ kind: "answered", answer: { paymentId: "902" } });
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  test("is answered with the signature of another call: not verified", async () => {
    const fetch = async (): Promise<Response> => new Response(answer(STATUS, "init_payment.php"));
    expect(await callMerchantGateway(GATEWAY, call, { fetch })).toEqual(unknown("unverified"));
  });

  test("that fails is unknown", async () => {
    const fetch = vi.fn(async (): Promise<Response> => {
      throw new TypeError("refused");
    });
    expect(await callMerchantGateway(GATEWAY, call, { fetch })).toEqual({ ...Object(unknown("network")), httpStatus: null });
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  test("that is aborted is unknown", async () => {
    const signal = AbortSignal.abort();
    const fetch = vi.fn(async () => new Response(""));
    expect(await callMerchantGateway(GATEWAY, call, { fetch, signal })).toEqual({ ...Object(unknown("aborted")), httpStatus: null });
    expect(fetch).not.toHaveBeenCalled();
  });

  test.each([
    [undefined, 20_000],
    [5_000, 5_000],
  ])("with the time limit %j ends after %i ms, and leaves no timer", async (timeout, after) => {
    const never = (): Promise<Response> => new Promise<never>(() => undefined);
    vi.useFakeTimers();
    try {
      const outcome = callMerchantGateway(GATEWAY, call, { fetch: never, timeout });
      let isOver = false;
      void outcome.finally(() => (isOver = true));
      await vi.advanceTimersByTimeAsync(after - 1);
      expect(isOver).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      expect(await outcome).toEqual({ ...Object(unknown("timeout")), httpStatus: null });
      await callMerchantGateway(GATEWAY, call, { fetch: async () => new Response("") });
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
