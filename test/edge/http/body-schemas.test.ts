/** The body schemas of openapi.json, against the edge's own readers. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readAmount, readMerchantCharge, readNothing, readResolution, readSequence } from "../../../edge/http/merchant-body.ts";
import type * as bodies from "../../../edge/http/bodies.ts";
import document from "../../../openapi.json" with { type: "json" };
import { cases } from "../../length.ts";
import { validator } from "../../openapi/json-schema.ts";

/** The bodies of the merchant's calls. */
type BodyName = Exclude<Extract<Capitalize<keyof typeof bodies>, `${string}Request`>, "CallbackRequest">;

describe("The schema of a body", () => {
  const faults = validator(document);
  const schema = (name: BodyName): unknown => ({ $ref: `#/components/schemas/${name}` });
  const utf8 = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

  const GOOD = {
    order_id: "1234",
    amount: 10,
    currency: "KZT",
    description: "A book",
    user_id: "12345",
    profile_id: "0190fddd-bea7-7f17-b777-10344d5cc816",
    auto_clearing: false,
    card: { brand: "visa", last4: "4242" },
    user_ip: "84.252.158.239",
  };

  /** Values on both sides of every rule. */
  const value = fc.oneof(
    fc.constantFrom(
      "",
      "a",
      "a--b",
      "KZT",
      "kzt",
      "visa",
      "4242",
      "a b",
      "a.b",
      "ключ",
      "\n",
      "x".repeat(41),
      "x".repeat(51),
      "x".repeat(65),
      1,
      0,
      -1,
      0.01,
    ),
    fc.constantFrom(99_999_999, 100_000_000, true, false, null, 1.5),
    fc.constantFrom(
      { brand: "visa", last4: "4242" },
      { brand: "visa" },
      { brand: "", last4: "4242" },
      { brand: "visa", last4: "424x" },
      [],
    ),
    fc.string({ maxLength: 70 }),
    fc.double({ noNaN: true }),
  );

  const { profile_id: _profile, card: _card, user_ip: _ip, ...terms } = GOOD;
  const GOOD_PAGE = { ...terms, payment_page: { return_url: "https://shop.example/orders/1", save_card_months: 12, language: "kk" } };

  const READERS: Readonly<Record<BodyName, readonly [read: (body: Uint8Array) => unknown, good: readonly object[]]>> = {
    ChargeRequest: [readMerchantCharge, [GOOD, GOOD_PAGE]],
    AmountRequest: [readAmount, [{}, { amount: 0.5 }]],
    EmptyRequest: [readNothing, [{}]],
    ResolveRequest: [
      readResolution,
      [
        { payment_id: "765", note: "seen" },
        { nothing_taken: true, note: "not there" },
      ],
    ],
    NotifyRequest: [readSequence, [{}, { sequence: 3 }]],
  };

  const accepts = (reader: (body: Uint8Array) => unknown, body: unknown): boolean => {
    try {
      reader(utf8(body));
      return true;
    } catch {
      return false;
    }
  };

  /** Refusals of the edge that a schema cannot express: Luhn, control characters, the third decimal, addresses. */
  const BEYOND: readonly string[] = ["amount", "description", "user_id", "card", "user_ip", "note", "sequence"];

  test.each(Object.entries(READERS))(
    "%s accepts what the edge accepts, and each member refuses what the edge refuses",
    (name, [reader, good]) => {
      const bodySchema = schema(name as BodyName);
      for (const body of good) {
        expect(accepts(reader, body)).toBe(true);
        expect(faults(bodySchema, body)).toEqual([]);
        const members = [...Object.keys(body), "stranger"];
        fc.assert(
          fc.property(fc.constantFrom(...members), fc.option(value, { nil: undefined }), (member, given) => {
            const changed = { ...body, [member]: given };
            const isTaken = accepts(reader, changed);
            const fits = faults(bodySchema, JSON.parse(JSON.stringify(changed))).length === 0;
            if (isTaken || !BEYOND.includes(member)) expect({ changed, fits }).toEqual({ changed, fits: isTaken });
          }),
          cases(300),
        );
      }
    },
  );

  test.each([
    ["AmountRequest", { amount: "10" }],
    ["AmountRequest", { amount: 0 }],
    ["AmountRequest", { amount: 100_000_000 }],
    ["ResolveRequest", { payment_id: "765", note: "" }],
    ["ResolveRequest", { nothing_taken: false, note: "x" }],
    ["ResolveRequest", { nothing_taken: true, payment_id: "765", note: "x" }],
    ["NotifyRequest", { sequence: 0 }],
    ["NotifyRequest", { sequence: 1.5 }],
    ["NotifyRequest", { sequence: 2 ** 53 }],
    ["ChargeRequest", { ...GOOD, card: { ...GOOD.card, cvc: "123" } }],
    ["ChargeRequest", { ...GOOD, description: "" }],
    ["ChargeRequest", { ...GOOD, user_ip: 1 }],
    ["ChargeRequest", { ...GOOD, payment_page: GOOD_PAGE.payment_page }],
    ["ChargeRequest", { ...GOOD, profile_id: null }],
    ["ChargeRequest", { ...GOOD_PAGE, card: GOOD.card }],
    ["ChargeRequest", { ...GOOD_PAGE, payment_page: { ...GOOD_PAGE.payment_page, save_card_months: 13 } }],
  ] as const)("%s does not fit %j", (name, body) => {
    expect(faults(schema(name), body)).not.toEqual([]);
    expect(accepts(READERS[name][0], body)).toBe(false);
  });
});
