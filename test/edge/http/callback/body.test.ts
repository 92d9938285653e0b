import { describe, expect, test } from "vitest";
import type { CallbackBody } from "../../../../edge/http/callback/body.ts";
import { readCallback } from "../../../../edge/http/callback/body.ts";
import type { CallbackContent } from "../../../../edge/machine/events/callback.ts";

const NOTHING: CallbackContent = { orderId: null, paymentId: null, amount: null, currency: null };

function read(contentType: string | null, text: string, query = ""): Promise<CallbackBody> {
  return readCallback({ contentType, body: new TextEncoder().encode(text), query });
}

const FORM = "pg_order_id=1234&pg_payment_id=765&pg_amount=100.00&pg_currency=KZT&pg_salt=abc&pg_sig=def";
const XML = `<?xml version="1.0" encoding="utf-8"?>
<request>
  <pg_order_id>1234</pg_order_id>
  <pg_payment_id type="number"> 765 </pg_payment_id>
  <pg_amount><![CDATA[100.00]]></pg_amount>
  <pg_currency>KZT</pg_currency>
  <pg_description>A &amp; B = 1+1, 100%25</pg_description>
</request>`;
const LEGACY: CallbackContent = { orderId: "1234", paymentId: "765", amount: "100.00", currency: "KZT" };
const AS_FORM = "application/x-www-form-urlencoded";

/** The query of a URL that was written unencoded: the client encodes `<`, `>`, `"` and spaces, but not `&`, `+`, `=` and `%`. */
function asInUrl(query: string): string {
  return new URL(`https://edge.example/?${query}`).search.slice(1);
}

describe("the content of a callback", () => {
  test.each([
    ["a form", AS_FORM, FORM, { shape: "form", content: LEGACY }],
    ["a form without a type", null, FORM, { shape: "form", content: LEGACY }],
    ["a form called plain text", "text/plain", FORM, { shape: "form", content: LEGACY }],
    ["a form called JSON", "application/json", FORM, { shape: "form", content: LEGACY }],
    ["XML", "text/xml; charset=utf-8", XML, { shape: "xml", content: LEGACY }],
    ["XML behind a byte order mark", "text/xml", `\ufeff${XML}`, { shape: "xml", content: LEGACY }],
    ["XML without a type", null, XML, { shape: "xml", content: LEGACY }],
    ["XML called a form", AS_FORM, XML, { shape: "xml", content: LEGACY }],
    ["XML called JSON", "application/json", `\n${XML}`, { shape: "xml", content: LEGACY }],
    ["XML in a form's field", AS_FORM, `pg_xml=${encodeURIComponent(XML)}`, { shape: "xml", content: LEGACY }],
    ["XML in a form's field, spaces as pluses", AS_FORM, String(new URLSearchParams({ pg_xml: XML })), { shape: "xml", content: LEGACY }],
    ["XML in a form's field, not percent-encoded", AS_FORM, `pg_xml=${XML}`, { shape: "xml", content: LEGACY }],
    ["the same behind another field", AS_FORM, `a=1&pg_xml=${XML}`, { shape: "xml", content: LEGACY }],
    ["the same, called XML", "text/xml", `pg_xml=${XML}`, { shape: "xml", content: LEGACY }],
    ["the same, without a type", null, `pg_xml=${XML}`, { shape: "xml", content: LEGACY }],
    [
      "JSON with the names of v5",
      "application/json",
      '{"id":"0190fddd","order_id":"1234","amount":100,"currency":"KZT","status":"success"}',
      { shape: "json", content: { orderId: "1234", paymentId: "0190fddd", amount: 100, currency: "KZT" } },
    ],
    [
      "JSON with the older names, numbers among them",
      "application/vnd.callback+json",
      '{"pg_order_id":1234,"pg_payment_id":765,"pg_amount":"100.00","pg_currency":"KZT"}',
      { shape: "json", content: LEGACY },
    ],
    ["JSON without a type", null, '{"order_id":"1234"}', { shape: "json", content: { ...NOTHING, orderId: "1234" } }],
    ["JSON called a form", AS_FORM, '{"order_id":"1234"}', { shape: "json", content: { ...NOTHING, orderId: "1234" } }],
    ["JSON with an id that may be anything's", "application/json", '{"id":"77"}', { shape: "json", content: NOTHING }],
    ["nothing", null, "", { shape: "empty", content: NOTHING }],
    ["white space", "application/json", " \n", { shape: "empty", content: NOTHING }],
  ])("%s", async (_, contentType, text, body) => {
    expect(await read(contentType, text)).toMatchObject(body);
  });

  test("a multipart form", async () => {
    const form = new FormData();
    for (const [name, value] of new URLSearchParams(FORM)) form.append(name, value);
    const posted = new Response(form);
    const body = new Uint8Array(await posted.clone().arrayBuffer());
    const callback = await readCallback({ contentType: posted.headers.get("Content-Type"), body, query: "" });
    expect(callback).toMatchObject({ shape: "form", content: LEGACY });
  });

  test("XML in a multipart form", async () => {
    const form = new FormData();
    form.append("pg_xml", XML);
    const posted = new Response(form);
    const body = new Uint8Array(await posted.clone().arrayBuffer());
    const callback = await readCallback({ contentType: posted.headers.get("Content-Type"), body, query: "" });
    expect(callback).toMatchObject({ shape: "xml", content: LEGACY });
  });
});

