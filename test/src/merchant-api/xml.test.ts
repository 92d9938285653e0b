import { describe, expect, test } from "vitest";
import fc from "fast-check";
import type { Field } from "../../../src/merchant-api/field.ts";
import { fieldRecord, nestedIn } from "../../../src/merchant-api/field.ts";
import { MAX_ANSWER, readXml, writeXml } from "../../../src/merchant-api/xml.ts";
import { cases } from "../../length.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string): readonly Field[] | null => readXml(utf8(text), MAX_ANSWER)?.fields ?? null;
/** The text of the field `a`. */
const textOf = (inside: string): unknown => read(`<response><a>${inside}</a></response>`)?.[0]?.value ?? null;

const MIB = 1024 * 1024;

test("fields are read in their order, repeated and nested ones too", () => {
  const text = '<?xml version="1.0" encoding="utf-8"?>\n<response>\n  <b>2</b><a/><a></a>\n <n><x> 1 </x><y>2</y></n>\n</response>\n';
  expect(readXml(utf8(text), MAX_ANSWER)).toEqual({
    root: "response",
    fields: [
      { name: "b", value: "2" },
      { name: "a", value: "" },
      { name: "a", value: "" },
      {
        name: "n",
        value: [
          { name: "x", value: " 1 " },
          { name: "y", value: "2" },
        ],
      },
    ],
  });
});

describe("a text is read as", () => {
  test.each([
    ["its characters", "Заказ №23 🙂", "Заказ №23 🙂"],
    ["the five entities", "&lt;&gt;&amp;&quot;&apos;", "<>&\"'"],
    ["references to characters", "&#1079;&#x1F600;&#10;", "з😀\n"],
    ["an entity in an entity once", "&amp;lt;", "&lt;"],
    ["CDATA, beside other text", "1<![CDATA[<&amp;]]>2", "1<&amp;2"],
    ["the text around a comment", "1<!-- <b>2</b> -->3", "13"],
    ["its spaces, and line ends as XML has them", " 1\r\n2\r3&#13; ", " 1\n2\n3\r "],
    ["nothing when there is nothing but a comment", "<!---->", ""],
  ])("%s", (_, inside, text) => {
    expect(textOf(inside)).toBe(text);
  });
});

describe("a document is read", () => {
  test.each([
    ["with a byte order mark", "\ufeff<response><a>1</a></response>"],
    ["without a declaration", "<response><a>1</a></response>"],
    ["with a declaration of UTF-8 in capitals", '<?xml version="1.0" encoding="UTF-8"?><response><a>1</a></response>'],
    ["with a declaration without an encoding", '<?xml version="1.0"?><response><a>1</a></response>'],
    ["with comments around the root", "<!-- x --><response><a>1</a></response><!-- y -->\n"],
    ["with attributes, which are ignored", '<response xmlns="urn:x" a="1"><a b="2">1</a></response>'],
  ])("%s", (_, text) => {
    expect(read(text)).toEqual([{ name: "a", value: "1" }]);
  });

  test.each(["<response/>", "<response></response>", "<response>\n</response>"])("without fields: %j", (text) => {
    expect(read(text)).toEqual([]);
  });

  test("with names of Object.prototype, which are names like any other", () => {
    const fields = read("<response><__proto__><a>1</a></__proto__><constructor>2</constructor><toString>3</toString></response>") ?? [];
    expect(fields.map(({ name }) => name)).toEqual(["__proto__", "constructor", "toString"]);
    const record = fieldRecord(fields);
    expect(Object.keys(record)).toEqual(["__proto__", "constructor", "toString"]);
    expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
    expect(record["constructor"]).toBe("2");
    expect("a" in record).toBe(false);
  });
});

/** A document whose element at this depth is the deepest. */
const nested = (depth: number): string => "<a>".repeat(depth) + "</a>".repeat(depth);

const bomb = ["<!ENTITY a0 'ha'>", ...Array.from({ length: 20 }, (_, i) => `<!ENTITY a${i + 1} '&a${i};&a${i};'>`)].join("");

