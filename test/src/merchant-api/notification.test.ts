import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answerNotification } from "../../../src/merchant-api/notification-answer.ts";
import type { VerifiedNotification } from "../../../src/merchant-api/notification.ts";
import { readNotification } from "../../../src/merchant-api/notification.ts";
import { signedValues } from "../../../src/merchant-api/signature.ts";
import { MAX_ANSWER, readXml } from "../../../src/merchant-api/xml.ts";
import { signNested } from "../../../src/simulator/pg-signature.ts";
import type { Field } from "../../../src/merchant-api/field.ts";
import { cases } from "../../length.ts";
import { fieldsOf, KEY, signed, xml } from "./fake-gateway.ts";

const URL_OF_RESULT = "https://edge.example/v1/callbacks/ticket-1";
const SCRIPT = "ticket-1";
const FORM = "application/x-www-form-urlencoded";

const CHECK = { pg_order_id: "1234", pg_payment_id: "902", pg_amount: "20", pg_currency: "KZT", pg_ps_amount: "20", own: "Заказ & <ещё>" };
const RESULT = {
  ...CHECK,
  pg_result: "1",
  pg_net_amount: "19.5",
  pg_description: "Books & <more> + 100%",
  pg_payment_date: "2026-11-29 10:00:00",
  pg_can_reject: "1",
  pg_captured: "1",
  pg_payment_method: "bankcard",
  pg_card_token: "token-1",
  pg_card_pan: "4400-44XX-XXXX-4440",
  pg_card_exp: "12/27",
  pg_card_owner: "CARD HOLDER",
  pg_card_brand: "VISA",
  pg_user_phone: "70000000000",
  pg_user_contact_email: "nobody@shop.example",
  pg_failure_code: "",
  pg_recurring_profile_id: "60144557",
  pg_recurring_profile_expiry_date: "2027-12-03 00: 00: 00",
};

const form = (fields: readonly Field[]): string => new URLSearchParams(fields.map(({ name, value }) => [name, String(value)])).toString();
const post = (body: BodyInit, type = FORM): Request =>
  new Request(URL_OF_RESULT, { method: "POST", body, headers: { "content-type": type } });
const get = (query: string): Request => new Request(`${URL_OF_RESULT}?${query}`);

/** A notification in every format. */
const FORMATS: Readonly<Record<string, (fields: readonly Field[]) => Request>> = {
  "a form": (fields) => post(form(fields)),
  "a form without its type": (fields) => post(form(fields), "text/plain"),
  "a query": (fields) => get(form(fields)),
  "XML in pg_xml": (fields) => post(new URLSearchParams({ pg_xml: xml(fields, "request") })),
  "XML in pg_xml that is not percent-encoded": (fields) => post(`pg_xml=${xml(fields, "request")}`),
  "XML in a body": (fields) => post(xml(fields, "request"), "text/xml; charset=utf-8"),
  "XML in a body after an empty line": (fields) => post(`\r\n${xml(fields, "request")}`, FORM),
  "XML in the pg_xml of a query": (fields) => get(new URLSearchParams({ pg_xml: xml(fields, "request") }).toString()),
};

const read = (
  request: Request,
  kind: "check" | "result" = "result",
  secretKeys: readonly string[] = [KEY],
): ReturnType<typeof readNotification> => readNotification(request, { kind, secretKeys });

