import { describe, expect, test } from "vitest";
import type { CallbackSaid } from "../../edge/callback-body.ts";
import { readCallback } from "../../edge/callback-body.ts";

const NOTHING: CallbackSaid = { orderId: null, paymentId: null, amount: null, currency: null };

function read(contentType: string | null, text: string) {
  return readCallback(contentType, new TextEncoder().encode(text));
}

const FORM = "pg_order_id=1234&pg_payment_id=765&pg_amount=100.00&pg_currency=KZT&pg_salt=abc&pg_sig=def";
const XML = `<?xml version="1.0" encoding="utf-8"?>
<request>
  <pg_order_id>1234</pg_order_id>
  <pg_payment_id type="number"> 765 </pg_payment_id>
  <pg_amount><![CDATA[100.00]]></pg_amount>
  <pg_currency>KZT</pg_currency>
</request>`;
const LEGACY: CallbackSaid = { orderId: "1234", paymentId: "765", amount: "100.00", currency: "KZT" };

describe("what a callback says", () => {
  test.each([
    ["a form", "application/x-www-form-urlencoded", FORM, { shape: "form", said: LEGACY }],
    ["a form whose type is not told", null, FORM, { shape: "form", said: LEGACY }],
    ["XML", "text/xml; charset=utf-8", XML, { shape: "xml", said: LEGACY }],
    ["XML whose type is not told", null, XML, { shape: "xml", said: LEGACY }],
    ["XML in a form's field", "application/x-www-form-urlencoded", `pg_xml=${encodeURIComponent(XML)}`, { shape: "xml", said: LEGACY }],
    [
      "JSON with the names of v5",
      "application/json",
      '{"id":"0190fddd","order_id":"1234","amount":100,"currency":"KZT","status":"success"}',
      { shape: "json", said: { orderId: "1234", paymentId: "0190fddd", amount: 100, currency: "KZT" } },
    ],
    [
      "JSON with the older names, numbers among them",
      "application/vnd.callback+json",
      '{"pg_order_id":1234,"pg_payment_id":765,"pg_amount":"100.00","pg_currency":"KZT"}',
      { shape: "json", said: LEGACY },
    ],
    ["JSON whose type is not told", null, '{"order_id":"1234"}', { shape: "json", said: { ...NOTHING, orderId: "1234" } }],
    ["JSON with an id that may be anything's", "application/json", '{"id":"77"}', { shape: "json", said: NOTHING }],
    ["nothing", null, "", { shape: "empty", said: NOTHING }],
    ["white space", "application/json", " \n", { shape: "empty", said: NOTHING }],
  ])("%s", async (_, contentType, text, body) => {
    expect(await read(contentType, text)).toEqual(body);
  });

  test("a form of many parts", async () => {
    const form = new FormData();
    for (const [name, value] of new URLSearchParams(FORM)) form.append(name, value);
    const posted = new Response(form);
    const body = new Uint8Array(await posted.clone().arrayBuffer());
    expect(await readCallback(posted.headers.get("Content-Type"), body)).toEqual({ shape: "form", said: LEGACY });
  });
});

describe("what cannot be read says nothing", () => {
  test.each([
    ["JSON that is cut off", "application/json", '{"order_id":"12', "json"],
    ["a JSON array", "application/json", '["1234"]', "json"],
    ["JSON null", "application/json", "null", "json"],
    ["members of other types", "application/json", '{"order_id":{"a":1},"amount":true,"currency":["KZT"],"payment_id":null}', "json"],
    ["members of the prototype", "application/json", '{"__proto__":{"order_id":"1234"}}', "json"],
    ["XML that is cut off", "text/xml", "<request><pg_order_id>12", "xml"],
    ["XML of other elements", "text/xml", "<pg_order_id><b>1</b></pg_order_id>", "xml"],
    ["a form of many parts without its border", "multipart/form-data", "pg_order_id=1", "form"],
    ["bytes", "application/octet-stream", "\u0000\u0001", "json"],
  ])("%s", async (_, contentType, text, shape) => {
    expect(await read(contentType, text)).toEqual({ shape, said: NOTHING });
  });

  test("an entity of XML is not expanded", async () => {
    const text = '<!DOCTYPE r [<!ENTITY x "1234">]><r><pg_order_id>&x;</pg_order_id><pg_currency>&lt;&amp;lt;</pg_currency></r>';
    expect((await read("text/xml", text)).said).toEqual({ ...NOTHING, orderId: "&x;", currency: "<&lt;" });
  });
});

test("a long member stays different from anything short", async () => {
  const { said } = await read("application/json", JSON.stringify({ order_id: `1234${"x".repeat(1000)}` }));
  expect(said.orderId).toHaveLength(128);
});

describe("64 KiB of what is hard to match are read at once", () => {
  test.each([
    ["spaces in an element", `<pg_order_id>${" ".repeat(65_000)}<`],
    ["elements that do not close", "<pg_a>".repeat(10_900)],
    ["attributes that do not close", `<pg_a ${"a=b ".repeat(16_000)}`],
    ["CDATA that does not close", `<pg_a><![CDATA[${"]".repeat(65_000)}`],
    ["names", `<${"a".repeat(65_000)}`],
  ])("%s", async (_, text) => {
    const started = performance.now();
    expect((await read("text/xml", text)).said).toEqual(NOTHING);
    expect(performance.now() - started).toBeLessThan(250);
  });
});
