import { describe, expect, test } from "vitest";
import { examineSettings, readAllowedOrigins, readSettings } from "../../edge/settings.ts";
import { MERCHANT_API_PATHS } from "../../src/merchant-api/paths.ts";
import { SETTINGS } from "../../command/edge-settings.ts";
import { issueChargeToken, openChargeToken } from "../../src/charge-token.ts";
import { CHARGE } from "./forged-token.ts";

const KEY = "test-secret-of-32-bytes-0123456789abcdef";
const OTHER_KEY = "test-secret-another-0123456789abcdef-0123";
const NOTIFY_SECRET = "whsec_dGVzdC1zZWNyZXQtb2Ytbm90aWZpY2F0aW9ucw==";

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

/** The settings of {@link WHOLE} with some changes. Throws if they are invalid. */
function settings(changed: Readonly<Record<string, unknown>> = {}) {
  const reading = readSettings({ ...WHOLE, ...changed });
  if (!reading.ok) throw new Error(JSON.stringify(reading.errors));
  return reading.settings;
}

function invalidSettings(changed: Readonly<Record<string, unknown>>): readonly string[] {
  const reading = readSettings({ ...WHOLE, ...changed });
  return reading.ok ? [] : reading.errors.map(({ setting }) => setting);
}

test("the required settings alone", () => {
  expect(settings()).toEqual({
    merchantId: "999999",
    gatewayUrl: "https://test-api.freedompay.kz",
    gatewayKeys: ["test-secret"],
    tokenKeys: [KEY],
    apiKeys: [KEY],
    callbackKeys: [KEY],
    notifySecrets: [],
    allowedOrigins: ["https://shop.example"],
    publicUrl: "https://edge.example",
    notifyUrl: null,
    callbacks: "both",
    acceptPayments: true,
    clientIpHeader: null,
    profileApi: "auto",
    merchantApiPaths: MERCHANT_API_PATHS,
    retentionDays: 400,
    locationHint: null,
  });
});

test("all settings", () => {
  expect(
    settings({
      ALLOWED_ORIGINS: " https://shop.example, http://localhost:3000 ,https://xn--d1acufc.example:8443,",
      PUBLIC_URL: "https://shop.example/pay/",
      NOTIFY_URL: "https://shop.example/notified?of=charges",
      NOTIFY_SECRET,
      GATEWAY_CALLBACKS: "result",
      ACCEPT_PAYMENTS: "false",
      CLIENT_IP_HEADER: "CF-Connecting-IP",
      RETENTION_DAYS: "30",
      LOCATION_HINT: "eeur",
    }),
  ).toMatchObject({
    allowedOrigins: ["https://shop.example", "http://localhost:3000", "https://xn--d1acufc.example:8443"],
    publicUrl: "https://shop.example/pay",
    notifyUrl: "https://shop.example/notified?of=charges",
    notifySecrets: [NOTIFY_SECRET],
    callbacks: "result",
    acceptPayments: false,
    clientIpHeader: "CF-Connecting-IP",
    retentionDays: 30,
    locationHint: "eeur",
  });
});

test("each secret may have two values separated by a space: new, then old", () => {
  const two = settings({
    FREEDOM_PAY_SECRET_KEY: "test-new test-old",
    CHARGE_TOKEN_KEY: `${OTHER_KEY} ${KEY}`,
    EDGE_API_KEY: `${OTHER_KEY}  ${KEY} `,
    CALLBACK_KEY: `${OTHER_KEY} ${KEY}`,
    NOTIFY_SECRET: `${NOTIFY_SECRET} whsec_YW5vdGhlci10ZXN0LXNlY3JldC1vZi1oZXJl`,
  });
  expect(two.gatewayKeys).toEqual(["test-new", "test-old"]);
  for (const keys of [two.tokenKeys, two.apiKeys, two.callbackKeys]) expect(keys).toEqual([OTHER_KEY, KEY]);
  expect(two.notifySecrets).toHaveLength(2);
});