describe.each(Object.entries(FORMATS))("as %s", (name, make) => {
  const isHintOnly = name.includes("query");

  test("a result is verified, without cardholder, phone and e-mail", async () => {
    const notification = await read(make(signed(RESULT, SCRIPT)));
    expect(notification).toEqual({
      kind: "verified",
      isHintOnly,
      keyIndex: 0,
      notice: {
        kind: "result",
        orderId: "1234",
        paymentId: "902",
        amount: 2000,
        currency: "KZT",
        isTest: false,
        result: "paid",
        canReject: true,
        captured: true,
        failureCode: null,
        card: { brand: "VISA", last4: "4440", expiry: "12/27" },
        cardToken: "token-1",
        profileId: "60144557",
        profileExpiryDate: "2027-12-03 00: 00: 00",
      },
    });
    expect(JSON.stringify(notification)).not.toMatch(/HOLDER|70000000000|nobody|4400|Books/);
  });

  test("a check is verified", async () => {
    expect(await read(make(signed(CHECK, SCRIPT)), "check")).toEqual({
      kind: "verified",
      isHintOnly,
      keyIndex: 0,
      notice: { kind: "check", orderId: "1234", paymentId: "902", amount: 2000, currency: "KZT", isTest: false },
    });
  });

  test("a forged one is not", async () => {
    expect(await read(make(signed(RESULT, SCRIPT, "test-secret-other")))).toEqual({ kind: "unverified", why: "signature", keyIndex: null });
  });
});

describe("a result", () => {
  const verified = async (members: Readonly<Record<string, unknown>>): Promise<VerifiedNotification> => {
    const notification = await read(post(xml(signed(members, SCRIPT), "request"), "text/xml"));
    if (notification.kind !== "verified") throw new Error(`It is ${JSON.stringify(notification)}`);
    return notification;
  };

  test("with the fewest fields", async () => {
    expect((await verified({ pg_order_id: "1234", pg_amount: "20.00", pg_result: "0" })).notice).toEqual({
      kind: "result",
      orderId: "1234",
      paymentId: null,
      amount: 2000,
      currency: null,
      isTest: false,
      result: "failed",
      canReject: false,
      captured: null,
      failureCode: null,
      card: { brand: null, last4: null, expiry: null },
      cardToken: null,
      profileId: null,
      profileExpiryDate: null,
    });
  });

  test.each([
    ["the profile's other name", { pg_recurring_profile_id: "", pg_recurring_profile: "60144557" }, { profileId: "60144557" }],
    ["both names of one profile", { pg_recurring_profile: "60144557" }, { profileId: "60144557" }],
    ["no end yet", { pg_result: "2" }, { result: "unfinished" }],
    ["a failure", { pg_result: "0", pg_failure_code: "100091" }, { result: "failed", failureCode: "100091" }],
    ["a hold", { pg_captured: "0" }, { captured: false }],
    ["test mode", { pg_testing_mode: "1" }, { isTest: true }],
    ["the smallest amount", { pg_amount: "0.01" }, { amount: 1 }],
    ["20.5 for 20.50", { pg_amount: "20.5" }, { amount: 2050 }],
    ["a mask that ends in letters", { pg_card_pan: "4400-44XX-XXXX-XXXX" }, { card: { brand: "VISA", last4: null, expiry: "12/27" } }],
    ["a card number instead of a mask", { pg_card_pan: "4111111111111111" }, { card: { brand: "VISA", last4: "1111", expiry: "12/27" } }],
    ["repeated and nested fields that are not used", { own: ["1", "2", { a: "3" }] }, { orderId: "1234" }],
  ])("with %s", async (_, change, expected) => {
    expect((await verified({ ...RESULT, ...change })).notice).toMatchObject(expected);
  });

  test("is signed with either of two keys, and says which", async () => {
    const keys = ["test-secret-new", KEY];
    expect(await read(post(form(signed(RESULT, SCRIPT))), "result", keys)).toMatchObject({ kind: "verified", keyIndex: 1 });
    expect(await read(post(form(signed(RESULT, SCRIPT, "test-secret-new"))), "result", keys)).toMatchObject({
      kind: "verified",
      keyIndex: 0,
    });
    expect(await read(post(form(signed(RESULT, SCRIPT))), "result", [])).toMatchObject({ kind: "unverified", why: "signature" });
  });

  test.each<readonly [string, Readonly<Record<string, unknown>>]>([
    ...[
      "pg_order_id",
      "pg_payment_id",
      "pg_amount",
      "pg_currency",
      "pg_result",
      "pg_can_reject",
      "pg_captured",
      "pg_card_token",
      "pg_card_pan",
      "pg_card_brand",
      "pg_card_exp",
      "pg_recurring_profile_id",
      "pg_recurring_profile_expiry_date",
    ].flatMap((name): (readonly [string, Readonly<Record<string, unknown>>])[] => {
      const value = RESULT[name as keyof typeof RESULT];
      return [
        [`${name} twice`, { ...RESULT, [name]: [value, value] }],
        [`${name} nested`, { ...RESULT, [name]: { a: value } }],
      ];
    }),
    ["an order with a control character", { ...RESULT, pg_order_id: "12\n34" }],
    ["an order of 51 characters", { ...RESULT, pg_order_id: "1".repeat(51) }],
    ["no order", { ...RESULT, pg_order_id: "" }],
    ["a payment of v5", { ...RESULT, pg_payment_id: "0190fddd-bea7-7f17-b777-10344d5cc816" }],
    ["the payment 0", { ...RESULT, pg_payment_id: "0" }],
    ["no amount", { ...RESULT, pg_amount: "" }],
    ["an amount of 0", { ...RESULT, pg_amount: "0" }],
    ["an amount below 0", { ...RESULT, pg_amount: "-20" }],
    ["an amount with a comma", { ...RESULT, pg_amount: "20,00" }],
    ["an amount with an exponent", { ...RESULT, pg_amount: "2e1" }],
    ["an amount with spaces", { ...RESULT, pg_amount: " 20" }],
    ["another currency", { ...RESULT, pg_currency: "kzt" }],
    ["another result", { ...RESULT, pg_result: "3" }],
    ["an empty result", { ...RESULT, pg_result: "" }],
    ["another flag", { ...RESULT, pg_captured: "true" }],
    ["a profile of v5", { ...RESULT, pg_recurring_profile_id: "0190fddd-bea7-7f17-b777-10344d5cc816" }],
    ["a profile with a MAC", { ...RESULT, pg_recurring_profile_id: "60144557.AAAAAAAAAAAAAAAA" }],
    ["two profiles", { ...RESULT, pg_recurring_profile: "60144558" }],
    ["an expiry that is no date", { ...RESULT, pg_recurring_profile_expiry_date: "soon" }],
    ["another failure code", { ...RESULT, pg_failure_code: "E1" }],
  ])("with %s proves nothing, although it is signed", async (_, members) => {
    const request = post(xml(signed(members, SCRIPT), "request"), "text/xml");
    expect(await read(request)).toEqual({ kind: "unverified", why: "content", keyIndex: 0 });
  });
});

