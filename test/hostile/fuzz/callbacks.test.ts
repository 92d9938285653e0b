import fc from "fast-check";
import { expect, test } from "vitest";
import { readCallback } from "../../../edge/callback-body.ts";
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

test("a callback of any bytes is read as something short, or as nothing", { timeout: TIMEOUT }, async () => {
  await fc.assert(
    fc.asyncProperty(contentType, body, async (type, bytes) => {
      const { shape, said } = await readCallback(type, bytes);
      expect(["json", "form", "xml", "empty"]).toContain(shape);
      expect(Object.keys(said)).toEqual(["orderId", "paymentId", "amount", "currency"]);
      for (const [member, value] of Object.entries(said)) {
        if (value === null) continue;
        if (member !== "amount" || typeof value !== "number") expect(value).toBeTypeOf("string");
        expect(String(value).length).toBeLessThanOrEqual(128);
      }
    }),
    cases("callbacks"),
  );
});

test("the same is read from JSON, a form and XML", { timeout: TIMEOUT }, async () => {
  // A text that trimming, as XML asks for it, does not change, and that has no characters which XML cannot hold.
  const plain = fc
    .string({ unit: "grapheme-ascii", minLength: 1, maxLength: 100 })
    .filter((text) => text.trim() === text && !text.includes("]]>"));
  const xmlText = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  await fc.assert(
    fc.asyncProperty(plain, plain, plain, async (orderId, amount, currency) => {
      const members = { pg_order_id: orderId, pg_amount: amount, pg_currency: currency };
      const xml = Object.entries(members).map(([name, value]) => `<${name}>${xmlText(value)}</${name}>`);
      const read = async (type: string, text: string): Promise<unknown> => (await readCallback(type, bytesOf(text))).said;
      const said = { orderId, paymentId: null, amount, currency };
      expect(await read("application/json", JSON.stringify(members))).toEqual(said);
      expect(await read("application/x-www-form-urlencoded", String(new URLSearchParams(members)))).toEqual(said);
      expect(await read("text/xml", `<request>${xml.join("")}</request>`)).toEqual(said);
    }),
    cases("callbacks in every shape"),
  );
});
