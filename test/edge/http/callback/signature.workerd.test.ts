import { describe, expect, test } from "vitest";
import { readCallback } from "../../../../edge/http/callback/body.ts";
import { keyOfCallback, pgSignature } from "../../../../edge/http/callback/signature.ts";
import { md5 } from "../../../../src/simulator/md5.ts";

const SCRIPT = "1234.nonce.mac";
const NEW = "test-secret-new";
const OLD = "test-secret-old";
const FORM = "application/x-www-form-urlencoded";

interface Callback {
  readonly contentType?: string;
  readonly body?: string;
  readonly query?: string;
}

async function keyOf(sent: Callback, keys: readonly [string, ...string[]] = [NEW, OLD]): Promise<string> {
  const { contentType = null, body = "", query = "" } = sent;
  const { readings } = await readCallback({ contentType, body: new TextEncoder().encode(body), query });
  return keyOfCallback(readings, SCRIPT, keys);
}

/** The signature over these values, in this order, with the old key. */
function signed(...values: readonly string[]): string {
  return md5([SCRIPT, ...values, OLD].join(";"));
}

/** Sends the callback twice, signed over the right values and over others: the old key is found for the first alone. */
async function expectFound(values: readonly string[], send: (signature: string) => Callback): Promise<void> {
  expect(await keyOf(send(signed(...values)))).toBe(OLD);
  expect(await keyOf(send(signed(...values, "x")))).toBe(NEW);
}

describe("the key that signed a callback is found during a rotation", () => {
  const sig = signed("100.00", "1234", "abc");
  const fields = `pg_order_id=1234&pg_amount=100.00&pg_salt=abc&pg_sig=${sig}`;
  const xml = `<request><pg_order_id>1234</pg_order_id><pg_amount>100.00</pg_amount><pg_salt>abc</pg_salt><pg_sig>${sig}</pg_sig></request>`;

  test.each<readonly [string, Callback]>([
    ["a form", { contentType: FORM, body: fields }],
    ["a form without a type", { body: fields }],
    ["a form with an end of line", { body: `${fields}\r\n` }],
    ["a query", { query: fields }],
    ["XML", { contentType: "text/xml", body: xml }],
    ["XML called a form", { contentType: FORM, body: xml }],
    ["XML with a declaration, behind a byte order mark", { body: `\ufeff<?xml version="1.0" encoding="utf-8"?>\n${xml}\n` }],
    ["XML in a form's field", { body: `pg_xml=${encodeURIComponent(xml)}` }],
    ["XML in a form's field, not percent-encoded", { body: `pg_xml=${xml}` }],
    ["XML in a query", { query: `pg_xml=${encodeURIComponent(xml)}` }],
    ["XML in a query, not percent-encoded", { query: `pg_xml=${xml}` }],
    ["a multipart form", partsOf(fields)],
    ["XML in a multipart form", partsOf(`pg_xml=${encodeURIComponent(xml)}`)],
    ["a signature in capitals", { body: fields.replace(sig, sig.toUpperCase()) }],
    ["a signature with spaces around it", { body: xml.replace(sig, `\n ${sig} `) }],
  ])("in %s", async (_, sent) => {
    expect(await keyOf(sent)).toBe(OLD);
  });

  test.each<readonly [string, Callback]>([
    ["one that the new key signed", { body: fields.replace(sig, md5(`${SCRIPT};100.00;1234;abc;${NEW}`)) }],
    ["one without a signature", { body: "pg_order_id=1234&pg_salt=abc" }],
    ["one whose signature is empty", { body: fields.replace(sig, "") }],
    ["one with an invalid signature", { body: fields.replace(sig, "g".repeat(32)) }],
    ["a forged one", { body: fields.replace("100.00", "1.00") }],
    ["one for another address", { body: fields.replace(sig, md5(`5678.nonce.mac;100.00;1234;abc;${OLD}`)) }],
    ["JSON", { body: `{"pg_order_id":"1234","pg_amount":"100.00","pg_salt":"abc","pg_sig":"${sig}"}` }],
    ["nothing", {}],
  ])("the new one signs the answer to %s", async (_, sent) => {
    expect(await keyOf(sent)).toBe(NEW);
  });

  test("a single key always signs the answer", async () => {
    expect(await keyOf({ body: fields }, [NEW])).toBe(NEW);
  });

  test("the right one of several keys is found", async () => {
    expect(await keyOf({ body: fields }, [NEW, "test-secret-other", OLD])).toBe(OLD);
  });
});

