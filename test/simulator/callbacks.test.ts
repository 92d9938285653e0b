import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { checkBefore, createModel, receive } from "../../src/simulator/index.ts";
import { md5 } from "../../src/simulator/md5.ts";
import { create, START } from "./gateway-calls.ts";

const URLS = { check_url: "https://shop.example/hooks/check?a=1", result_url: "https://shop.example/hooks/result" };
const oracle = (text: string): string => createHash("md5").update(text).digest("hex");

test("MD5 is that of node:crypto, at every length around its blocks and beyond ASCII", () => {
  for (let length = 0; length < 200; length += 1) {
    expect(md5("x".repeat(length))).toBe(oracle("x".repeat(length)));
  }
  expect(md5("Төлем өтпеді ₸")).toBe(oracle("Төлем өтпеді ₸"));
});

describe("the check before a create", () => {
  test("is sent once, with the amount to pay", () => {
    const state = createModel();
    const request = create({ urls: URLS });
    expect(checkBefore(state, request, START)).toMatchObject({
      kind: "check",
      url: URLS.check_url,
      facts: { id: null, order_id: "1234", amount: 100 },
    });
    receive(state, request, START);
    expect(checkBefore(state, request, START)).toBeNull();
    expect(checkBefore(state, create({ urls: URLS }), START)).toBeNull();
  });

  test("is not sent without a check_url, or for an invalid body", () => {
    expect(checkBefore(createModel(), create(), START)).toBeNull();
    expect(checkBefore(createModel(), create({ amount: 0, urls: URLS }), START)).toBeNull();
  });
});

test("a rejected check makes a payment that is declined at once", () => {
  const state = createModel();
  const outcome = receive(state, create({ urls: URLS }), START, { declines: "10021" });
  expect(outcome.reply?.body).toContain('"code":"10021"');
  expect(outcome.callbacks).toMatchObject([{ kind: "result", facts: { status: "error", code: "10021" } }]);
});

test.each([
  ["a payment", true, { status: "success", captured: true }],
  ["a hold", false, { status: "approved", captured: false }],
])("a result of %s has its status, and can be rejected", (_, autoClearing, facts) => {
  const { callbacks } = receive(createModel(), create({ urls: URLS, autoClearing }), START);
  expect(callbacks).toMatchObject([{ kind: "result", facts: { ...facts, description: "a book" }, canReject: true, format: null }]);
});
