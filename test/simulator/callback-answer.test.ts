import { describe, expect, test } from "vitest";
import type { PlannedCallback } from "../../src/simulator/index.ts";
import { callbackAnswer, checkBefore, checkDeclines, createModel } from "../../src/simulator/index.ts";
import { create, SECRET, START } from "./gateway-calls.ts";
import { signedAnswer, URLS } from "./simulated-gateway.ts";

const read = (text: string): string => callbackAnswer(text, URLS.result_url, SECRET);

describe("the answer to a callback", () => {
  test.each([
    ['{"status":"ok"}', "ok"],
    ['{"status": "rejected"}', "rejected"],
    ['{"status":"error","why":1}', "error"],
    [signedAnswer("ok", URLS.result_url), "ok"],
    [signedAnswer("rejected", URLS.result_url), "rejected"],
    [signedAnswer("error", URLS.result_url), "error"],
    [signedAnswer("maybe", URLS.result_url), "unreadable"],
    ["OK", "unreadable"],
    ["", "unreadable"],
    ["null", "unreadable"],
    ['{"status":"maybe"}', "unreadable"],
    ['"status":"rejected"', "unreadable"],
  ])("%s is read as %s", (text, meaning) => {
    expect(read(text)).toBe(meaning);
  });

  test.each([
    ["without a signature", "<response><pg_status>rejected</pg_status></response>"],
    ["signed with another key", signedAnswer("rejected", URLS.result_url, "test-secret-another")],
    ["signed for another script", signedAnswer("rejected", URLS.check_url)],
    ["changed after signing", signedAnswer("ok", URLS.result_url).replace(">ok<", ">rejected<")],
  ])("in XML %s is ignored", (_, text) => {
    expect(read(text)).toBe("unsigned");
  });

  test("is signed over unescaped values, empty elements included", () => {
    const fields = { pg_description: "not & <never>", pg_note: "" };
    expect(read(signedAnswer("rejected", URLS.result_url, SECRET, fields))).toBe("rejected");
  });
});

describe("a check", () => {
  const planned = (strictCheck: boolean): PlannedCallback =>
    checkBefore(createModel(), create({ urls: URLS }), START, { steps: [], callbacks: { strictCheck } }) as PlannedCallback;

  test.each([
    ["respect", "rejected", true],
    ["respect", "error", true],
    ["respect", "unsigned", false],
    ["respect", "unreadable", false],
    ["respect", "unanswered", false],
    ["respect", "ok", false],
    ["strict", "rejected", true],
    ["strict", "unsigned", true],
    ["strict", "unreadable", true],
    ["strict", "unanswered", true],
    ["strict", "ok", false],
    ["ignore", "rejected", false],
    ["ignore", "unanswered", false],
  ] as const)("%s: %s declines it: %s", (mode, result, declines) => {
    expect(checkDeclines(planned(false), result, mode)).toBe(declines);
  });

  test("that is itself strict is strict under every option", () => {
    expect(checkDeclines(planned(true), "unanswered", "respect")).toBe(true);
    expect(checkDeclines(planned(true), "ok", "respect")).toBe(false);
  });
});
