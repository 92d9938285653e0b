import { expect, test } from "vitest";
import { readAllowedOrigins, readSettings } from "../../edge/settings.ts";
import { settings } from "./inputs.ts";

const KEY = "test-secret-of-32-bytes-0123456789abcdef";

const WHOLE: Readonly<Record<string, unknown>> = {
  FREEDOM_PAY_MERCHANT_ID: "999999",
  FREEDOM_PAY_URL: "https://test-api.freedompay.kz",
  FREEDOM_PAY_SECRET_KEY: "test-secret",
  CHARGE_TOKEN_KEY: KEY,
  EDGE_API_KEY: KEY,
  CALLBACK_KEY: KEY,
  ALLOWED_ORIGINS: "https://shop.example",
  PUBLIC_URL: "https://edge.example",
};

test.each(settings.filter(({ gets }) => gets !== null))("$setting is a fault: $name", ({ setting, input, gets, at = setting }) => {
  const reading = readSettings({ ...WHOLE, [setting]: input });
  expect(reading).toEqual({ ok: false, errors: [{ setting: at, why: gets }] });
  if (typeof input === "string" && input.trim().length > 8) expect(JSON.stringify(reading)).not.toContain(input.trim());
  expect(readAllowedOrigins({ ...WHOLE, [setting]: input })).not.toContain("*");
});

test.each(settings.filter(({ gets }) => gets === null))("$setting is good: $name", ({ setting, input }) => {
  expect(readSettings({ ...WHOLE, [setting]: input })).toMatchObject({ ok: true });
});
