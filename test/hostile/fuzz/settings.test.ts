import fc from "fast-check";
import { expect, test } from "vitest";
import { readAllowedOrigins, readSettings } from "../../../edge/settings.ts";
import { cases, TIMEOUT } from "./cases.ts";
import { anyJson } from "./values.ts";
import { SETTINGS } from "../../../command/edge-settings.ts";

const KEY = "test-secret-of-32-bytes-0123456789abcdef";

/** Values that are valid for one setting, so that each is tried for the others. */
const GOOD = [
  "999999",
  "https://test-api.freedompay.kz",
  "http://127.0.0.1:8080",
  KEY,
  `${KEY} ${KEY}x`,
  "https://shop.example,https://other-shop.example",
  "https://edge.example/pay/",
  "whsec_dGVzdC1zZWNyZXQtb2Ytbm90aWZpY2F0aW9ucw==",
  "both",
  "CF-Connecting-IP",
  "400",
  400,
];

const WHOLE = {
  FREEDOM_PAY_MERCHANT_ID: "999999",
  FREEDOM_PAY_URL: "https://test-api.freedompay.kz",
  FREEDOM_PAY_SECRET_KEY: "test-secret",
  CHARGE_TOKEN_KEY: KEY,
  EDGE_API_KEY: KEY,
  CALLBACK_KEY: KEY,
  ALLOWED_ORIGINS: "https://shop.example",
  PUBLIC_URL: "https://edge.example",
};

const value = fc.oneof(
  fc.constantFrom(...GOOD),
  anyJson,
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  fc.string({ maxLength: 50 }),
);

test("settings are complete and strong, or named without a value", { timeout: TIMEOUT }, () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...SETTINGS), value, { noNullPrototype: true, maxKeys: 3 }), (changed) => {
      const env = { ...WHOLE, ...changed };
      const reading = readSettings(env);
      for (const origin of readAllowedOrigins(env)) expect(new URL(origin).origin).toBe(origin);
      if (!reading.ok) {
        for (const { setting, why } of reading.errors) {
          expect(SETTINGS).toContain(setting);
          expect(why).toMatch(/^(?:entry \d+ )?(?:is|has|contains) [\x20-\x7e]{1,120}$/);
        }
        expect(reading.errors.length).toBeGreaterThan(0);
        return;
      }
      const { gatewayUrl, publicUrl, notifyUrl, notifySecrets, tokenKeys, apiKeys, callbackKeys, retentionDays } = reading.settings;
      expect(gatewayUrl).toMatch(/^(?:https:\/\/(?:test-)?api\.freedompay\.(?:kz|kg|uz)|http:\/\/127\.0\.0\.1:8080)$/);
      for (const key of [...tokenKeys, ...apiKeys, ...callbackKeys])
        expect(new TextEncoder().encode(key).length).toBeGreaterThanOrEqual(32);
      const callback = new URL(`${publicUrl}/v1/callbacks/check/ticket`);
      expect([callback.pathname.endsWith("/v1/callbacks/check/ticket"), callback.search, callback.hash]).toEqual([true, "", ""]);
      if (notifyUrl !== null) expect(notifySecrets.length).toBeGreaterThan(0);
      expect(retentionDays).toBeGreaterThan(0);
    }),
    cases("settings"),
  );
});
