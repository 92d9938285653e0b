import { describe, expect, test } from "vitest";
import { answerCallback } from "../../../../edge/http/callback/answer.ts";

const SIGNED = { script: "1234.nonce.mac", secretKey: "test-secret", salt: "salt" };

describe("the answer to a callback", () => {
  test.each(["json", "empty"] as const)("to %s is JSON", async (shape) => {
    for (const status of ["ok", "rejected"] as const) {
      const answer = await answerCallback(shape, status, SIGNED);
      expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, "application/json"]);
      expect(await answer.json()).toEqual({ status: status });
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

  test("has another salt each time, of letters and digits", async () => {
    const texts = await Promise.all([1, 2].map(async () => (await answerCallback("xml", "ok", { script: "a", secretKey: "b" })).text()));
    const salts = texts.map((text) => /<pg_salt>([A-Za-z0-9]{32})<\/pg_salt>/.exec(text)?.[1]);
    expect(new Set([...salts, undefined]).size).toBe(3);
  });
});