test.each([`${KEY}\n`, ` ${KEY}\r\n`, `\ufeff${KEY}`, `${KEY} ${OTHER_KEY}`, `${KEY}\n${OTHER_KEY}\n`, `${KEY}\t \n${OTHER_KEY}`])(
  "the edge and issueChargeToken read the same keys from one text: %j",
  async (key) => {
    const [first, ...others] = settings({ CHARGE_TOKEN_KEY: key }).tokenKeys;
    expect([first, ...others]).toEqual(key.includes(OTHER_KEY) ? [KEY, OTHER_KEY] : [KEY]);
    const token = await issueChargeToken(CHARGE, { key, issuer: "shop.example" });
    expect(await openChargeToken(token, { keys: [first ?? ""] })).toMatchObject({ charge: CHARGE });
  },
);

test("bare workerd passes on every setting that the edge reads", () => {
  expect(SETTINGS.toSorted()).toEqual(
    examineSettings({})
      .results.map(({ setting }) => setting)
      .toSorted(),
  );
});

describe("a required setting", () => {
  test.each(Object.keys(WHOLE).flatMap((setting) => [undefined, null, "", "  "].map((value) => [setting, value] as const)))(
    "%s is missing when it is %j",
    (setting, value) => {
      expect(readSettings({ ...WHOLE, [setting]: value })).toEqual({ ok: false, errors: [{ setting, why: "is not set" }] });
    },
  );
});

describe("an optional setting that is empty is unset", () => {
  test.each(["NOTIFY_URL", "NOTIFY_SECRET", "GATEWAY_CALLBACKS", "ACCEPT_PAYMENTS", "CLIENT_IP_HEADER", "RETENTION_DAYS", "LOCATION_HINT"])(
    "%s",
    (setting) => {
      expect(settings({ [setting]: "" })).toEqual(settings());
    },
  );
});

describe("a weak or invalid setting is named", () => {
  test.each([
    ["FREEDOM_PAY_MERCHANT_ID", "shop"],
    ["FREEDOM_PAY_MERCHANT_ID", "12 34"],
    ["FREEDOM_PAY_MERCHANT_ID", { id: "1" }],
    ["FREEDOM_PAY_URL", "https://api.freedompay.example"],
    ["FREEDOM_PAY_URL", "http://api.freedompay.kz"],
    ["FREEDOM_PAY_URL", "https://api.freedompay.kz.shop.example"],
    ["FREEDOM_PAY_URL", "api.freedompay.kz"],
    ["FREEDOM_PAY_SECRET_KEY", "one two three"],
    ["CHARGE_TOKEN_KEY", "test-secret-of-31-bytes-0123456"],
    ["CHARGE_TOKEN_KEY", `${KEY} short`],
    ["EDGE_API_KEY", "test-secret-of-31-bytes-0123456"],
    ["EDGE_API_KEY", "тестовый-секрет-не-из-ascii-0123456789"],
    ["CALLBACK_KEY", "test-secret-of-31-bytes-0123456"],
    ["CALLBACK_KEY", `${KEY} ${KEY} ${KEY}`],
    ["ALLOWED_ORIGINS", "*"],
    ["ALLOWED_ORIGINS", "null"],
    ["ALLOWED_ORIGINS", ", ,"],
    ["ALLOWED_ORIGINS", "https://shop.example/"],
    ["ALLOWED_ORIGINS", "https://shop.example:443"],
    ["ALLOWED_ORIGINS", "https://Shop.example"],
    ["ALLOWED_ORIGINS", "https://*.shop.example"],
    ["ALLOWED_ORIGINS", "https://shop.example,shop.example"],
    ["ALLOWED_ORIGINS", "file://shop"],
    ["PUBLIC_URL", `https://edge.example/${"a".repeat(100)}`],
    ["MERCHANT_API_PATHS", "/cancel"],
    ["MERCHANT_API_PATHS", '{"cancel":"cancel"}'],
    ["PROFILE_API", "v5"],
    ["PUBLIC_URL", "edge.example"],
    ["PUBLIC_URL", "http://edge.example"],
    ["PUBLIC_URL", "http://127.0.0.1.edge.example"],
    ["PUBLIC_URL", "http://172.32.0.1"],
    ["PUBLIC_URL", "https://edge.example/?a=b"],
    ["PUBLIC_URL", "https://edge.example/#a"],
    ["PUBLIC_URL", "https://edge.example/?"],
    ["PUBLIC_URL", "https://edge.example/#"],
    ["PUBLIC_URL", "https://name:word@edge.example"],
    ["PUBLIC_URL", "ftp://edge.example"],
    ["NOTIFY_SECRET", "whsec_c2hvcnQ="],
    ["NOTIFY_SECRET", "dGVzdC1zZWNyZXQtb2Ytbm90aWZpY2F0aW9ucw=="],
    ["NOTIFY_SECRET", "whsec_dGVzdC1zZWNyZXQtb2Ytbm90aWZpY2F0aW9ucw"],
    ["NOTIFY_SECRET", `whsec_${"dGVzdC1z".repeat(11)}`],
    ["GATEWAY_CALLBACKS", "check"],
    ["ACCEPT_PAYMENTS", "no"],
    ["ACCEPT_PAYMENTS", "FALSE"],
    ["ACCEPT_PAYMENTS", 0],
    ["CLIENT_IP_HEADER", "X Forwarded For"],
    ["CLIENT_IP_HEADER", "X-Real-IP, CF-Connecting-IP"],
    ["RETENTION_DAYS", "0"],
    ["RETENTION_DAYS", "-1"],
    ["RETENTION_DAYS", "1.5"],
    ["RETENTION_DAYS", "a year"],
    ["LOCATION_HINT", "EEUR"],
    ["LOCATION_HINT", "kz"],
    ["LOCATION_HINT", "eeur weur"],
  ])("%s %j", (setting, value) => {
    expect(invalidSettings({ [setting]: value })).toEqual([setting]);
  });

  test.each(["http://shop.example/notified", "https://name@shop.example/notified", "shop"])("NOTIFY_URL %s", (url) => {
    expect(invalidSettings({ NOTIFY_URL: url, NOTIFY_SECRET })).toEqual(["NOTIFY_URL"]);
  });

  test("NOTIFY_URL without NOTIFY_SECRET", () => {
    expect(invalidSettings({ NOTIFY_URL: "https://shop.example/notified" })).toEqual(["NOTIFY_SECRET"]);
  });

  test("all errors at once, in the order of the table", () => {
    expect(invalidSettings({ RETENTION_DAYS: "0", CALLBACK_KEY: "", FREEDOM_PAY_URL: "nowhere" })).toEqual([
      "FREEDOM_PAY_URL",
      "CALLBACK_KEY",
      "RETENTION_DAYS",
    ]);
  });

  test("an error never contains the value", () => {
    const values = Object.keys(WHOLE).map((setting) => [setting, `LEAK LEAK LEAK,LEAK://${setting}`]);
    const text = JSON.stringify(readSettings(Object.fromEntries(values)));
    expect(text).toContain('"ok":false');
    expect(text).not.toContain("LEAK");
  });
});