test("500 fields are read", async () => {
  const own = Object.fromEntries(Array.from({ length: 495 }, (_, index) => [`own${index}`, "1"]));
  const fields = signed({ pg_order_id: "1234", pg_amount: "20", pg_result: "1", ...own }, SCRIPT);
  expect(fields).toHaveLength(500);
  expect(await read(post(form(fields)))).toMatchObject({ kind: "verified" });
  const more = signed({ pg_order_id: "1234", pg_amount: "20", pg_result: "1", ...own, own: "1" }, SCRIPT);
  expect(await read(post(form(more)))).toMatchObject({ why: "unreadable" });
});

test("a form with a field that is used twice proves nothing, although it is signed", async () => {
  const fields = [...fieldsOf(RESULT), { name: "pg_payment_id", value: "999" }];
  const sig = { name: "pg_sig", value: signNested(SCRIPT, fields, KEY) };
  expect(await read(post(form([...fields, sig])))).toEqual({ kind: "unverified", why: "content", keyIndex: 0 });
});

test("a result is no check, although it has all fields of one; a check is no result", async () => {
  expect(await read(post(form(signed(RESULT, SCRIPT))), "check")).toMatchObject({ kind: "unverified", why: "content" });
  expect(await read(post(form(signed(CHECK, SCRIPT))), "result")).toMatchObject({ kind: "unverified", why: "content" });
});

