/** The texts of the calls: a resend needs the same bytes, so they must not depend on the engine that wrote them. */
import { equal, matches, refused } from "./assert.ts";
import type { Case, Subject } from "./case.ts";
import { forEach } from "./case.ts";

const ID = "0190fddd-bea7-7f17-b777-10344d5cc816";

const PAYMENT = {
  amount: 123.4,
  currency: "KZT",
  description: "Қазақ ☕ \u{1f34e}",
  order_id: "1234",
  user_id: "12345",
  auto_clearing: true,
  user_ip: "2001:db8::7",
} as const;

const WRITTEN =
  '{"amount":123.4,"currency":"KZT","description":"Қазақ ☕ \u{1f34e}","order_id":"1234","user_id":"12345","auto_clearing":true,"from":';

/** Descriptions with characters that Unicode tables of engines could class differently. */
const WRONG_TEXTS: readonly (readonly [name: string, text: string])[] = [
  ["a line end", "a\nb"],
  ["a zero", "a\u0000b"],
  ["a C1 control character", "a\u0085b"],
  ["half a surrogate", "a\ud83cb"],
  ["no character", ""],
  ["1,025 characters", "x".repeat(1025)],
];

/** Every call without and with card data. */
export function paymentCases({ main, cardPayment }: Subject): readonly Case[] {
  const { clearing, createRecurrentPayment, otherCall, paymentStatus, refund, requestStatus, reverse } = main;
  const card = { name: "CARD HOLDER", pan: "000000000000", cvc: "012", year: 30, month: 1 };
  return [
    {
      name: "a create is the text of the official page, in Unicode",
      run: () => {
        const call = createRecurrentPayment({ ...PAYMENT, profile_id: "card-1" }, ID);
        matches(call, { action: main.ACTIONS.create, requestId: ID });
        equal(call.body, `${WRITTEN}{"type":"recurrent","recurrent":{"profile_id":"card-1"}},"device":{"user_ip":"2001:db8::7"}}`);
      },
    },
    {
      name: "the creates with card data have their members in order",
      run: () => {
        const device = '"device":{"user_ip":"2001:db8::7"}}';
        equal(
          cardPayment.createCardPayment({ ...PAYMENT, card, save: true, recurrent: { lifetime: 3 } }, ID).body,
          `${WRITTEN}{"type":"card","card":{"name":"CARD HOLDER","pan":"000000000000","cvc":"012","year":30,"month":1},"save":true,"recurrent":{"lifetime":3}},${device}`,
        );
        equal(
          cardPayment.createSavedCardPayment({ ...PAYMENT, token: "card-token" }, ID).body,
          `${WRITTEN}{"type":"saved","card":{"token":"card-token"}},${device}`,
        );
        const token = { type: "googlepay", eci_indicator: "05", online_payment_cryptogram: "AAAA" } as const;
        equal(
          cardPayment.createTokenizedPayment({ ...PAYMENT, token, card: { pan: "000000000000", month: 1, year: 30 } }, ID).body,
          `${WRITTEN}{"type":"tokenized","token":{"type":"googlepay","eci_indicator":"05","online_payment_cryptogram":"AAAA"},"card":{"pan":"000000000000","month":1,"year":30}},${device}`,
        );
      },
    },
    {
      name: "reads and operations are their short texts",
      run: () => {
        equal(paymentStatus({ order_id: "1234--2" }, ID).body, '{"order_id":"1234--2"}');
        equal(requestStatus({ id: ID }, ID).body, `{"id":"${ID}"}`);
        equal(clearing({ id: "77", amount: 0.1 }, ID).body, '{"id":"77","amount":0.1}');
        equal(refund({ id: "77", amount: 100 }, ID).body, '{"id":"77","amount":100}');
        equal(reverse({ id: "77" }, ID).body, '{"id":"77"}');
        equal(otherCall({ endpoint: "/v5/card-api/request/status", body: { б: 1, a: [null] } }, ID).body, '{"б":1,"a":[null]}');
      },
    },
    ...forEach(
      WRONG_TEXTS,
      (name) => `a description with ${name} is refused`,
      (_, description) => refused("input_invalid", () => createRecurrentPayment({ ...PAYMENT, description, profile_id: "card-1" }, ID)),
    ),
    {
      name: "unknown members, wrong addresses and what JSON cannot write are refused, without the value in the error",
      run: async () => {
        const made = JSON.parse('{"__proto__":{"polluted":true}}') as Record<string, unknown>;
        await refused("input_invalid", () =>
          createRecurrentPayment({ ...PAYMENT, ...made, profile_id: "card-1", pan: "test-secret" } as never, ID),
        );
        for (const user_ip of ["fe80::1%eth0", "127.1", "0x7f.0.0.1", "1.2.3.4.5", "::g", "１.2.3.4"])
          await refused("input_invalid", () => createRecurrentPayment({ ...PAYMENT, user_ip, profile_id: "card-1" }, ID));
        for (const result_url of ["//edge.example", "https://", "ftp://edge.example/", "https://[::1"])
          await refused("input_invalid", () => createRecurrentPayment({ ...PAYMENT, urls: { result_url }, profile_id: "card-1" }, ID));
        const circle: Record<string, unknown> = {};
        circle["self"] = circle;
        await refused("input_invalid", () => otherCall({ endpoint: "/v5/x", body: circle }, ID));
        await refused("input_invalid", () => otherCall({ endpoint: "/v5/x", body: { big: 1n } }, ID));
        await refused("input_invalid", () => otherCall({ endpoint: "/v5/../x", body: {} }, ID));
        await refused("input_invalid", () => reverse({ id: "77" }, "no-uuid"));
      },
    },
  ];
}