describe("no fields are read from", () => {
  test.each<readonly [string, string | Uint8Array]>([
    ["an entity that is not one of the five", "<response><a>&nbsp;</a></response>"],
    ["an entity of a document type", "<!DOCTYPE response [<!ENTITY x 'y'>]><response><a>&x;</a></response>"],
    ["an entity that names a file", '<!DOCTYPE response [<!ENTITY x SYSTEM "file:///etc/hosts">]><response><a>&x;</a></response>'],
    ["entities that grow (billion laughs)", `<!DOCTYPE response [${bomb}]><response><a>&a20;</a></response>`],
    ["a document type that nothing uses", "<!DOCTYPE response><response><a>1</a></response>"],
    ["a document type elsewhere", '<!DOCTYPE response SYSTEM "https://shop.example/x.dtd"><response/>'],
    ["an instruction before the root", '<?xml-stylesheet href="x"?><response><a>1</a></response>'],
    ["an instruction in a text", "<response><a>1<?php x ?>2</a></response>"],
    ["an instruction after the root", "<response><a>1</a></response><?x?>"],
    ["text beside elements", "<response>1<a>2</a></response>"],
    ["a text alone", "<response>1</response>"],
    ["two roots", "<response/><response/>"],
    ["no root", '<?xml version="1.0"?>'],
    ["nothing", ""],
    ["white space", " \n"],
    ["HTML", "<!doctype html><html><body><p>403<br></body></html>"],
    ["JSON", '{"pg_status":"ok"}'],
    ["an element that is not closed", "<response><a>1</response>"],
    ["a document that is cut off", "<response><a>1</a>"],
    ["elements that cross", "<response><a><b></a></b></response>"],
    ["an attribute that is there twice", '<response><a b="1" b="1"/></response>'],
    ["a bare &", "<response><a>1 & 2</a></response>"],
    ["a bare <", "<response><a>1 < 2</a></response>"],
    ["a reference to NUL", "<response><a>&#0;</a></response>"],
    ["a reference to half of a character", "<response><a>&#xD83D;</a></response>"],
    ["a reference beyond Unicode", "<response><a>&#x110000;</a></response>"],
    ["a control character", "<response><a>\u0001</a></response>"],
    ["CDATA that is not closed", "<response><a><![CDATA[1</a></response>"],
    ["a comment that is not closed", "<response><!-- <a>1</a></response>"],
    ["a declaration of windows-1251", '<?xml version="1.0" encoding="windows-1251"?><response><a>1</a></response>'],
    ["a declaration of UTF-16 over UTF-8", '<?xml version="1.0" encoding="UTF-16"?><response><a>1</a></response>'],
    ["bytes of windows-1251", Uint8Array.from([...utf8("<response><a>"), 0xc7, 0xe0, ...utf8("</a></response>")])],
    ["bytes of UTF-16", Uint8Array.from([0xff, 0xfe, ...[..."<response/>"].flatMap((one) => [one.charCodeAt(0), 0])])],
    ["an overlong form of UTF-8", Uint8Array.from([...utf8("<response><a>"), 0xc0, 0xbc, ...utf8("</a></response>")])],
    ["9 levels", nested(9)],
    ["10,000 levels", nested(10_000)],
    ["100,000 levels that are not closed", "<a>".repeat(100_000)],
    ["1 MiB of text", `<response><a>${"x".repeat(MIB)}</a></response>`],
    ["1 MiB of spaces", " ".repeat(MIB)],
    ["1 MiB of <", "<".repeat(MIB)],
  ])("%s", (_, document) => {
    expect(readXml(typeof document === "string" ? utf8(document) : document, MAX_ANSWER)).toBeNull();
  });

  test("one byte more than allowed, while exactly as many are read", () => {
    const text = `<response><a>${"x".repeat(100)}</a></response>`;
    expect(readXml(utf8(text), text.length)).not.toBeNull();
    expect(readXml(utf8(text), text.length - 1)).toBeNull();
  });
});

test("8 levels are read", () => {
  expect(read(nested(8))).not.toBeNull();
});

test("a large payment is read: 1,000 refunds", () => {
  const row =
    "<pg_refund_payment><pg_payment_id>1</pg_payment_id><pg_amount>-1.00</pg_amount><pg_payment_date>2026-11-29 10:00:00</pg_payment_date></pg_refund_payment>";
  const text = `<response><pg_refund_payments>${row.repeat(1_000)}</pg_refund_payments></response>`;
  expect(nestedIn(read(text) ?? [], "pg_refund_payments")).toHaveLength(1_000);
});

test("a record has the text of a single field, and an array of any other", () => {
  const fields = read("<response><a>1</a><b>1</b><b>1</b><c><d>1</d></c><e/></response>") ?? [];
  expect(fieldRecord(fields)).toEqual({ a: "1", b: ["1", "1"], c: [[{ name: "d", value: "1" }]], e: "" });
});

const xmlName = fc.constantFrom("pg_status", "pg_salt", "a", "Ж", "_", "__proto__");
// XML allows no other control characters, and no halves of characters.
const xmlText = fc
  .string({ unit: "binary", maxLength: 30 })
  .map((text) => text.replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "?"));

test("written fields are read again as they were", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(xmlName, xmlText), { maxLength: 8 }), (written) => {
      const fields = written.map(([name, value]) => ({ name, value }));
      expect(readXml(utf8(writeXml(written)), MAX_ANSWER)).toEqual({ root: "response", fields });
    }),
    cases(300),
  );
});

test("a written text is escaped where XML needs it", () => {
  expect(writeXml([["a", "1 & 2 <b> ]]> \r"]])).toContain("<a>1 &amp; 2 &lt;b&gt; ]]&gt; &#13;</a>");
});

test("any bytes are read as fields or as nothing", () => {
  const piece = fc.constantFrom(
    "<",
    ">",
    "</",
    "/>",
    "<response>",
    "</response>",
    "<a>",
    "</a>",
    "&",
    "&amp;",
    "&#",
    ";",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<?",
    "?>",
    "<!DOCTYPE",
    "[",
    "]",
    '"',
    "'",
    "=",
    " ",
    "\ufeff",
    "\ud83d",
    "x",
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.array(piece, { maxLength: 40 }).map((pieces) => utf8(pieces.join(""))),
    fc.array(piece, { maxLength: 30 }).map((pieces) => utf8(`<response>${pieces.join("")}</response>`)),
  );
  fc.assert(
    fc.property(bytes, (document) => {
      const result = readXml(document, MAX_ANSWER);
      expect(result === null || Array.isArray(result.fields)).toBe(true);
    }),
    cases(500),
  );
});