const good = form(signed(RESULT, SCRIPT));
const goodXml = xml(signed(RESULT, SCRIPT), "request");

describe("not verified is", () => {
  test.each<readonly [string, () => Request, "unreadable" | "signature"]>([
    ["no body", () => new Request(URL_OF_RESULT, { method: "POST" }), "unreadable"],
    ["no query", () => new Request(URL_OF_RESULT), "unreadable"],
    ["another method", () => new Request(URL_OF_RESULT, { method: "PUT", body: good }), "unreadable"],
    ["JSON", () => post('{"pg_order_id":"1234"}', "application/json"), "signature"],
    ["a notification without a signature", () => post(form(fieldsOf(RESULT))), "signature"],
    ["a notification with two signatures", () => post(`${good}&pg_sig=${"0".repeat(32)}`), "signature"],
    ["a notification with a field more", () => post(`${good}&own2=1`), "signature"],
    ["a notification for another address of ours", () => post(form(signed(RESULT, "ticket-2"))), "signature"],
    ["a notification for the name of a call", () => post(form(signed(RESULT, "init_payment.php"))), "signature"],
    [
      "a notification to an address without a last segment",
      () => new Request("https://edge.example/v1/callbacks/", { method: "POST", body: good }),
      "signature",
    ],
    ["a form in windows-1251", () => post(good.replace(/own=[^&]*/, "own=%C7%E0")), "signature"],
    ["a body that is not UTF-8", () => post(Uint8Array.from([...new TextEncoder().encode(good), 0xc7])), "unreadable"],
    ["XML in windows-1251", () => post(goodXml.replace("utf-8", "windows-1251"), "text/xml"), "unreadable"],
    ["XML with a document type", () => post(goodXml.replace("<request>", "<!DOCTYPE request><request>"), "text/xml"), "unreadable"],
    ["XML that is cut off", () => post(goodXml.slice(0, -3), "text/xml"), "unreadable"],
    ["XML of 10,000 levels", () => post("<a>".repeat(10_000) + "</a>".repeat(10_000), "text/xml"), "unreadable"],
    [
      "XML of more than 64 KiB",
      () => post(xml(signed({ ...RESULT, own: "x".repeat(64 * 1024) }, SCRIPT), "request"), "text/xml"),
      "unreadable",
    ],
    ["a body of 1 MiB", () => post(`${good}&own=${"x".repeat(1024 * 1024)}`), "unreadable"],
    ["10,000 members", () => post(`${good}&${"a=1&".repeat(10_000)}`), "unreadable"],
    ["10,000 signatures", () => post("pg_sig=1&".repeat(10_000)), "unreadable"],
    [
      "501 members that are signed",
      () => post(form(signed(Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`a${i}`, "1"])), SCRIPT))),
      "unreadable",
    ],
    ["pg_xml without XML", () => post("pg_xml=1234"), "unreadable"],
    ["pg_xml in pg_xml", () => post(new URLSearchParams({ pg_xml: `pg_xml=${goodXml}` })), "unreadable"],
  ])("%s", async (_, make, why) => {
    expect(await read(make())).toEqual({ kind: "unverified", why, keyIndex: null });
  });
});

/** A request as Firefox makes it: without the member `body`. */
const withoutBody = (body: string): Request => Object.defineProperty(post(body), "body", { value: undefined });

test("a notification is read where a Request has no member body, as in Firefox", async () => {
  expect(await read(withoutBody(good))).toMatchObject({ kind: "verified", notice: { orderId: "1234" } });
  expect(await read(withoutBody(`${good}&own=${"x".repeat(1024 * 1024)}`))).toMatchObject({ kind: "unverified", why: "unreadable" });
});

