import { expect, test } from "vitest";
import { PAY_WAITS, READ_WAITS, readWait } from "../../../edge/http/prefer.ts";

test.each([
  [null, 0],
  ["", 0],
  ["wait=25", 25],
  ["wait=10", 10],
  ["wait=26", 25],
  ["wait=99999999999999999999999", 25],
  ["wait=0", 0],
  ["Wait = 7", 7],
  ['wait="7"', 7],
  ["respond-async, wait=7", 7],
  ["wait=7; foo=bar", 7],
  ["wait=7, wait=9", 7],
  ["wait=, wait=9", 0],
  ["wait", 0],
  ["wait=-1", 0],
  ["wait=1.5", 0],
  ["wait=1e1", 0],
  ["wait=soon", 0],
  ["await=9", 0],
  [`wait=${" ".repeat(100_000)}"x`, 0],
])("Prefer: %s", (header, seconds) => {
  expect(readWait(header, READ_WAITS)).toBe(seconds);
});

test.each([
  [null, 10],
  ["respond-async", 10],
  ["wait=soon", 10],
  ["wait=0", 0],
  ["wait=3", 3],
  ["wait=25", 10],
])("Prefer: %s, on a POST to pay", (header, seconds) => {
  expect(readWait(header, PAY_WAITS)).toBe(seconds);
});