describe("for fields of every form", () => {
  test("names with digits and capitals are sorted by code unit", async () => {
    const values = ["A", "B", "1", "10", "2", "z"];
    const fields = { Z_field: "B", MyField: "A", pg_param2: "2", pg_param10: "10", pg_param1: "1", some_field: "z" };
    await expectFound(values, (pg_sig) => ({ body: String(new URLSearchParams({ ...fields, pg_sig })) }));
    await expectFound(values, (pg_sig) => ({ body: xmlOf({ ...fields, pg_sig }) }));
    await expectFound(values, (pg_sig) => ({ query: String(new URLSearchParams({ ...fields, pg_sig })) }));
  });

  test("names and values of any language", async () => {
    const fields = { поле: "Заказ №23", pg_description: "Қазақша 💳" };
    await expectFound(["Қазақша 💳", "Заказ №23"], (pg_sig) => ({ body: String(new URLSearchParams({ ...fields, pg_sig })) }));
    await expectFound(["Қазақша 💳", "Заказ №23"], (pg_sig) => ({ body: xmlOf({ ...fields, pg_sig }) }));
  });

  test.each([
    ["as they were sent", " 1234 ", "\n A book\t"],
    ["without the spaces around them", "1234", "A book"],
  ])("values with spaces around them, signed %s", async (_, order, description) => {
    const fields = { pg_order_id: " 1234 ", pg_description: "\n A book\t" };
    await expectFound([description, order], (pg_sig) => ({ body: String(new URLSearchParams({ ...fields, pg_sig })) }));
    await expectFound([description, order], (pg_sig) => ({ body: xmlOf({ ...fields, pg_sig }) }));
    await expectFound([description, order], (pg_sig) => ({ query: String(new URLSearchParams({ ...fields, pg_sig })) }));
  });

  test.each([
    ["as empty values", ["", "1234", "", "a"]],
    ["left out", ["1234", "a"]],
  ])("empty values, signed %s", async (_, values) => {
    const fields = { pg_order_id: "1234", pg_card_owner: "", pg_phone: "", pg_salt: "a" };
    await expectFound(values, (pg_sig) => ({ body: String(new URLSearchParams({ ...fields, pg_sig })) }));
    await expectFound(values, (pg_sig) => ({ body: xmlOf({ ...fields, pg_sig }) }));
    await expectFound(values, (pg_sig) => ({ body: xmlOf({ ...fields, pg_sig }).replaceAll(/<(\w+)><\/\w+>/g, '<$1 type="text" />') }));
  });

  test.each([
    ["percent-encoded", "A%20%26%20B%20%3D%201%2B1%3B%20100%25"],
    ["percent-encoded, spaces as pluses", "A+%26+B+%3D+1%2B1%3B+100%25"],
    ["percent-encoded, a plus as itself", "A%20%26%20B%20%3D%201+1%3B%20100%25"],
  ])("a value with every special character of a form, %s", async (_, description) => {
    await expectFound(["A & B = 1+1; 100%", "1"], (sig) => ({ body: `pg_description=${description}&pg_order_id=1&pg_sig=${sig}` }));
    await expectFound(["A & B = 1+1; 100%", "1"], (sig) => ({ query: `pg_description=${description}&pg_order_id=1&pg_sig=${sig}` }));
  });

  test.each([
    ["entities", "A &amp; B &lt;1&gt; &quot;+&quot; = 100%41"],
    ["characters by their numbers", "A &#38; B &#x3c;1&#x3E; &#34;+&#34; = 100%41"],
    ["CDATA", '<![CDATA[A & B <1> "+" = 100%41]]>'],
    ["CDATA, text and a comment", 'A <!-- no -->&amp; B <![CDATA[<1> "+"]]> = 100%41'],
  ])("a value of XML with %s", async (_, text) => {
    const values = ['A & B <1> "+" = 100%41', "1"];
    const xml = (sig: string): string =>
      `<request version='1' a=">"><pg_order_id type="number">1</pg_order_id><!-- <pg_a>1</pg_a> -->` +
      `<pg_description>${text}</pg_description>\n<pg_sig>${sig}</pg_sig></request>`;
    await expectFound(values, (sig) => ({ body: xml(sig) }));
    await expectFound(values, (sig) => ({ body: `pg_xml=${xml(sig)}` }));
    await expectFound(values, (sig) => ({ body: `pg_xml=${encodeURIComponent(xml(sig))}` }));
    await expectFound(values, (sig) => ({ body: String(new URLSearchParams({ pg_xml: xml(sig) })) }));
    await expectFound(values, (sig) => ({ query: String(new URLSearchParams({ pg_xml: xml(sig) })) }));
    await expectFound(values, (sig) => partsOf(`pg_xml=${encodeURIComponent(xml(sig))}`));
  });

  test("XML in a query, percent-encoded except for characters that a URL may contain", async () => {
    const xml = (sig: string): string => `<r><pg_description>A &amp; B = 1+1</pg_description><pg_sig>${sig}</pg_sig></r>`;
    await expectFound(["A & B = 1+1"], (sig) => ({ query: new URL(`https://edge.example/?pg_xml=${xml(sig)}`).search.slice(1) }));
  });

  describe("repeated and nested elements", () => {
    const xml = (sig: string): string =>
      "<request><pg_salt>s</pg_salt><pg_card><pg_b>4</pg_b><pg_a>3</pg_a><pg_b>5</pg_b><pg_sub><pg_z/><pg_y>7</pg_y></pg_sub></pg_card>" +
      `<pg_card><pg_a>6</pg_a></pg_card><pg_amount>10</pg_amount><pg_z>9</pg_z><pg_sig>${sig}</pg_sig></request>`;

    test.each([
      ["sorted at each level", ["10", "3", "4", "5", "7", "", "6", "s", "9"]],
      ["in their order inside of others", ["10", "4", "3", "5", "", "7", "6", "s", "9"]],
      ["all by their own names", ["3", "6", "10", "4", "5", "s", "7", "", "9"]],
      ["without those inside of others", ["10", "s", "9"]],
    ])("%s", async (_, values) => {
      await expectFound(values, (sig) => ({ body: xml(sig) }));
      await expectFound(values, (sig) => ({ body: `pg_xml=${encodeURIComponent(xml(sig))}` }));
    });

    test("twelve fields of one name stay in their order", async () => {
      const letters = "abcdefghijkl";
      const items = [...letters].map((letter) => `<pg_item>${letter}</pg_item>`).join("");
      const all = (sig: string): string => `<r><pg_items>${items}</pg_items><pg_sig>${sig}</pg_sig></r>`;
      await expectFound([...letters], (sig) => ({ body: all(sig) }));
    });

    test("the signature inside of an envelope", async () => {
      await expectFound(["1", "2"], (sig) => ({ body: `<e><r><b>2</b><a>1</a><pg_sig>${sig}</pg_sig></r></e>` }));
    });
  });

  test("repeated and nested fields of a form", async () => {
    const form = (sig: string): string => `pg_z=9&pg_card[b]=2&pg_card[a]=1&pg_card[c][]=3&pg_card[c][]=4&pg_a=0&pg_a=5&pg_sig=${sig}`;
    for (const values of [
      ["0", "5", "1", "2", "3", "4", "9"],
      ["0", "5", "2", "1", "3", "4", "9"],
      ["0", "5", "9"],
    ]) {
      await expectFound(values, (sig) => ({ body: form(sig) }));
      await expectFound(values, (sig) => ({ query: form(sig) }));
    }
  });

  test.each([
    ["in its order", [..."abcdefghijkl"]],
    ["by its numbers as names", [..."abklcdefghij"]],
    ["by its numbers and places, as the published library has it", [..."akblcdefghij"]],
  ])("a list of twelve, sorted %s", async (_, values) => {
    const items = [..."abcdefghijkl"].map((letter, index) => `pg_items[${index}]=${letter}`).join("&");
    await expectFound(["0", ...values, "9"], (sig) => ({ body: `pg_z=9&${items}&pg_a=0&pg_sig=${sig}` }));
  });

  test("two hundred fields", async () => {
    const names = Array.from({ length: 200 }, (_, index) => `pg_${String(index).padStart(3, "0")}`);
    await expectFound(names, (sig) => ({ body: `${names.map((name) => `${name}=${name}`).join("&")}&pg_sig=${sig}` }));
  });
});

test.each([
  ["fields", `${"a=1&".repeat(16_000)}pg_sig=${"0".repeat(32)}`],
  ["elements", `<r>${"<a/>".repeat(16_000)}<pg_sig>${"0".repeat(32)}</pg_sig></r>`],
  ["fields inside of others", `${"a[b]=1&".repeat(9_000)}pg_sig=${"0".repeat(32)}`],
  ["signatures", `${"<pg_sig>".repeat(32)}${"0".repeat(32)}${"</pg_sig>".repeat(32)}`],
])("64 KiB of %s are not searched for a signature", async (_, body) => {
  expect(await keyOf({ body })).toBe(NEW);
});

test("a script that is not a ticket is never signed", async () => {
  for (const script of ["init_payment.php;25;Order", "", "a/b", "a b"]) {
    await expect(pgSignature(script, ["ok"], NEW)).rejects.toThrow(/^the script must consist of/);
  }
});

function xmlOf(fields: Readonly<Record<string, string>>): string {
  return `<request>${Object.entries(fields)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join("")}</request>`;
}

function partsOf(form: string): Callback {
  const parts = [...new URLSearchParams(form)].map(
    ([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  return { contentType: "multipart/form-data; boundary=b", body: `${parts.join("")}--b--\r\n` };
}
