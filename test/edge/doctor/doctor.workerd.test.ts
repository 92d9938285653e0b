import { createExecutionContext, listDurableObjectIds, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { EdgeBindings } from "../../../edge/worker.ts";
import { edge } from "../../../edge/worker.ts";
import type { DoctorCheck, DoctorReport } from "../../../src/edge-api.ts";
import { verifyFields } from "../../../src/merchant-api/signature.ts";
import type { Simulator } from "../../../src/simulator/index.ts";
import { createSimulator } from "../../../src/simulator/index.ts";
import { claims, forge } from "../forged-token.ts";
import { EDGE, expectRefusal } from "../over-http.ts";

/** Random keys, as in a deployment, made for every run. */
function newKey(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
}

const API_KEY = newKey();
const GATEWAY_KEY = newKey();
const OLD_GATEWAY_KEY = newKey();

const VALID = {
  FREEDOM_PAY_SECRET_KEY: GATEWAY_KEY,
  CHARGE_TOKEN_KEY: newKey(),
  EDGE_API_KEY: API_KEY,
  CALLBACK_KEY: newKey(),
  NOTIFY_URL: "https://shop.example/notified",
  NOTIFY_SECRET: `whsec_${newKey()}`,
} as const;

let gateway: Simulator;
let actions: string[];
/** The forms that came to the Merchant API, by their path. */
let forms: Map<string, URLSearchParams>;
let answer: (request: Request) => Promise<Response>;
/** The same by the Merchant API. */
let merchantAnswer: (request: Request) => Promise<Response>;

beforeEach(() => {
  actions = [];
  forms = new Map();
  gateway = createSimulator({ merchantId: "999999", secretKeys: [GATEWAY_KEY] });
  answer = (request) => gateway.fetch(request);
  merchantAnswer = answer;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    const action = request.headers.get("x-action");
    if (action === null) {
      forms.set(new URL(request.url).pathname, new URLSearchParams(new TextDecoder().decode(await request.clone().arrayBuffer())));
      return merchantAnswer(request);
    }
    actions.push(action);
    return answer(request);
  });
  vi.spyOn(console, "log").mockReturnValue();
});

afterEach(async () => {
  // Whatever the doctor finds, it charges nothing and changes nothing.
  expect(actions.filter((action) => action !== "gateway.request.status")).toEqual([]);
  for (const form of forms.values()) {
    expect([...form.keys()]).toEqual(["pg_merchant_id", "pg_salt", "pg_sig"]);
    expect(form.get("pg_merchant_id")).toBe("999999");
  }
  expect(gateway.payments()).toEqual([]);
  gateway.close();
  vi.restoreAllMocks();
  await expectNoTables();
});

