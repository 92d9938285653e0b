import { describe, expect, test } from "vitest";
import { FreedomPayError } from "../../../src/errors.ts";
import { pgSignatureText } from "../../../src/lib/pg-signature.ts";

test("the signed text is the script, the values and the key", () => {
  // Published in two independent libraries: its MD5 is a8a4d5a9188f24038a14a4d65c387bf7.
  const values = ["value1", "value2", "9imM909TH820jwk387", "value3", "subvalue1", "subvalue2"];
  expect(pgSignatureText("script.php", values, "mypasskey")).toBe(
    "script.php;value1;value2;9imM909TH820jwk387;value3;subvalue1;subvalue2;mypasskey",
  );
});

describe("no script is signed that could be the start of another request", () => {
  test.each([
    ["one that goes on into values", "init_payment.php;25;Order"],
    ["one that goes on into one value", "init_payment.php;"],
    ["none", ""],
    ["a path", "v1/init_payment.php"],
    ["a percent-encoded one", "init_payment.php%3B25"],
    ["one with a line behind it", "init_payment.php\n"],
    ["one with a line before it", "\ninit_payment.php"],
    ["one with a query", "result?a"],
    ["one with a space", "a b"],
    ["letters of elsewhere", "іnit"],
    ["NUL", "\u0000"],
  ])("%s", (_, script) => {
    const secretKey = "test-secret-key";
    expect(() => pgSignatureText(script, ["1"], secretKey)).toThrow(FreedomPayError);
    expect(() => pgSignatureText(script, ["1"], secretKey)).toThrow(/^the script must consist of/);
  });
});
