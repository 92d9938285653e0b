import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ELEMENT_FILE } from "../../scripts/element.ts";

/** What the page's file must not know: the gateway, keys and their names, signing. */
const FORBIDDEN: readonly RegExp[] = [
  /X-JWS/i,
  /FREEDOM_PAY/,
  /_KEY\b/,
  /secret/i,
  /HMAC/i,
  /\bHS(256|384|512)\b/,
  /\bjose\b/i,
  /\bsubtle\b/,
  /importKey|CryptoKey/,
  /\bsign\s*\(/,
  /freedompay\.|paybox/i,
  /v5\/g2g/,
  /X-Action/i,
  /gateway\.(payment|request)/,
  /whsec_/,
  /-----BEGIN/,
  // What has the looks of a key.
  /[A-Za-z0-9+/_-]{40,}/,
];

/** Names that only mark what a text is written in; nothing is asked of these hosts. */
const NAMESPACES = ["http://www.w3.org/"];

function forbiddenIn(code: string): string[] {
  const hosts = (code.match(/\b(?:https?|wss?):\/\/[^\s"'`\\)]*/g) ?? []).filter(
    (url) => !NAMESPACES.some((known) => url.startsWith(known)) && !/^https?:\/\/[$…]?$/.test(url),
  );
  return [...FORBIDDEN.flatMap((pattern) => pattern.exec(code)?.[0] ?? []), ...hosts];
}

const code = readFileSync(ELEMENT_FILE, "utf8");

test("the element's file is the element", () => {
  expect(code).toContain("freedom-pay-charge");
  expect(code).toContain("/v1/charges");
});

test("the element's file knows no key, no signing, no gateway and no host", () => {
  expect(forbiddenIn(code)).toEqual([]);
});

test.each([
  ['headers.set("X-JWS-Signature",x)', "X-JWS"],
  ["env.FREEDOM_PAY_SECRET_KEY", "FREEDOM_PAY"],
  ['const k="whsec_x"', "whsec_"],
  ['await crypto.subtle.digest("SHA-256",x)', "subtle"],
  ['{name:"HMAC"}', "HMAC"],
  ['alg:"HS256"', "HS256"],
  ['from"jose"', "jose"],
  ['fetch("https://api.freedompay.kz/v5/g2g/create")', "freedompay."],
  ['fetch("https://metrics.example/hit")', "https://metrics.example/hit"],
  ['new WebSocket("wss://metrics.example")', "wss://metrics.example"],
  ['const k="Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4"', "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4"],
])("planted, %s is found", (planted, found) => {
  expect(forbiddenIn(`${code};${planted}`)).toContain(found);
});
