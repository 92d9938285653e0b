import { describe, expect, test } from "vitest";
import { answerCallback, keyOfCallback } from "../../edge/callback-body.ts";

const SIGNED = { script: "1234.nonce.mac", secretKey: "test-secret", salt: "salt" };

describe("the answer to a callback", () => {
  test.each(["json", "empty"] as const)("to %s is JSON", async (shape) => {
    for (const said of ["ok", "rejected"] as const) {
      const answer = await answerCallback(shape, said, SIGNED);
      expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, "application/json"]);
      expect(await answer.json()).toEqual({ status: said });
    }
  });

  // printf '%s' '1234.nonce.mac;salt;ok;test-secret' | md5sum
  const OK = "4f3cac38541f9c7fafc0a84b1fae5057";
  // printf '%s' '1234.nonce.mac;This payment is not expected;salt;rejected;test-secret' | md5sum
  const REJECTED = "702c6dcc24f54e8db64f6fb644d31f0c";

  test.each(["form", "xml"] as const)("to %s is the older API's signed XML", async (shape) => {
    const ok = await answerCallback(shape, "ok", SIGNED);
    expect([ok.status, ok.headers.get("Content-Type")]).toEqual([200, "application/xml; charset=utf-8"]);
    expect(await ok.text()).toBe(
      `<?xml version="1.0" encoding="utf-8"?>\n<response><pg_salt>salt</pg_salt><pg_status>ok</pg_status><pg_sig>${OK}</pg_sig></response>\n`,
    );
    const rejected = await answerCallback(shape, "rejected", SIGNED);
    expect(rejected.status).toBe(200);
    expect(await rejected.text()).toBe(
      `<?xml version="1.0" encoding="utf-8"?>\n<response><pg_description>This payment is not expected</pg_description>` +
        `<pg_salt>salt</pg_salt><pg_status>rejected</pg_status><pg_sig>${REJECTED}</pg_sig></response>\n`,
    );
  });

  test("has another salt, and so another signature, each time", async () => {
    const texts = await Promise.all([1, 2].map(async () => (await answerCallback("xml", "ok", { script: "a", secretKey: "b" })).text()));
    expect(texts[0]).not.toBe(texts[1]);
  });
});

describe("the key that an answer is signed with", () => {
  const KEYS = ["test-secret-new", "test-secret-old"] as const;
  const SCRIPT = "1234.nonce.mac";
  // printf '%s' '1234.nonce.mac;100.00;1234;abc;test-secret-old' | md5sum
  const BY_THE_OLD = "360a5959bc2a8ebcd79bd640a849e746";
  const FORM = `pg_order_id=1234&pg_amount=100.00&pg_salt=abc&pg_sig=${BY_THE_OLD}`;
  const XML = `<request><pg_order_id>1234</pg_order_id><pg_amount>100.00</pg_amount><pg_salt>abc</pg_salt><pg_sig>${BY_THE_OLD}</pg_sig></request>`;
  const keyOf = (text: string, keys: readonly [string, ...string[]] = KEYS): Promise<string> =>
    keyOfCallback(null, new TextEncoder().encode(text), SCRIPT, keys);

  test.each([
    ["a form", FORM],
    ["XML", XML],
    ["XML in a form's field", `pg_xml=${encodeURIComponent(XML)}`],
  ])("is that of the callback itself while a key is rotated: %s", async (_, text) => {
    expect(await keyOf(text)).toBe("test-secret-old");
  });

  test.each([
    ["one that the new key signed", FORM.replace(BY_THE_OLD, "7011c7488f21576e8d54c696c4bf9408")],
    ["one that nobody signed", "pg_order_id=1234&pg_salt=abc"],
    ["a forged one", FORM.replace("100.00", "1.00")],
    ["JSON", '{"order_id":"1234"}'],
    ["nothing", ""],
  ])("is the new one for %s", async (_, text) => {
    expect(await keyOf(text)).toBe("test-secret-new");
  });

  test("is the only one where there is one", async () => {
    expect(await keyOf(FORM, ["test-secret"])).toBe("test-secret");
  });
});
