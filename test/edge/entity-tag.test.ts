import { expect, test } from "vitest";
import { isKnown, readIfNoneMatch } from "../../edge/entity-tag.ts";

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
