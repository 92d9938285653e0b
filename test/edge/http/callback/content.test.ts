import { describe, expect, test } from "vitest";
import type { CallbackContent } from "../../../../edge/machine/events/callback.ts";
import { readCallback } from "../../../../edge/http/callback/body.ts";

const NOTHING: CallbackContent = { orderId: null, paymentId: null, amount: null, currency: null };

const ENCODER = new TextEncoder();

/** The same members in every format of a callback. Their texts have no markup. */
const FORMATS: Readonly<Record<string, (members: Readonly<Record<string, string>>) => Promise<CallbackContent>>> = {
  json: (members) => contentIn("application/json", JSON.stringify(members)),
  form: (members) => contentIn("application/x-www-form-urlencoded", String(new URLSearchParams(members))),
  multipart: async (members) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(members)) form.append(name, value);
    const posted = new Response(form);
    const type = posted.headers.get("Content-Type");
    return (await readCallback({ contentType: type, body: new Uint8Array(await posted.arrayBuffer()), query: "" })).content;
  },
  xml: (members) => contentIn("text/xml", xmlOf(members)),
  "xml in a form": (members) => contentIn("application/x-www-form-urlencoded", `pg_xml=${encodeURIComponent(xmlOf(members))}`),
  "xml in a form, not percent-encoded": (members) => contentIn("application/x-www-form-urlencoded", `pg_xml=${xmlOf(members)}`),
  query: (members) => contentIn(null, "", String(new URLSearchParams(members))),
  "xml in a query": (members) => contentIn(null, "", `pg_xml=${encodeURIComponent(xmlOf(members))}`),
};

async function contentIn(contentType: string | null, body: string, query = ""): Promise<CallbackContent> {
  return (await readCallback({ contentType, body: ENCODER.encode(body), query })).content;
}

function xmlOf(members: Readonly<Record<string, string>>): string {
  return `<request>${Object.entries(members)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join("")}</request>`;
}

describe.each(Object.entries(FORMATS))("in %s", (_, read) => {
  test("a member that is empty, or white space, is absent", async () => {
    for (const empty of ["", " ", "\n\t ", "\u00a0", "\ufeff"]) {
      const members = { pg_order_id: empty, pg_payment_id: empty, pg_amount: empty, pg_currency: empty, pg_salt: "a" };
      expect(await read(members)).toEqual(NOTHING);
    }
  });

  test("if a member is empty, its other name counts", async () => {
    expect(await read({ order_id: " ", pg_order_id: "1234", pg_currency: "KZT", currency: "" })).toEqual({
      ...NOTHING,
      orderId: "1234",
      currency: "KZT",
    });
  });

  test("spaces around a value are removed", async () => {
    expect(await read({ pg_order_id: " 1234\n", pg_payment_id: "\t77 ", pg_amount: " 100.00 ", pg_currency: " KZT " })).toEqual({
      orderId: "1234",
      paymentId: "77",
      amount: "100.00",
      currency: "KZT",
    });
  });

  test.each([
    ["100", "100"],
    ["100.00", "100.00"],
    ["100.0000", "100.0000"],
    ["100.", 100],
    ["+100", 100],
    ["0100", 100],
    ["0100.50", 100.5],
    [".5", 0.5],
    ["100,00", 100],
    ["100,5", 100.5],
    ["1 000,00", 1000],
    ["1\u00a0000.00", 1000],
    ["1\u202f000", 1000],
    ["1'000.00", 1000],
    ["1,000.00", 1000],
    ["1,234,567.89", 1234567.89],
    ["1e2", 100],
    ["1.0E+2", 100],
    ["10.550000000000001", 10.55],
    ["99999999.989999995", 99999999.99],
  ])("the amount %s is read", async (text, amount) => {
    expect((await read({ pg_amount: text, pg_salt: "a" })).amount).toBe(amount);
  });

  test.each(["100.001", "-100", "1,000", "1.000.000", "0x64", "100 KZT", "ten", "1e400", "Infinity", "NaN", ".", "+", "e2", "1e1e1"])(
    "%s, which is another amount or no amount, stays unchanged",
    async (text) => {
      expect((await read({ pg_amount: text, pg_salt: "a" })).amount).toBe(text);
    },
  );

  test.each([
    ["kzt", "KZT"],
    ["Kzt", "KZT"],
    ["398", "KZT"],
    ["417", "KGS"],
    ["860", "UZS"],
    ["840", "USD"],
    ["643", "RUB"],
    ["rur", "RUB"],
    ["978", "EUR"],
    ["GBP", "GBP"],
    ["constructor", "CONSTRUCTOR"],
  ])("the currency %s is %s", async (text, currency) => {
    expect((await read({ pg_currency: text, pg_salt: "a" })).currency).toBe(currency);
  });
});

describe("in JSON", () => {
  const read = (text: string): Promise<CallbackContent> => contentIn("application/json", text);

  test("ids, amount and currency may be numbers", async () => {
    expect(await read('{"order_id":1234,"payment_id":77,"amount":100.50,"currency":398}')).toEqual({
      orderId: "1234",
      paymentId: "77",
      amount: 100.5,
      currency: "KZT",
    });
  });

  test.each([
    ["100", 100],
    ["100.00", 100],
    ["1e2", 100],
    ["10.550000000000001", 10.55],
    ["10.001", 10.001],
    ["-100", -100],
  ])("the amount %s", async (text, amount) => {
    expect((await read(`{"amount":${text}}`)).amount).toBe(amount);
  });

  test("an id may have more digits than a number can hold", async () => {
    expect(await read('{"order_id":20261122123456789012,"id":12345678901234567891}')).toEqual({
      ...NOTHING,
      orderId: "20261122123456789012",
      paymentId: "12345678901234567891",
    });
  });

  test.each(["null", "true", "false", "{}", "[]", '["KZT"]', '{"a":1}'])("a member that is %s is absent", async (value) => {
    expect(await read(`{"order_id":${value},"payment_id":${value},"amount":${value},"currency":${value}}`)).toEqual(NOTHING);
  });

  test("an id is the payment's if there is an order_id and no other payment_id", async () => {
    expect((await read('{"order_id":"1234","id":"77","payment_id":""}')).paymentId).toBe("77");
    expect((await read('{"order_id":"1234","id":"77","payment_id":"78"}')).paymentId).toBe("78");
    expect((await read('{"order_id":"","id":"77"}')).paymentId).toBeNull();
  });
});

describe("in XML", () => {
  const read = (inside: string): Promise<CallbackContent> => contentIn("text/xml", `<request>${inside}</request>`);

  test("an empty element is absent", async () => {
    expect(await read("<pg_order_id/><pg_payment_id /><pg_amount a='1'/><pg_currency></pg_currency>")).toEqual(NOTHING);
  });

  test("a nested element does not count", async () => {
    expect(await read("<pg_refund><pg_amount>-3</pg_amount></pg_refund><pg_order_id>1234</pg_order_id>")).toEqual({
      ...NOTHING,
      orderId: "1234",
    });
  });

  test("an envelope is removed", async () => {
    expect(await read("<body><pg_order_id>1234</pg_order_id><pg_salt/></body>")).toEqual({ ...NOTHING, orderId: "1234" });
  });
});

test.each(Object.entries(FORMATS))("a long member stays different from every short one, in %s", async (_, read) => {
  expect((await read({ pg_order_id: `1234${"x".repeat(1000)}`, pg_salt: "a" })).orderId).toHaveLength(128);
});
