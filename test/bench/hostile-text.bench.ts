import { expect, test } from "vitest";
import { readCallback } from "../../edge/http/callback/body.ts";
import { containsCardNumber } from "../../src/lib/card-number.ts";
import { toMinorUnits } from "../../src/money.ts";
import { timed } from "./timed.ts";

const utf8 = new TextEncoder();
const xml = (text: string): Promise<unknown> => readCallback({ contentType: "text/xml", body: utf8.encode(text), query: "" });
const form = (text: string): Promise<unknown> =>
  readCallback({ contentType: "application/x-www-form-urlencoded", body: utf8.encode(text), query: "" });

/** Texts of any length that are hard to match. The edge refuses bodies over 64 KiB before it reads them. */
const HARD: readonly (readonly [name: string, length: number, read: (length: number) => unknown])[] = [
  ["a card number: groups of a digit", 100_000, (length) => containsCardNumber("1 ".repeat(length / 2))],
  ["an amount: zeros with a digit after them", 1_000_000, (length) => toMinorUnits(`1.${"0".repeat(length)}1`)],
  ["XML: spaces in an element", 16_000, (length) => xml(`<a>${" ".repeat(length)}<`)],
  ["XML: elements that do not close", 16_000, (length) => xml("<a>".repeat(length / 3))],
  ["XML: elements that are closed and do not end", 16_000, (length) => xml(`<r>${"<a/>".repeat(length / 4)}`)],
  ["XML: attributes that do not close", 16_000, (length) => xml(`<a ${"a=b ".repeat(length / 4)}`)],
  ["XML: quotes", 16_000, (length) => xml(`<a ${"\"'".repeat(length / 2)}`)],
  ["XML: CDATA that does not close", 16_000, (length) => xml(`<a><![CDATA[${"]".repeat(length)}`)],
  ["XML: beginnings of CDATA", 16_000, (length) => xml(`<r>${"<![CDATA[".repeat(length / 9)}`)],
  ["XML: beginnings of comments", 16_000, (length) => xml(`<r>${"<!--".repeat(length / 4)}`)],
  ["XML: beginnings of instructions", 16_000, (length) => xml(`<r>${"<?".repeat(length / 2)}`)],
  ["XML: beginnings of document types", 16_000, (length) => xml("<!DOCTYPE [".repeat(length / 11))],
  ["XML: ampersands", 16_000, (length) => xml(`<a>${"&".repeat(length)}`)],
  ["XML: beginnings of numbers", 16_000, (length) => xml(`<a>${"&#1".repeat(length / 3)}`)],
  ["XML: names", 16_000, (length) => xml(`<${"a".repeat(length)}`)],
  ["a form: question marks", 16_000, (length) => form("?".repeat(length))],
  ["a form: brackets", 16_000, (length) => form(`${"a[".repeat(length / 2)}=1`)],
  ["a form: fields", 16_000, (length) => form("a&".repeat(length / 2))],
  ["a form: fields that are named XML", 16_000, (length) => form("pg_xml=&".repeat(length / 8))],
  ["a form: percent signs", 16_000, (length) => form(`pg_xml=${"%".repeat(length)}`)],
  ["a form: commas in an amount", 16_000, (length) => form(`pg_amount=${",1".repeat(length / 2)}`)],
  ["a form: digits in an amount", 16_000, (length) => form(`pg_amount=${"1".repeat(length)}x`)],
];

/** The factor by which the text grows. */
const TIMES = 4;

/** Quadratic time would grow 16 times. The rest is for the timer's resolution and the garbage collector. */
const LIMIT = 10;

/** The timer's resolution in milliseconds. Shorter times are not compared. */
const GRAIN = 1;

/** The minimum of several rounds, because other work on the machine only adds time. */
async function least(work: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 7; round += 1) times.push((await timed(work))[1]);
  return Math.min(...times);
}

test.for(HARD)("%s: the time grows with the length, not with its square", async ([name, length, read]) => {
  const short = await least(() => read(length));
  const long = await least(() => read(length * TIMES));
  console.log(`${name}: ${length} characters in ${short.toFixed(2)} ms, ${length * TIMES} in ${long.toFixed(2)} ms`);
  expect(long).toBeLessThan(Math.max(short, GRAIN) * LIMIT);
});