/** The objects that the doctor has called stay without tables. */
async function expectNoTables(): Promise<void> {
  for (const id of await listDurableObjectIds(env.CHARGES)) {
    const tables = await runInDurableObject(env.CHARGES.get(id), (_, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'").toArray(),
    );
    expect(tables).toEqual([]);
  }
}

type Changed = Readonly<Record<string, unknown>>;

function fetchDoctor(changed: Changed = {}, headers: Readonly<Record<string, string>> = {}, path = "/v1/doctor"): Promise<Response> {
  const bindings = { ...env, ...VALID, ...changed } as unknown as EdgeBindings;
  const sent = { Authorization: `Bearer ${API_KEY}`, "CF-Connecting-IP": "192.0.2.1", ...headers };
  return Promise.resolve(edge.fetch(new Request(`${EDGE}${path}`, { headers: sent }), bindings, createExecutionContext()));
}

async function report(changed: Changed = {}, headers: Readonly<Record<string, string>> = {}): Promise<DoctorReport> {
  const response = await fetchDoctor(changed, headers);
  expect(response.status).toBe(200);
  expect(response.headers.get("Cache-Control")).toBe("no-store");
  const text = await response.text();
  const secrets = Object.entries({ ...VALID, ...changed }).filter(([name, value]) => /KEY|SECRET$/.test(name) && value !== "");
  for (const [, value] of secrets) for (const part of String(value).split(" ")) expect(text).not.toContain(part);
  return JSON.parse(text);
}

function check({ checks }: DoctorReport, name: string): DoctorCheck {
  const found = checks.find((one) => one.name === name);
  if (found === undefined) throw new Error(`No check is called ${name}: ${checks.map((one) => one.name).join(", ")}`);
  return found;
}

/** The names of the failed checks. */
function failures({ checks }: DoctorReport): readonly string[] {
  return checks.filter(({ ok }) => !ok).map(({ name }) => name);
}

describe("a healthy deployment", () => {
  test("has only good findings, one for each check", async () => {
    const found = await report();
    expect(failures(found)).toEqual([]);
    expect(found.ok).toBe(true);
    expect(found.checks.map(({ name }) => name)).toEqual([
      "FREEDOM_PAY_MERCHANT_ID",
      "FREEDOM_PAY_URL",
      "FREEDOM_PAY_SECRET_KEY",
      "CHARGE_TOKEN_KEY",
      "EDGE_API_KEY",
      "CALLBACK_KEY",
      "ALLOWED_ORIGINS",
      "PUBLIC_URL",
      "NOTIFY_URL",
      "NOTIFY_SECRET",
      "GATEWAY_CALLBACKS",
      "ACCEPT_PAYMENTS",
      "CLIENT_IP_HEADER",
      "PROFILE_API",
      "MERCHANT_API_PATHS",
      "RETENTION_DAYS",
      "LOCATION_HINT",
      "bindings",
      "callbacks",
      "https",
      "payer's address",
      "signer",
      "gateway",
      "clock",
      "merchant API",
      "orders",
      "storage",
    ]);
    expect(check(found, "gateway").finding).toBe("test-api.freedompay.kz is reached and accepts the signature of the key");
    expect(actions).toHaveLength(1);
  });
});

describe("access", () => {
  test.each<readonly [string, Readonly<Record<string, string>>]>([
    ["a caller without a credential", { Authorization: "" }],
    ["another key", { Authorization: `Bearer ${newKey()}` }],
  ])("%s is refused", async (_, headers) => {
    await expectRefusal(await fetchDoctor({}, headers), "api_key_invalid", null);
    expect(actions).toEqual([]);
  });

  test("a shopper is refused", async () => {
    await expectRefusal(await fetchDoctor({}, { Authorization: `Bearer ${await forge(claims())}` }), "api_key_invalid", null);
  });

  test.each(["", "test-secret-too-short"])("with the API key %j the answer is that of /healthz, and no more", async (key) => {
    const doctor = await expectRefusal(await fetchDoctor({ EDGE_API_KEY: key, CALLBACK_KEY: "" }), "not_configured", null);
    const health = await expectRefusal(await fetchDoctor({ EDGE_API_KEY: key, CALLBACK_KEY: "" }, {}, "/healthz"), "not_configured", null);
    expect({ ...doctor, request_id: "" }).toEqual({ ...health, request_id: "" });
    expect(doctor.settings).toEqual(["EDGE_API_KEY", "CALLBACK_KEY"]);
    expect(actions).toEqual([]);
  });
});

describe("settings", () => {
  test.each([
    ["FREEDOM_PAY_MERCHANT_ID", "shop", /not a number/],
    ["FREEDOM_PAY_URL", "https://gateway.example", /not a known Freedom Pay host/],
    ["FREEDOM_PAY_SECRET_KEY", "", /not set/],
    ["FREEDOM_PAY_SECRET_KEY", "123456", /published example/],
    ["CHARGE_TOKEN_KEY", "Tr4k!9-Uz", /shorter than 32 bytes/],
    ["CHARGE_TOKEN_KEY", "abababababababababababababababababababab", /not random/],
    ["CALLBACK_KEY", "my-callback-secret-key-for-the-shop-edge", /made up by hand/],
    ["CALLBACK_KEY", API_KEY, /same value as EDGE_API_KEY/],
    ["ALLOWED_ORIGINS", "https://shop.example/", /entry 1 is not an origin/],
    ["PUBLIC_URL", "http://edge.example", /not https/],
    ["NOTIFY_SECRET", "", /is not set, and NOTIFY_URL is/],
    ["NOTIFY_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", /published example/],
    ["GATEWAY_CALLBACKS", "check", /not both, result or none/],
    ["ACCEPT_PAYMENTS", "no", /not true or false/],
    ["ACCEPT_PAYMENTS", "false", /no payment begins/],
    ["CLIENT_IP_HEADER", "a header", /not the name of a header/],
    ["PROFILE_API", "v5", /not one of auto, async, merchant/],
    ["MERCHANT_API_PATHS", "/cancel", /not a JSON object of paths/],
    ["RETENTION_DAYS", "forever", /not a whole number/],
    ["LOCATION_HINT", "almaty", /not one of wnam, enam/],
  ] as const)("%s=%s is found, with a fix", async (name, value, finding) => {
    const found = await report({ [name]: value });
    expect(found.ok).toBe(false);
    expect(failures(found)).toContain(name);
    expect(check(found, name)).toMatchObject({ finding: expect.stringMatching(finding), fix: expect.any(String) });
  });

  test("a check without its settings is reported as not checked; all others run", async () => {
    const found = await report({ FREEDOM_PAY_SECRET_KEY: "", PUBLIC_URL: "" });
    expect(check(found, "gateway").finding).toMatch(/^not checked/);
    expect(check(found, "https").finding).toMatch(/^not checked/);
    expect(check(found, "signer").ok).toBe(true);
    expect(actions).toEqual([]);
  });

  test("two values are a rotation, which is not an error", async () => {
    const found = await report({ CHARGE_TOKEN_KEY: `${newKey()} ${newKey()}` });
    expect(found.ok).toBe(true);
    expect(check(found, "CHARGE_TOKEN_KEY").finding).toMatch(/rotation is in progress/);
  });

  test("the same value twice is a failed rotation", async () => {
    const key = newKey();
    expect(failures(await report({ CHARGE_TOKEN_KEY: `${key} ${key}` }))).toEqual(["CHARGE_TOKEN_KEY"]);
  });

  test("without notifications there is no finding about them", async () => {
    expect((await report({ NOTIFY_URL: "", NOTIFY_SECRET: "" })).ok).toBe(true);
  });
});

describe("inconsistent settings", () => {
  test("a PUBLIC_URL that the gateway cannot reach is found", async () => {
    const found = await report({ PUBLIC_URL: "http://localhost:8787" });
    expect(failures(found)).toEqual(["callbacks", "https"]);
    expect(
      (await report({ PUBLIC_URL: "http://localhost:8787", GATEWAY_CALLBACKS: "none", ALLOWED_ORIGINS: "https://shop.example" })).checks,
    ).toContainEqual(expect.objectContaining({ name: "callbacks", ok: true }));
  });

  test.each([
    ["both", null],
    ["result", /GATEWAY_CALLBACKS to both, and enable checks in Freedom Pay's cabinet/],
    ["none", /GATEWAY_CALLBACKS to both/],
  ])("GATEWAY_CALLBACKS %s: whether a payment page can be stopped", async (GATEWAY_CALLBACKS, fix) => {
    const callbacks = check(await report({ GATEWAY_CALLBACKS }), "callbacks");
    expect(callbacks.ok).toBe(true);
    if (fix === null) expect(callbacks.fix).toBeNull();
    else expect(callbacks.fix).toMatch(fix);
  });

  test("a storefront without https is named", async () => {
    const found = await report({ ALLOWED_ORIGINS: "https://shop.example,http://shop.example" });
    expect(failures(found)).toEqual(["https"]);
    expect(check(found, "https").finding).toBe("not encrypted: http://shop.example");
  });

  test.each([
    ["X-Real-IP", { "X-Forwarded-For": "192.0.2.1" }, /names is missing$/],
    ["X-Real-IP", { "X-Real-IP": "192.0.2.1, 192.0.2.2" }, /does not hold one address$/],
    ["", {}, /CLIENT_IP_HEADER is empty/],
  ])("an unknown payer's address is found: CLIENT_IP_HEADER=%s, sent %j", async (setting, headers, why) => {
    const found = await report({ CLIENT_IP_HEADER: setting }, headers);
    expect(failures(found)).toEqual(["payer's address"]);
    expect(check(found, "payer's address")).toMatchObject({ finding: expect.stringMatching(why), fix: expect.any(String) });
  });

  test("a payer's address with a port, in brackets, is known", async () => {
    const found = await report({ CLIENT_IP_HEADER: "X-Real-IP" }, { "X-Real-IP": "[2001:db8::1]:443" });
    expect(failures(found)).toEqual([]);
    expect(check(found, "payer's address").finding).toBe("is known, from X-Real-IP");
  });

  test("missing bindings are found", async () => {
    expect(failures(await report({ CHARGES: undefined }))).toEqual(["bindings"]);
    expect(check(await report({ DAYS: undefined }), "bindings")).toMatchObject({
      ok: true,
      finding: expect.stringMatching(/no lists of days/),
    });
  });
});

describe("the gateway", () => {
  test("refuses a wrong key, and the fix says what to compare", async () => {
    const found = await report({ FREEDOM_PAY_SECRET_KEY: newKey() });
    expect(failures(found)).toEqual(["gateway"]);
    expect(check(found, "gateway").finding).toMatch(/refuses the signature of the key \(401, code 1100\)/);
  });

  test("accepts only the old key", async () => {
    const found = await report({ FREEDOM_PAY_SECRET_KEY: `${newKey()} ${GATEWAY_KEY}` });
    expect(found.ok).toBe(true);
    expect(check(found, "gateway, new key")).toMatchObject({
      finding: expect.stringMatching(/refuses/),
      fix: expect.stringMatching(/Register the new key at Freedom Pay/),
    });
    expect(check(found, "gateway, old key").finding).toMatch(/accepts the signature/);
  });

  test("accepts only the new key", async () => {
    const found = await report({ FREEDOM_PAY_SECRET_KEY: `${GATEWAY_KEY} ${OLD_GATEWAY_KEY}` });
    expect(found.ok).toBe(true);
    expect(check(found, "gateway, old key").fix).toMatch(/rotation is complete/);
  });

  test("accepts neither of two", async () => {
    const found = await report({ FREEDOM_PAY_SECRET_KEY: `${newKey()} ${OLD_GATEWAY_KEY}` });
    expect(failures(found)).toEqual(["gateway, new key", "gateway, old key"]);
  });

  test.each<readonly [string, () => Promise<Response>, RegExp]>([
    ["a firewall's page", async () => new Response("<html>Forbidden</html>", { status: 403 }), /blocked on the way.*HTTP 403/],
    ["no connection", () => Promise.reject(new TypeError("Network connection lost.")), /is not reached/],
    ["too many calls", async () => new Response("", { status: 429 }), /too many calls/],
    ["a server error", async () => new Response("", { status: 502 }), /answers with a server error \(HTTP 502\)/],
    ["a redirect", async () => new Response(null, { status: 302, headers: { Location: "https://elsewhere.example" } }), /redirect/],
    ["other JSON", async () => Response.json({ hello: "world" }), /not the gateway's/],
    ["rights that are missing", async () => Response.json({ error: { code: "9998" } }), /refuses the call with code 9998/],
    [
      "a request that cannot exist and does",
      async () => Response.json({ id: "1", status: "process", response: { id: "1", status: "process", amount: 1 } }),
      /has a request that cannot exist/,
    ],
  ])("%s", async (_, gatewayAnswer, finding) => {
    answer = gatewayAnswer;
    const found = await report();
    expect(failures(found)).toEqual(["gateway"]);
    expect(check(found, "gateway")).toMatchObject({ finding: expect.stringMatching(finding), fix: expect.any(String) });
  });
});

describe("the Merchant API", () => {
  const PATHS = [
    "/init_payment.php",
    "/make_recurring_payment.php",
    "/get_status3.php",
    "/do_capture.php",
    "/cancel.php",
    "/revoke.php",
    "/v1/merchant/999999/cardstorage/list",
  ];

  /** Answers the call of one path in another way. */
  function answeredAt(path: string, by: () => Promise<Response>): void {
    merchantAnswer = (request) => (new URL(request.url).pathname === path ? by() : gateway.fetch(request));
  }

  function xml(members: string, status = 200): Response {
    return new Response(`<?xml version="1.0" encoding="utf-8"?><response>${members}</response>`, { status });
  }

  const error = (code: string): string => `<pg_status>error</pg_status><pg_error_code>${code}</pg_error_code>`;

  test("is there if each path that the edge calls refuses a wrong signature, with the merchant's own key too", async () => {
    const found = check(await report(), "merchant API");
    expect(found).toEqual({
      name: "merchant API",
      ok: true,
      finding: "test-api.freedompay.kz has all 7 paths, and refuses a wrong signature at each",
      fix: null,
    });
    expect([...forms.keys()]).toEqual(PATHS);
    for (const [path, form] of forms) {
      const fields = [...form].map(([name, value]) => ({ name, value }));
      expect(verifyFields(path.replace(/^.*\//, ""), fields, GATEWAY_KEY)).toBe("invalid");
    }
  });

  test("a refusal with code 1100 under HTTP 200 is one too", async () => {
    answeredAt("/cancel.php", async () => xml(error("1100")));
    expect((await report()).ok).toBe(true);
  });

  test.each<readonly [string, () => Promise<Response>, string, RegExp]>([
    ["404", async () => new Response("Not Found", { status: 404 }), "has no Merchant API at /cancel.php (HTTP 404)", /MERCHANT_API_PATHS/],
    ["a page", async () => new Response("<html>Hello</html>"), "has no Merchant API at /cancel.php (HTTP 200)", /PROFILE_API to async/],
    [
      "a redirect",
      async () => new Response(null, { status: 302, headers: { Location: "https://elsewhere.example" } }),
      "has no Merchant API at /cancel.php (HTTP 302)",
      /MERCHANT_API_PATHS/,
    ],
    [
      "no connection",
      () => Promise.reject(new TypeError("Network connection lost.")),
      "does not answer at /cancel.php (network)",
      /Check FREEDOM_PAY_URL/,
    ],
    ["a server error", async () => new Response("", { status: 502 }), "does not answer at /cancel.php (HTTP 502)", /try again later/],
    [
      "another merchant's number",
      async () => xml(error("9998")),
      "does not know the merchant (code 9998) at /cancel.php",
      /Compare FREEDOM_PAY_MERCHANT_ID/,
    ],
    [
      "rights that are missing",
      async () => xml(error("9992")),
      "does not refuse a wrong signature with 401 or code 1100 at /cancel.php (code 9992)",
      /Ask the manager/,
    ],
    [
      "an answer that is not signed",
      async () => xml("<pg_status>ok</pg_status>"),
      "does not refuse a wrong signature with 401 or code 1100 at /cancel.php (unverified)",
      /Ask the manager/,
    ],
  ])("%s is found", async (_, by, finding, fix) => {
    answeredAt("/cancel.php", by);
    const found = await report();
    expect(failures(found)).toEqual(["merchant API"]);
    expect(check(found, "merchant API")).toMatchObject({
      finding: `test-api.freedompay.kz ${finding}`,
      fix: expect.stringMatching(fix),
    });
  });

  test("is looked for at the paths of MERCHANT_API_PATHS", async () => {
    expect((await report({ MERCHANT_API_PATHS: '{"cancel":"/cancel"}' })).ok).toBe(true);
    expect([...forms.keys()]).toEqual(PATHS.map((path) => path.replace("/cancel.php", "/cancel")));
  });

  test("is not called if no profile is charged by it", async () => {
    expect(check(await report({ PROFILE_API: "async" }), "merchant API")).toMatchObject({
      ok: true,
      finding: "is not used for stored cards (PROFILE_API); payment pages need it",
    });
    expect(forms.size).toBe(0);
  });

  test("is not checked while a setting that it needs is wrong", async () => {
    expect(check(await report({ MERCHANT_API_PATHS: "[]" }), "merchant API").finding).toMatch(/^not checked/);
    expect(forms.size).toBe(0);
  });
});

describe("the clock", () => {
  function dated(clockOffset: number): void {
    answer = async (request) => {
      const response = await gateway.fetch(request);
      const headers = new Headers(response.headers);
      headers.set("Date", new Date(Date.now() + clockOffset * 1000).toUTCString());
      return new Response(response.body, { status: response.status, headers });
    };
  }

  test.each([0, 20, -20])("%i s off is accepted", async (seconds) => {
    dated(seconds);
    const found = await report();
    expect(found.ok).toBe(true);
    expect(check(found, "clock").finding).toMatch(/agrees/);
  });

  test.each([
    [300, /\b(299|300|301) s behind/],
    [-300, /\b(299|300|301) s ahead/],
  ])("%i s off is found", async (seconds, finding) => {
    dated(seconds);
    const found = await report();
    expect(failures(found)).toEqual(["clock"]);
    expect(check(found, "clock").finding).toMatch(finding);
  });
});

describe("the objects that store orders", () => {
  const MAX = 10 * 1024 ** 3;

  /** Objects that use these shares of their storage. Null: it is not reached. */
  function using(...shares: readonly (number | null)[]): { readonly calls: unknown[][]; readonly CHARGES: object } {
    const calls: unknown[][] = [];
    const getByName = (...call: readonly unknown[]): object => {
      const share = shares[calls.push([...call]) - 1] ?? null;
      const check = async (): Promise<unknown> => {
        if (share === null) throw new Error("Network connection lost.");
        return { usedBytes: share * MAX, maxBytes: MAX };
      };
      return { check };
    };
    return { calls, CHARGES: { getByName } };
  }

  test("three of them are called, and the time of each call is in the report", async () => {
    const { calls, CHARGES } = using(0, 0.1, 0.2);
    const found = await report({ CHARGES });
    const name = "test-api.freedompay.kz|999999|g1";
    expect(calls).toEqual([[`${name}|0`], [`${name}|85`], [`${name}|170`]]);
    expect(check(found, "orders")).toMatchObject({ ok: true, fix: null });
    expect(check(found, "orders").finding).toMatch(/^three of the objects that store them answer, after \d+, \d+, \d+ ms$/);
    expect(check(found, "storage")).toMatchObject({
      ok: true,
      finding: "of three objects the fullest uses 20 % of its storage",
      fix: null,
    });
  });

  test("LOCATION_HINT is given with each call, because the first caller decides where an object is", async () => {
    const { calls, CHARGES } = using(0, 0, 0);
    await report({ CHARGES, LOCATION_HINT: "eeur" });
    expect(calls.map(([, options]) => options)).toEqual(Array.from({ length: 3 }, () => ({ locationHint: "eeur" })));
  });

  test.each([
    [[0.4999, 0, 0], 49, true, null],
    [[0, 0.5, 0], 50, true, /RETENTION_DAYS/],
    [[0, 0, 0.8999], 89, true, /at 90 % new orders are refused/],
    [[0, null, 0.9], 90, false, /docs\/shards\.md/],
  ])("that use %j of their storage", async (shares, percent, ok, fix) => {
    const storage = check(await report({ CHARGES: using(...shares).CHARGES }), "storage");
    expect(storage).toMatchObject({ ok, finding: `of three objects the fullest uses ${percent} % of its storage` });
    if (fix === null) expect(storage.fix).toBeNull();
    else expect(storage.fix).toMatch(fix);
  });

  test("and are not reached are named", async () => {
    const found = await report({ CHARGES: using(0, null, 0).CHARGES });
    expect(failures(found)).toEqual(["orders"]);
    expect(check(found, "orders").finding).toBe("of three objects that store them, these are not reached: 85");
    expect(failures(await report({ CHARGES: using(null, null, null).CHARGES }))).toEqual(["orders", "storage"]);
  });

  test("are not called while the settings that name them are missing", async () => {
    const { calls, CHARGES } = using(0, 0, 0);
    const found = await report({ CHARGES, LOCATION_HINT: "nowhere" });
    for (const name of ["orders", "storage"]) expect(check(found, name).finding).toMatch(/^not checked/);
    expect(calls).toEqual([]);
  });
});

test("a wrong signer is found", async () => {
  const sign = crypto.subtle.sign.bind(crypto.subtle);
  vi.spyOn(crypto.subtle, "sign").mockImplementation(async (...given) => {
    const mac = new Uint8Array(await sign(...given));
    mac[0] = (mac[0] ?? 0) ^ 1;
    return mac.buffer;
  });
  expect(failures(await report())).toContain("signer");
});
