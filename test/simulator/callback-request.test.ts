import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { CallbackFormat, PlannedCallback } from "../../src/simulator/index.ts";
import { callbackRequest, signFields } from "../../src/simulator/index.ts";
import { START } from "./gateway-calls.ts";

const KEY = "test-secret-key";
const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

const RESULT: PlannedCallback = {
  kind: "result",
  url: "https://shop.example/hooks/result",
  at: START,
  forged: false,
  facts: {
    id: "1000000001",
    order_id: "1234",
    status: "error",
    amount: 100.5,
    currency: "KZT",
    code: "10009",
    description: "Books & <more>",
    captured: false,
  },
  format: null,
  blanks: false,
  canReject: true,
  strict: false,
};
const CHECK: PlannedCallback = { ...RESULT, kind: "check", facts: { ...RESULT.facts, id: null, status: "check", code: null } };

const FIELD_FORMATS = ["form", "get", "xml", "xml-raw", "xml-body"] as const;

/** The fields of the older API, in any format. */
function fieldsOf(callback: PlannedCallback, format: CallbackFormat): Readonly<Record<string, string>> {
  const { method, url, headers, body } = callbackRequest(callback, format, KEY, "salt1");
  expect([method, body === null]).toEqual(format === "get" ? ["GET", true] : ["POST", false]);
  const isForm = headers["content-type"] === "application/x-www-form-urlencoded";
  expect(isForm).toBe(format === "form" || format === "xml" || format === "xml-raw");
  if (format === "form" || format === "get") return Object.fromEntries(new URLSearchParams(body ?? new URL(url).search));
  const xml = { xml: () => new URLSearchParams(body ?? "").get("pg_xml") ?? "", "xml-raw": () => body?.slice("pg_xml=".length) ?? "" };
  const text = format === "xml" || format === "xml-raw" ? xml[format]() : (body ?? "");
  expect(text).toMatch(/^<\?xml version="1.0" encoding="utf-8"\?><request>.*<\/request>$/);
  const members = [...text.matchAll(/<(pg_\w+)(?:\/>|>([^<]*)<\/\1>)/g)];
  return Object.fromEntries(
    members.map(([, name, value = ""]) => [name, value.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")]),
  );
}

/** `script;values in the order of their field names;secret_key`, by node:crypto. */
function signatureOf({ pg_sig: _, ...fields }: Readonly<Record<string, string>>, script: string, key = KEY): string {
  const values = Object.entries(fields)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, value]) => value);
  return md5([script, ...values, key].join(";"));
}

describe.each(FIELD_FORMATS)("a callback as %s", (format) => {
  test("a result has the fields of the older API, and can be rejected", () => {
    expect(fieldsOf(RESULT, format)).toEqual({
      pg_order_id: "1234",
      pg_payment_id: "1000000001",
      pg_amount: "100.50",
      pg_currency: "KZT",
      pg_ps_amount: "100.50",
      pg_ps_full_amount: "100.50",
      pg_ps_currency: "KZT",
      pg_net_amount: "100.50",
      pg_description: "Books & <more>",
      pg_result: "0",
      pg_payment_date: "2026-11-22 15:00:00",
      pg_can_reject: "1",
      pg_captured: "0",
      pg_payment_method: "bankcard",
      pg_testing_mode: "1",
      pg_failure_code: "10009",
      pg_failure_description: "Insufficient funds",
      pg_salt: "salt1",
      pg_sig: expect.any(String),
    });
  });

  test("a check has no outcome, and no payment id yet", () => {
    expect(Object.keys(fieldsOf(CHECK, format)).sort()).toEqual(
      ["amount", "currency", "order_id", "ps_amount", "ps_currency", "ps_full_amount", "salt", "sig"].map((name) => `pg_${name}`),
    );
  });

  test.each([
    ["a result", RESULT, "result"],
    ["a check", { ...CHECK, url: "https://shop.example/hooks/check" }, "check"],
    ["one with blanks", { ...RESULT, blanks: true }, "result"],
  ])("%s is signed as the older API signs, every value unescaped", (_, callback, script) => {
    const fields = fieldsOf(callback, format);
    expect(fields["pg_sig"]).toBe(signatureOf(fields, script));
  });

  test("a forged callback is not signed with the key", () => {
    const fields = fieldsOf({ ...RESULT, forged: true }, format);
    expect(fields["pg_sig"]).not.toBe(signatureOf(fields, "result"));
  });

  test("blanks are sent empty, the currency included; known values stay", () => {
    const blank = fieldsOf({ ...CHECK, blanks: true }, format);
    expect(blank).toMatchObject({ pg_currency: "", pg_payment_id: "", pg_failure_code: "", pg_order_id: "1234", pg_amount: "100.50" });
    expect(fieldsOf({ ...RESULT, blanks: true }, format)).toMatchObject({ pg_payment_id: "1000000001", pg_failure_code: "10009" });
  });

  test("a final result has pg_can_reject=0", () => {
    expect(fieldsOf({ ...RESULT, canReject: false }, format)["pg_can_reject"]).toBe("0");
  });

  test("pg_result of a payment is 1, pg_captured is 1 after it was taken, and a whole amount has no minor units", () => {
    const facts = { ...RESULT.facts, status: "success", code: null, captured: true, amount: 20 };
    expect(fieldsOf({ ...RESULT, facts }, format)).toMatchObject({ pg_result: "1", pg_captured: "1", pg_amount: "20" });
  });
});

describe("a callback as JSON", () => {
  test("has the members of a read", () => {
    const { method, headers, body } = callbackRequest(RESULT, "json", KEY, "salt1");
    expect([method, headers]).toEqual(["POST", { "content-type": "application/json" }]);
    expect(JSON.parse(body ?? "")).toEqual({
      id: "1000000001",
      order_id: "1234",
      status: "error",
      amount: 100.5,
      currency: "KZT",
      error: { code: "10009" },
    });
  });

  test("can have blanks", () => {
    const { body } = callbackRequest({ ...CHECK, blanks: true }, "json", KEY, "salt1");
    expect(JSON.parse(body ?? "")).toEqual({ id: "", order_id: "1234", status: "check", amount: 100.5, currency: "" });
  });
});

test("the format of a callback outranks the option", () => {
  expect(callbackRequest({ ...RESULT, format: "json" }, "form", KEY, "salt1").headers["content-type"]).toBe("application/json");
});

test("without percent-encoding the form field holds the XML as it is", () => {
  expect(callbackRequest(RESULT, "xml-raw", KEY, "salt1").body).toContain("pg_xml=<?xml");
  expect(callbackRequest(RESULT, "xml", KEY, "salt1").body).toContain("pg_xml=%3C%3Fxml");
});

test("a GET keeps the URL's own query, and signs it too", () => {
  const { url } = callbackRequest({ ...RESULT, url: `${RESULT.url}?shop=7` }, "get", KEY, "salt1");
  const fields = Object.fromEntries(new URL(url).searchParams);
  expect(fields).toMatchObject({ shop: "7", pg_order_id: "1234" });
  expect(fields["pg_sig"]).toBe(signatureOf(fields, "result"));
});

test("the script of a signature is the last segment of the path, without the query", () => {
  const signed = signFields("https://shop.example/hooks/check?a=1", { pg_b: "2", pg_a: "1", pg_sig: "ignored" }, KEY);
  expect(signed).toBe(md5("check;1;2;test-secret-key"));
});
