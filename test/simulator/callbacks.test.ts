import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { PlannedCallback } from "../../src/simulator/index.ts";
import { callbackBody, checkAnswer, checkBefore, createModel, receive, signFields } from "../../src/simulator/index.ts";
import { md5 } from "../../src/simulator/md5.ts";
import { create, START } from "./gateway-calls.ts";

const URLS = { check_url: "https://shop.example/hooks/check?a=1", result_url: "https://shop.example/hooks/result" };
const oracle = (text: string): string => createHash("md5").update(text).digest("hex");

const RESULT: PlannedCallback = {
  kind: "result",
  url: URLS.result_url,
  at: START,
  forged: false,
  facts: { id: "1000000001", order_id: "1234", status: "error", amount: 100.5, currency: "KZT", code: "10009" },
};

test("MD5 is that of node:crypto, at every length around its blocks and beyond ASCII", () => {
  for (let length = 0; length < 200; length += 1) {
    expect(md5("x".repeat(length))).toBe(oracle("x".repeat(length)));
  }
  expect(md5("Төлем өтпеді ₸")).toBe(oracle("Төлем өтпеді ₸"));
});

describe("the check before a create", () => {
  test("is made once, with what is to be paid", () => {
    const state = createModel();
    const asked = create({ urls: URLS });
    expect(checkBefore(state, asked, START)).toMatchObject({
      kind: "check",
      url: URLS.check_url,
      facts: { id: null, order_id: "1234", amount: 100 },
    });
    receive(state, asked, START);
    expect(checkBefore(state, asked, START)).toBeNull();
    expect(checkBefore(state, create({ urls: URLS }), START)).toBeNull();
  });

  test("is not made without a check_url, or for a body that does not fit", () => {
    expect(checkBefore(createModel(), create(), START)).toBeNull();
    expect(checkBefore(createModel(), create({ amount: 0, urls: URLS }), START)).toBeNull();
  });
});

describe("the body of a callback", () => {
  test("as JSON has the members of a read", () => {
    const { contentType, body } = callbackBody(RESULT, "json", "test-secret-key", "salt1");
    expect(contentType).toBe("application/json");
    expect(JSON.parse(body)).toEqual({
      id: "1000000001",
      order_id: "1234",
      status: "error",
      amount: 100.5,
      currency: "KZT",
      error: { code: "10009" },
    });
  });

  test("as a form is signed as the older API signs", () => {
    const { contentType, body } = callbackBody(RESULT, "form", "test-secret-key", "salt1");
    expect(contentType).toBe("application/x-www-form-urlencoded");
    const fields = Object.fromEntries(new URLSearchParams(body));
    expect(fields).toMatchObject({
      pg_order_id: "1234",
      pg_payment_id: "1000000001",
      pg_amount: "100.50",
      pg_result: "0",
      pg_failure_code: "10009",
    });
    // script;values in the order of their field names;secret_key
    expect(fields["pg_sig"]).toBe(oracle("result;100.50;0;KZT;10009;1234;1000000001;0;salt1;1;test-secret-key"));
  });

  test("the script is the last segment of the path, without the query", () => {
    expect(signFields(URLS.check_url, { pg_b: "2", pg_a: "1", pg_sig: "ignored" }, "test-secret-key")).toBe(
      oracle("check;1;2;test-secret-key"),
    );
  });

  test("a check has no outcome", () => {
    const check = checkBefore(createModel(), create({ urls: URLS }), START) as PlannedCallback;
    const fields = new URLSearchParams(callbackBody(check, "form", "test-secret-key", "salt1").body);
    expect([...fields.keys()]).not.toContain("pg_result");
    expect([...fields.keys()]).not.toContain("pg_payment_id");
  });

  test("a forged one is not signed with the key", () => {
    const forged = new URLSearchParams(callbackBody({ ...RESULT, forged: true }, "form", "test-secret-key", "salt1").body);
    const honest = new URLSearchParams(callbackBody(RESULT, "form", "test-secret-key", "salt1").body);
    expect(forged.get("pg_sig")).not.toBe(honest.get("pg_sig"));
  });
});

describe("the answer to a check", () => {
  test.each([
    ['{"status":"ok"}', "ok"],
    ['{"status": "rejected"}', "rejected"],
    ["<response><pg_status>ok</pg_status></response>", "ok"],
    ["<response><pg_status> rejected </pg_status></response>", "rejected"],
    ["<response><pg_status>error</pg_status></response>", "rejected"],
    ["OK", "unreadable"],
    ["", "unreadable"],
    ['{"status":"maybe"}', "unreadable"],
  ])("%s says %s", (text, meaning) => {
    expect(checkAnswer(text)).toBe(meaning);
  });
});

test("a rejected check makes a payment that is declined at once", () => {
  const state = createModel();
  const receipt = receive(state, create({ urls: URLS }), START, { declines: "10021" });
  expect(receipt.reply?.body).toContain('"code":"10021"');
  expect(receipt.callbacks).toMatchObject([{ kind: "result", facts: { status: "error", code: "10021" } }]);
});
