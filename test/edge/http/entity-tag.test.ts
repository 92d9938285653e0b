import { describe, expect, test } from "vitest";
import { entityTag, isKnown, readIfNoneMatch } from "../../../edge/http/entity-tag.ts";

test.each([
  [null, []],
  ["", []],
  ['"a"', ['"a"']],
  ['W/"a"', ['"a"']],
  ['"a", W/"b" ,"c,d"', ['"a"', '"b"', '"c,d"']],
  ['""', ['""']],
  [" * ", ["*"]],
  ["a", []],
  ['"a', []],
])("If-None-Match: %s", (header, tags) => {
  expect(readIfNoneMatch(header)).toEqual(tags);
});

test.each([
  ['"a"', ['"a"'], true],
  ['W/"a"', ['"a"'], true],
  ['"a"', ['"b"', '"a"'], true],
  ['"a"', ["*"], true],
  ['"a"', ['"b"'], false],
  ['"a"', [], false],
])("%s against %j: %s", (etag, tags, known) => {
  expect(isKnown(etag, tags)).toBe(known);
});

describe("a tag that a proxy changed still matches:", () => {
  const OWN = entityTag({ status: "ready" });
  const [bare = ""] = /[0-9a-z]+/.exec(OWN) ?? [];

  test.each([
    ["weakened, as nginx, Cloudflare and Varnish do", `W/"${bare}"`],
    ["-gzip, as Apache does", `"${bare}-gzip"`],
    ["-gzip behind the quote, as an old Apache did", `"${bare}"-gzip`],
    ["-br and -zstd, as Apache and Caddy do", `"${bare}-br"`],
    ["-zstd", `"${bare}-zstd"`],
    ["-deflate", `"${bare}-deflate"`],
    ["--gzip, as Jetty does", `"${bare}--gzip"`],
    [";gzip, as Django did", `"${bare};gzip"`],
    [";br and ;gz, as LiteSpeed does", `"${bare};br"`],
    [";gz", `"${bare};gz"`],
    [";;;, as LiteSpeed does without compression", `"${bare};;;"`],
    ["-df, as Traffic Server does", `"${bare}-df"`],
    ["-ssl-df, as Netlify does", `"${bare}-ssl-df"`],
    ["+gzip and :gzip", `"${bare}+gzip", "${bare}:gzip"`],
    ["in capitals", `"${bare}-GZIP"`],
    [":0, as IIS does", `"${bare}:0"`],
    ["weakened and with a suffix", `W/"${bare}-gzip"`],
    ["by two servers, one behind the other", `W/"${bare}-gzip-br"`],
    ["twice by the same", `"${bare}-gzip-gzip"`],
    ["one of several", `"other", "${bare}-gzip"`],
  ])("%s", (_, header) => {
    expect(isKnown(OWN, readIfNoneMatch(header))).toBe(true);
    expect(isKnown(`W/${OWN}`, readIfNoneMatch(header))).toBe(true);
  });

  test.each([
    ["another tag with a suffix", '"0-gzip"'],
    ["ours cut short", `"${bare.slice(0, -1)}-gzip"`],
    ["a longer one that begins like ours", `"${bare}0"`],
    ["a suffix of a compression's name alone", `"${bare}gzip"`],
    ["an unknown suffix", `"${bare}-other"`],
    ["a suffix before it", `"gzip-${bare}"`],
    ["a suffix alone", '"-gzip"'],
    ["more behind the suffix", `"${bare}-gzip-other"`],
    ["in capitals", `"${bare.toUpperCase()}-gzip"`],
  ])("another tag does not match: %s", (_, header) => {
    expect(isKnown(OWN, readIfNoneMatch(header))).toBe(false);
  });
});