describe("the content of a query", () => {
  test.each([
    ["fields", FORM, { shape: "form", content: LEGACY }],
    ["XML, percent-encoded", `pg_xml=${encodeURIComponent(XML)}`, { shape: "xml", content: LEGACY }],
    ["XML, percent-encoded, and more fields", `a=1&pg_xml=${encodeURIComponent(XML)}&b=2`, { shape: "xml", content: LEGACY }],
    ["XML, not percent-encoded", `pg_xml=${XML}`, { shape: "xml", content: LEGACY }],
    ["XML, percent-encoded on the way", asInUrl(`pg_xml=${XML.replaceAll("\n", "")}`), { shape: "xml", content: LEGACY }],
    ["nothing", "", { shape: "empty", content: NOTHING }],
    ["a space", " ", { shape: "empty", content: NOTHING }],
    ["a name alone", "a", { shape: "form", content: NOTHING }],
  ])("%s", async (_, query, body) => {
    expect(await read(null, "", query)).toMatchObject(body);
    // The type of an absent body does not matter.
    expect(await read("application/json", "", query)).toMatchObject(body);
  });

  test("if the client alone percent-encoded the XML, a plus in it is a plus", async () => {
    const { readings } = await read(null, "", asInUrl("pg_xml=<r><a>1+1</a></r>"));
    expect(readings[0]).toEqual([{ name: "a", value: "1+1" }]);
    const { readings: encoded } = await read(null, "", String(new URLSearchParams({ pg_xml: "<r><a>1 1</a></r>" })));
    expect(encoded[0]).toEqual([{ name: "a", value: "1 1" }]);
  });

  test("is not read if there is a body", async () => {
    expect(await read(AS_FORM, FORM, "pg_order_id=9999")).toMatchObject({ shape: "form", content: LEGACY });
  });

  test("is not read if it is too long", async () => {
    expect(await read(null, "", `${FORM}&a=${"x".repeat(65_536)}`)).toEqual({ shape: "form", content: NOTHING, readings: [[]] });
  });
});