test("names of Object.prototype are fields like any other", async () => {
  const fields = signed({ ...RESULT, constructor: "1", toString: "2", ["__proto__"]: "3", hasOwnProperty: ["4", "5"] }, SCRIPT);
  const twice = [...fields].filter(({ name }) => name === "hasOwnProperty");
  expect(twice).toHaveLength(2);
  expect(await read(post(form(fields)))).toMatchObject({ kind: "verified", notice: { orderId: "1234" } });
});

/** The text that `pg_sig` is made of. */
const signedText = (text: string): string =>
  signedValues([...new URLSearchParams(text)].map(([name, value]) => ({ name, value }))).join(";");

test("whatever is changed in a notification, it is only verified if the signed text is the same", async () => {
  const before = signedText(good);
  const change = fc.tuple(fc.nat(good.length - 1), fc.string({ minLength: 0, maxLength: 2 }), fc.nat(2));
  await fc.assert(
    fc.asyncProperty(change, async ([at, text, removed]) => {
      const changed = good.slice(0, at) + text + good.slice(at + removed);
      const notification = await read(post(changed));
      if (notification.kind === "verified") expect(signedText(changed)).toBe(before);
    }),
    cases(300),
  );
});

test("pg_sig does not cover names: a field that is renamed in its place keeps the signature, so only our secret address protects the names", async () => {
  const renamed = good.replace("pg_recurring_profile_expiry_date", "pg_recurring_profile_expiry_dat");
  expect(await read(post(renamed))).toMatchObject({ kind: "verified", notice: { profileExpiryDate: null } });
});

test("any bytes are read as a notification that is not verified", async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .array(fc.constantFrom("pg_xml=", "<request>", "</request>", "pg_sig=", "&", "=", "%", "%3C", "+", "<pg_sig>", "</pg_sig>", "x"), {
        maxLength: 20,
      })
      .map((all) => new TextEncoder().encode(all.join(""))),
  );
  await fc.assert(
    fc.asyncProperty(bytes, async (body) => {
      expect(await read(post(Uint8Array.from(body)))).toMatchObject({ kind: "unverified" });
    }),
    cases(300),
  );
});

describe("our answer", () => {
  test.each(["ok", "rejected", "error"] as const)("%s is XML that the gateway can verify", async (status) => {
    const response = answerNotification(status, { script: SCRIPT, secretKey: KEY });
    expect([response.status, response.headers.get("content-type"), response.headers.get("cache-control")]).toEqual([
      200,
      "application/xml; charset=utf-8",
      "no-store",
    ]);
    const document = readXml(new Uint8Array(await response.arrayBuffer()), MAX_ANSWER);
    const fields = document?.fields ?? [];
    expect(document?.root).toBe("response");
    const descriptions = { ok: undefined, rejected: "This payment is not expected", error: "The notification could not be read" };
    expect(fields.find(({ name }) => name === "pg_description")?.value).toBe(descriptions[status]);
    expect(fields.find(({ name }) => name === "pg_status")?.value).toBe(status);
    expect(fields.find(({ name }) => name === "pg_salt")?.value).toMatch(/^[0-9a-f]{32}$/);
    expect(fields.at(-1)).toEqual({ name: "pg_sig", value: signNested(SCRIPT, fields, KEY) });
  });

  test("has a fresh salt each time, unless it is given one", async () => {
    const texts = await Promise.all([1, 2].map(() => answerNotification("ok", { script: SCRIPT, secretKey: KEY }).text()));
    expect(texts[0]).not.toBe(texts[1]);
    const text = await answerNotification("ok", { script: SCRIPT, secretKey: KEY, salt: "abc" }).text();
    expect(text).toContain("<pg_status>ok</pg_status><pg_salt>abc</pg_salt><pg_sig>");
  });

  test("is never signed over a script that could be another request", () => {
    expect(() => answerNotification("ok", { script: "init_payment.php;25", secretKey: KEY })).toThrow(
      expect.objectContaining({ code: "input_invalid" }),
    );
  });
});