describe("plain http is for loopback and private addresses", () => {
  test.each([
    "http://localhost:8787",
    "http://edge.localhost",
    "http://127.0.0.1:8787",
    "http://10.0.0.5",
    "http://172.16.0.1",
    "http://172.31.255.255",
    "http://192.168.1.1",
    "http://[::1]:8787",
    "http://[fd00::5]",
  ])("%s", (url) => {
    expect(settings({ PUBLIC_URL: url }).publicUrl).toBe(url);
    expect(settings({ NOTIFY_URL: `${url}/notified`, NOTIFY_SECRET }).notifyUrl).toBe(`${url}/notified`);
  });
});

test("a number is read like its text", () => {
  expect(settings({ RETENTION_DAYS: 30, FREEDOM_PAY_MERCHANT_ID: 999999 })).toMatchObject({ retentionDays: 30, merchantId: "999999" });
});

test.each([
  [true, true],
  [" false ", false],
  [false, false],
])("ACCEPT_PAYMENTS %j is %s: in wrangler.toml it can be text or a boolean", (value, accepts) => {
  expect(settings({ ACCEPT_PAYMENTS: value }).acceptPayments).toBe(accepts);
});

test("a key's length is counted in bytes", () => {
  expect(settings({ CHARGE_TOKEN_KEY: "тестовыйключтест" }).tokenKeys).toEqual(["тестовыйключтест"]);
});

test("the allowed origins can be read even if other settings are invalid", () => {
  expect(readAllowedOrigins({ ALLOWED_ORIGINS: "https://shop.example, nonsense, http://localhost:3000" })).toEqual([
    "https://shop.example",
    "http://localhost:3000",
  ]);
  expect(readAllowedOrigins({})).toEqual([]);
});
