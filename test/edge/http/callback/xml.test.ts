import { describe, expect, test } from "vitest";
import { readXml } from "../../../../edge/http/callback/xml.ts";

/** The fields of `<r>…</r>`, as pairs. */
function read(inside: string): unknown {
  return readXml(`<r>${inside}</r>`)?.map(({ name, value }) => [name, value]);
}

describe("the text of an element", () => {
  test.each([
    ["is as it was sent, spaces and lines with it", "<a> 1 \n</a>", " 1 \n"],
    ["is empty where the element is closed at once", "<a/>", ""],
    ["is empty where it is closed at once, with attributes", "<a b=\"/>\" c='>' />", ""],
    ["is empty if the element is", "<a></a >", ""],
    ["has the five entities", "<a>&lt;&amp;lt;&gt;&quot;&apos;</a>", "<&lt;>\"'"],
    ["has characters by their numbers", "<a>&#49;&#x2116;&#x1F4B3;</a>", "1№💳"],
    ["keeps unknown entities", "<a>&x;&#0;&#xD83D;&#1114112;& &;&amp</a>", "&x;&#0;&#xD83D;&#1114112;& &;&amp"],
    ["continues after CDATA", "<a>1<![CDATA[&amp;<b>]]>2<![CDATA[]]></a>", "1&amp;<b>2"],
    ["goes on behind comments and instructions", "<a>1<!-- </a> -->2<?x </a> ?>3</a>", "123"],
  ])("%s", (_, xml, text) => {
    expect(read(xml)).toEqual([["a", text]]);
  });
});

describe("an element", () => {
  test("may have any name: capitals, digits, dashes, a prefix, letters of any language", () => {
    expect(read("<pg_param1>1</pg_param1><MyField>2</MyField><x-y.z>3</x-y.z><p:q>4</p:q><поле>5</поле>")).toEqual([
      ["pg_param1", "1"],
      ["MyField", "2"],
      ["x-y.z", "3"],
      ["p:q", "4"],
      ["поле", "5"],
    ]);
  });

  test("may be repeated, and stays in its order", () => {
    expect(read("<b>1</b><a>2</a><b>3</b>")).toEqual([
      ["b", "1"],
      ["a", "2"],
      ["b", "3"],
    ]);
  });

  test("may contain others, and then has no text", () => {
    expect(read("<a>\n  <b>1</b>\n  <b/>\n</a>")).toEqual([
      [
        "a",
        [
          { name: "b", value: "1" },
          { name: "b", value: "" },
        ],
      ],
    ]);
  });

  test("is the only field if it is the outermost", () => {
    expect(readXml("<a>1</a>")).toEqual([{ name: "a", value: "1" }]);
  });
});

describe("around the outermost element is allowed", () => {
  test.each([
    ["a declaration", '<?xml version="1.0" encoding="utf-8"?>\n', ""],
    ["a byte order mark", "\ufeff", ""],
    ["a document type", '<!DOCTYPE r SYSTEM "r.dtd>" [<!ENTITY a "]>"><!ELEMENT r (a)>]>', ""],
    ["comments", "<!-- <x> -->", "<!-- y"],
    ["anything behind it", "", "&pg_other=1</r><"],
  ])("%s", (_, before, behind) => {
    expect(readXml(`${before}<r><a>1</a></r>${behind}`)).toEqual([{ name: "a", value: "1" }]);
  });
});

describe("is not read", () => {
  test.each([
    ["nothing", ""],
    ["no XML", "a=1"],
    ["an element that is not closed", "<r><a>1</a>"],
    ["an element that another closes", "<r><a>1</b></r>"],
    ["a closing alone", "</r>"],
    ["a tag that is not closed", "<r><a"],
    ["a quote that is not closed", '<r a="><b>1</b></r>'],
    ["CDATA that is not closed", "<r><a><![CDATA[1</a></r>"],
    ["a comment that is not closed", "<r><!-- <a>1</a></r>"],
    ["an instruction that is not closed", "<?xml <r/>"],
    ["a document type that is not closed", "<!DOCTYPE r [ <r/>"],
    ["an invalid name", "<r>< a>1</ a></r>"],
    ["a level too many", `${"<a>".repeat(33)}${"</a>".repeat(33)}`],
  ])("%s", (_, text) => {
    expect(readXml(text)).toBeNull();
  });

  test("XML with one level less is read", () => {
    expect(readXml(`${"<a>".repeat(32)}${"</a>".repeat(32)}`)).not.toBeNull();
  });
});

test.each([
  ["spaces in an element", `<a>${" ".repeat(65_000)}<`],
  ["elements that do not close", "<a>".repeat(21_000)],
  ["elements that are closed and do not end", `<r>${"<a/>".repeat(16_000)}`],
  ["attributes that do not close", `<a ${"a=b ".repeat(16_000)}`],
  ["quotes", `<a ${"\"'".repeat(32_000)}`],
  ["CDATA that does not close", `<a><![CDATA[${"]".repeat(65_000)}`],
  ["beginnings of CDATA", `<r>${"<![CDATA[".repeat(7_000)}`],
  ["beginnings of comments", `<r>${"<!--".repeat(16_000)}`],
  ["beginnings of instructions", `<r>${"<?".repeat(32_000)}`],
  ["beginnings of document types", "<!DOCTYPE [".repeat(6_000)],
  ["ampersands", `<a>${"&".repeat(65_000)}`],
  ["beginnings of numbers", `<a>${"&#1".repeat(21_000)}`],
  ["names", `<${"a".repeat(65_000)}`],
])("64 KiB of text that is hard to match are read to the end, and have no fields: %s", (_, text) => {
  expect(readXml(text)).toBeNull();
});