describe("a callback that cannot be read has no content", () => {
  test.each([
    ["JSON that is cut off", "application/json", '{"order_id":"12', "json"],
    ["a JSON array", "application/json", '["1234"]', "json"],
    ["JSON null", "application/json", "null", "json"],
    ["members of other types", "application/json", '{"order_id":{"a":1},"amount":true,"currency":["KZT"],"payment_id":null}', "json"],
    ["members of the prototype", "application/json", '{"__proto__":{"order_id":"1234"}}', "json"],
    ["JSON of ten thousand levels", "application/json", `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`, "json"],
    ["XML that is cut off", "text/xml", "<request><pg_order_id>12", "xml"],
    ["XML of other elements", "text/xml", "<pg_order_id><b>1</b></pg_order_id>", "xml"],
    ["XML in a field that is cut off", AS_FORM, "pg_xml=<request><pg_order_id>12", "xml"],
    ["XML in a field that is empty", AS_FORM, "pg_xml=", "xml"],
    ["text with the type of XML", "text/xml", "1234", "xml"],
    ["a multipart form without its boundary", "multipart/form-data", "pg_order_id=1", "form"],
    ["bytes", "application/octet-stream", "\u0000\u0001", "json"],
  ])("%s", async (_, contentType, text, shape) => {
    expect(await read(contentType, text)).toMatchObject({ shape, content: NOTHING });
  });

  test("an entity of XML is not expanded", async () => {
    const text = '<!DOCTYPE r [<!ENTITY x "1234">]><r><pg_order_id>&x;</pg_order_id><pg_currency>&lt;&amp;lt;</pg_currency></r>';
    expect((await read("text/xml", text)).content).toEqual({ ...NOTHING, orderId: "&x;", currency: "<&LT;" });
  });
});

describe("a form's fields, in every possible reading", () => {
  const readings = async (text: string): Promise<readonly unknown[]> => (await read(AS_FORM, text)).readings;

  test("with a plus as a space, and as a plus", async () => {
    expect(await readings("a=1+2")).toEqual([[{ name: "a", value: "1 2" }], [{ name: "a", value: "1+2" }]]);
  });

  test("without the white space at the end of the body, and with it", async () => {
    expect(await readings("a=1\r\n")).toContainEqual([{ name: "a", value: "1\r\n" }]);
    expect((await readings("a=1\r\n"))[0]).toEqual([{ name: "a", value: "1" }]);
  });

  test("with brackets in names, and as nested fields", async () => {
    expect((await readings("a[b]=1&c=2&a[d][]=3&a[d][]=4&a[b]=5&e]=6&[f]=7&g[h=8"))[1]).toEqual([
      {
        name: "a",
        value: [
          { name: "b", value: "1" },
          { name: "b", value: "5" },
          {
            name: "d",
            value: [
              { name: "0", value: "3" },
              { name: "1", value: "4" },
            ],
          },
        ],
      },
      { name: "c", value: "2" },
      { name: "e]", value: "6" },
      { name: "[f]", value: "7" },
      { name: "g[h", value: "8" },
    ]);
  });

  test("as XML, and as the field that contains it", async () => {
    expect(await readings("pg_xml=<r><a>1+1</a></r>&b=2")).toEqual([
      [{ name: "a", value: "1+1" }],
      [{ name: "a", value: "1 1" }],
      [{ name: "a", value: "1+1" }],
      [
        { name: "pg_xml", value: "<r><a>1 1</a></r>" },
        { name: "b", value: "2" },
      ],
    ]);
  });
});

test.each([
  ["question marks", "?".repeat(65_000)],
  ["names", "a".repeat(65_000)],
  ["brackets", `${"a[".repeat(32_000)}=1`],
  ["fields", "a&".repeat(32_000)],
  ["fields that are named XML", "pg_xml=&".repeat(8_000)],
  ["percent signs", `pg_xml=${"%".repeat(65_000)}`],
  ["commas in an amount", `pg_amount=${",1".repeat(32_000)}`],
  ["digits in an amount", `pg_amount=${"1".repeat(65_000)}x`],
])("64 KiB of %s are read to their end", async (_, text) => {
  expect((await read(AS_FORM, text)).content.orderId).toBeNull();
});
