/** Calls of the Merchant API against a fetch in this process: forms that leave, and every end that an XML answer can have. */
import { equal, matches, refused } from "./assert.ts";
import { streamOf, utf8 } from "./bytes.ts";
import type { Case, Subject } from "./case.ts";
import { forEach } from "./case.ts";

const ID = "0190fddd-bea7-7f17-b777-10344d5cc816";
const SECRET = "test-secret-of-the-merchant";
const OPTIONS = { url: "https://test-api.freedompay.kz", merchantId: "123456", secretKey: SECRET };
const PAYMENT = { order_id: "1234", amount: 10.5, currency: "KZT", description: "Алма & +100% ☕", auto_clearing: true } as const;

/** {@link PAYMENT} as Python's urlencode and hashlib make it. */
const FORM =
  "pg_recurring_profile=60144557&pg_order_id=1234&pg_amount=10.50&pg_currency=KZT&pg_description=%D0%90%D0%BB%D0%BC%D0%B0+%26+%2B100%25+%E2%98%95" +
  "&pg_auto_clearing=1&pg_request_method=POST&pg_merchant_id=123456&pg_salt=0190fdddbea77f17b77710344d5cc816&pg_sig=b23b00f98765a527ce360259b0491e00";

type Members = readonly (readonly [name: string, text: string])[];

const STATUS: Members = [
  ["pg_status", "ok"],
  ["pg_payment_id", "902"],
  ["pg_payment_status", "success"],
  ["pg_amount", "20.00"],
  ["pg_captured", "1"],
  ["pg_salt", "салт"],
];

/** Building, sending, reading. */
export function merchantCallCases({ merchant }: Subject): readonly Case[] {
  const { buildMerchantRequest, callMerchantGateway, createMerchantGateway, getStatus, makeRecurringPayment, signFields, writeXml } =
    merchant;
  const gateway = createMerchantGateway(OPTIONS);
  const call = getStatus({ order_id: "1234" }, ID);
  const signed = (members: Members, key = SECRET): string => {
    const fields = members.map(([name, value]) => ({ name, value }));
    return writeXml([...members, ["pg_sig", signFields("get_status3.php", fields, key)]]);
  };
  const unsignedError = writeXml([
    ["pg_status", "error"],
    ["pg_error_code", "9998"],
  ]);
  const answers: readonly (readonly [name: string, response: () => Response, end: Readonly<Record<string, unknown>>])[] = [
    ["a signed answer", () => new Response(signed(STATUS)), { kind: "answered", httpStatus: 200 }],
    [
      "a signed answer in single bytes",
      () => new Response(streamOf([...utf8(signed(STATUS))].map((byte) => Uint8Array.of(byte)))),
      { kind: "answered" },
    ],
    ["an answer of another key", () => new Response(signed(STATUS, "test-other")), { kind: "unknown", reason: "unverified" }],
    ["an answer without a signature", () => new Response(writeXml(STATUS)), { kind: "unknown", reason: "unverified" }],
    [
      "an error without a signature",
      () => new Response(unsignedError),
      { kind: "refused", code: "9998", isSigned: false, isNotIdentified: true },
    ],
    ["a page", () => new Response("<!DOCTYPE html><html></html>"), { kind: "unknown", reason: "not_xml" }],
    ["two payment ids", () => new Response(signed([...STATUS, ["pg_payment_id", "903"]])), { kind: "unknown", reason: "odd_xml" }],
    ["a redirect", () => new Response(null, { status: 307, headers: { location: "/" } }), { kind: "unknown", reason: "redirect" }],
    ["a network error's response", () => Response.error(), { kind: "unknown", reason: "network" }],
    [
      "a body that breaks",
      () => new Response(streamOf([utf8("<response>")], new TypeError("reset"))),
      { kind: "unknown", reason: "network" },
    ],
  ];
  return [
    {
      name: "a call of the Merchant API is one form, percent-encoded and signed alike",
      run: async () => {
        const request = buildMerchantRequest(gateway, makeRecurringPayment({ ...PAYMENT, profile_id: "60144557" }, ID));
        matches(request, { method: "POST", url: "https://test-api.freedompay.kz/make_recurring_payment.php", redirect: "manual" });
        equal(request.headers.get("content-type"), "application/x-www-form-urlencoded");
        equal(await request.text(), FORM);
      },
    },
    {
      name: "every call of the Merchant API has the fields of its page",
      run: () => {
        equal(getStatus({ payment_id: "77" }, ID).body, "pg_payment_id=77");
        equal(merchant.doCapture({ payment_id: "77", amount: 0.1 }, ID).body, "pg_payment_id=77&pg_clearing_amount=0.10");
        equal(merchant.cancel({ payment_id: "77" }, ID).body, "pg_payment_id=77");
        equal(merchant.revoke({ payment_id: "77", amount: 99_999_999 }, ID).body, "pg_payment_id=77&pg_refund_amount=99999999");
        equal(merchant.listCards({ user_id: "customer-1" }, ID).body, "pg_user_id=customer-1");
        const page = merchant.initPayment({ ...PAYMENT, amount: 4990, user_id: "customer-1", lifetime: 1800, language: "kk" }, ID);
        matches(Object.fromEntries(new URLSearchParams(page.body)), {
          pg_amount: "4990",
          pg_description: PAYMENT.description,
          pg_language: "kk",
        });
      },
    },
    ...forEach(
      answers,
      (name) => `a call of the Merchant API ends as it should after ${name}`,
      async (_, response, end) => matches(await callMerchantGateway(gateway, call, { fetch: async () => response() }), end, "the outcome"),
    ),
    {
      name: "a call of the Merchant API ends at its time limit and when its caller aborts it",
      run: async () => {
        const fetch = (): Promise<Response> => new Promise(() => undefined);
        matches(await callMerchantGateway(gateway, call, { fetch, timeout: 20 }), { kind: "unknown", reason: "timeout" });
        matches(await callMerchantGateway(gateway, call, { fetch, signal: AbortSignal.abort() }), { kind: "unknown", reason: "aborted" });
      },
    },
    {
      name: "a payment, a charge and an operation of the Merchant API have the states of v5",
      run: async () => {
        const outcome = await callMerchantGateway(gateway, call, { fetch: async () => new Response(signed(STATUS)) });
        if (outcome.kind !== "answered") throw new Error(`the outcome is ${JSON.stringify(outcome)}`);
        matches(merchant.paymentStateOf(outcome.answer, { autoClearing: true }), { id: "902", status: "success", amount: "20.00" });
        equal(merchant.meaningOf("revoked"), "returned");
        const charge = { paymentId: "902", amount: "20", currency: null, profileExpiryDate: null };
        equal(merchant.createdPaymentOf(charge), { id: "902", status: "process", amount: "20" });
        equal(merchant.editedPaymentOf("refund", "902", { amount: null, clearingAmount: null }), { id: "902" });
      },
    },
    {
      name: "wrong members and options of the Merchant API are refused",
      run: async () => {
        await refused("input_invalid", () => makeRecurringPayment({ ...PAYMENT, profile_id: "６０" }, ID));
        await refused("input_invalid", () => makeRecurringPayment({ ...PAYMENT, description: "a\ud83c", profile_id: "60" }, ID));
        await refused("input_invalid", () => getStatus({}, ID));
        await refused("input_invalid", () => createMerchantGateway({ ...OPTIONS, url: "https://api.freedompay.kz\\@evil.example" }));
        await refused("key_invalid", () => createMerchantGateway({ ...OPTIONS, secretKey: " " }));
      },
    },
  ];
}
