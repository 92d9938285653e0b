import fc from "fast-check";
import { expect, test } from "vitest";
import { readCallback } from "../../../edge/http/callback/body.ts";
import { bytesOf } from "../recipe.ts";
import { cases, TIMEOUT } from "./cases.ts";
import { anyText, nearly } from "./values.ts";

const TYPES = [
  "application/json",
  "application/x-www-form-urlencoded",
  "text/xml",
  "application/xml; charset=utf-8",
  "multipart/form-data; boundary=b",
];

const contentType = fc.oneof(fc.constantFrom(null, ...TYPES), anyText);

const fragments = fc.array(
  fc.oneof(
    fc.constantFrom(
      "<pg_order_id>",
      "</pg_order_id>",
      "<![CDATA[",
      "]]>",
      "<a/>",
      "<!--",
      "<?",
      "<!DOCTYPE r [",
      "pg_xml=",
      "%3C",
      "+",
      "a[b]",
      "&#49;",
      "&amp;",
      "<!ENTITY",
      "--b\r\n",
      "pg_order_id=",
      "&",
      "=",
      "{",
      "}",
      '"order_id":',
    ),
    anyText,
  ),
  { maxLength: 30 },
);

const body = fc.oneof(
  fragments.map((parts): Uint8Array => bytesOf(parts.join(""))),
  nearly({ id: "77", order_id: "1234", amount: 10, currency: "KZT" }).map((text): Uint8Array => bytesOf(text)),
  fc.uint8Array(),
);

const query = fc.oneof(
  fc.constant(""),
  fragments.map((parts) => parts.join("")),
);

test("a callback of any bytes and any query is read as short fields, or as nothing", { timeout: TIMEOUT }, async () => {
  await fc.assert(
    fc.asyncProperty(contentType, body, query, async (type, bytes, text) => {
      const { shape, content } = await readCallback({ contentType: type, body: bytes, query: text });
      expect(["json", "form", "xml", "empty"]).toContain(shape);
      expect(Object.keys(content)).toEqual(["orderId", "paymentId", "amount", "currency"]);
      for (const [member, value] of Object.entries(content)) {
        if (value === null) continue;
        if (member !== "amount" || typeof value !== "number") expect(value).toBeTypeOf("string");
        expect(String(value).length).toBeLessThanOrEqual(128);
      }
    }),
    cases("callbacks"),
  );
});

test("JSON, a form, a query and XML are read as the same fields", { timeout: TIMEOUT }, async () => {
  // A text without characters that XML does not allow.
  const plain = fc.string({ unit: "grapheme-ascii", maxLength: 100 }).filter((text) => !text.includes("]]>"));
  const xmlText = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  await fc.assert(
    fc.asyncProperty(plain, plain, plain, plain, async (orderId, paymentId, amount, currency) => {
      const members = { pg_order_id: orderId, pg_payment_id: paymentId, pg_amount: amount, pg_currency: currency };
      const elements = Object.entries(members).map(([name, value]) => `<${name}>${xmlText(value)}</${name}>`);
      const xml = `<request>${elements.join("")}</request>`;
      const form = String(new URLSearchParams(members));
      const read = async (type: string | null, text: string, inQuery = ""): Promise<unknown> =>
        (await readCallback({ contentType: type, body: bytesOf(text), query: inQuery })).content;
      const content = await read("application/json", JSON.stringify(members));
      expect(content).toMatchObject({ orderId: orderId.trim() || null, paymentId: paymentId.trim() || null });
      expect(await read("application/x-www-form-urlencoded", form)).toEqual(content);
      expect(await read(null, "", form)).toEqual(content);
      expect(await read("text/xml", xml)).toEqual(content);
      for (const pgXml of [`pg_xml=${xml}`, `pg_xml=${encodeURIComponent(xml)}`, String(new URLSearchParams({ pg_xml: xml }))]) {
        expect(await read("application/x-www-form-urlencoded", pgXml)).toEqual(content);
        expect(await read(null, "", pgXml)).toEqual(content);
        // A percent sign that is not encoded may be one that is.
        const inUrl = new URL(`https://edge.example/?${pgXml}`).href;
        if (pgXml !== `pg_xml=${xml}` || !xml.includes("%"))
          expect(await read(null, "", inUrl.slice(inUrl.indexOf("?") + 1))).toEqual(content);
      }
    }),
    cases("callbacks in every shape"),
  );
});
