import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { EdgeBindings } from "../../edge/worker.ts";
import { edge } from "../../edge/worker.ts";
import { claims, forge } from "./forged-token.ts";
import { EDGE, expectNothingStored, expectRefusal, SHOP, watchGateway } from "./over-http.ts";

let gateway: ReturnType<typeof watchGateway>;

beforeEach(() => {
  gateway = watchGateway();
  vi.spyOn(console, "log").mockReturnValue();
});

afterEach(async () => {
  expect(gateway).not.toHaveBeenCalled();
  vi.restoreAllMocks();
  await expectNothingStored();
});

/** Calls a Worker with some settings changed. */
async function fetchEdge(
  changed: Readonly<Record<string, unknown>>,
  method: string,
  path: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const headers = {
    Origin: SHOP,
    Authorization: `Bearer ${await forge(claims())}`,
    "Idempotency-Key": "k",
    "CF-Connecting-IP": "84.252.158.239",
    ...more,
  };
  const bindings = { ...env, ...changed } as unknown as EdgeBindings;
  return edge.fetch(new Request(`${EDGE}${path}`, { method, headers }), bindings, createExecutionContext());
}

const SERVED = [
  ["POST", "/v1/charges"],
  ["GET", "/v1/charges/1234"],
  ["POST", "/v1/callbacks/check/1234.n.m"],
  ["GET", "/v1/returns/1234.n.m/paid"],
  ["GET", "/healthz"],
] as const;

describe("with a setting missing or weak", () => {
  test.each([
    ["FREEDOM_PAY_MERCHANT_ID", ""],
    ["FREEDOM_PAY_URL", "https://gateway.example/test-secret"],
    ["FREEDOM_PAY_SECRET_KEY", ""],
    ["CHARGE_TOKEN_KEY", "test-secret-too-short"],
    ["EDGE_API_KEY", "test-secret-too-short"],
    ["CALLBACK_KEY", "test-secret-too-short"],
    ["PUBLIC_URL", "http://edge.example/test-secret"],
    ["NOTIFY_URL", "http://shop.example/test-secret"],
    ["RETENTION_DAYS", "test-secret"],
    ["CHARGES", undefined],
  ])("%s: every route names it, never its value", async (setting, value) => {
    for (const [method, path] of SERVED) {
      const problem = await expectRefusal(await fetchEdge({ [setting]: value }, method, path), "not_configured");
      expect(problem.settings).toEqual([setting]);
      expect(JSON.stringify(problem)).not.toContain("test-secret");
    }
  });

  test("all of them are named at once", async () => {
    const { settings } = await expectRefusal(
      await fetchEdge({ CALLBACK_KEY: "", EDGE_API_KEY: "" }, "POST", "/v1/charges"),
      "not_configured",
    );
    expect(settings).toEqual(["EDGE_API_KEY", "CALLBACK_KEY"]);
  });

  test("without ALLOWED_ORIGINS no page can read the answer, but every caller gets it", async () => {
    await expectRefusal(await fetchEdge({ ALLOWED_ORIGINS: "" }, "POST", "/v1/charges"), "not_configured", null);
  });

  test.each([
    ["kk-KZ,ru;q=0.9", '<html lang="kk">', "Қазір дүкенге қайту мүмкін болмады"],
    ["ru", '<html lang="ru">', "Сейчас вернуться в магазин не получилось"],
    ["de", '<html lang="en">', "The way back to the shop failed just now"],
  ])("a browser that comes back from a payment page gets a small page, in %s, and not a problem of JSON", async (language, lang, title) => {
    const accepted = { Accept: "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": language };
    const answer = await fetchEdge({ CALLBACK_KEY: "" }, "GET", "/v1/returns/1234.n.m/paid", accepted);
    expect([answer.status, answer.headers.get("Content-Type")]).toEqual([503, "text/html; charset=utf-8"]);
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    const page = await answer.text();
    expect(page).toContain(lang);
    expect(page).toContain(title);
    expect(page).not.toContain("CALLBACK_KEY");
  });

  test("preflights and the element's file are answered as usual", async () => {
    const preflight = await fetchEdge({ CALLBACK_KEY: "" }, "OPTIONS", "/v1/charges");
    expect([preflight.status, preflight.headers.get("Access-Control-Allow-Origin")]).toEqual([204, SHOP]);
    const element = await fetchEdge({ CALLBACK_KEY: "" }, "GET", "/v1/freedom-pay-charge.js");
    expect(element.status).toBe(200);
    await element.text();
  });

  test("an unknown address is not found", async () => {
    await expectRefusal(await fetchEdge({ CALLBACK_KEY: "" }, "GET", "/v1/nothing"), "route_not_found");
  });
});

describe("GET /healthz", () => {
  test("is 200 if all settings are valid and the signer reproduces the published signature", async () => {
    const answer = await fetchEdge({}, "GET", "/healthz");
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    expect(await answer.json()).toEqual({ ok: true });
  });

  test("is 503 if the signer makes another signature", async () => {
    const sign = crypto.subtle.sign.bind(crypto.subtle);
    vi.spyOn(crypto.subtle, "sign").mockImplementation(async (...given) => {
      const mac = new Uint8Array(await sign(...given));
      mac[0] = (mac[0] ?? 0) ^ 1;
      return mac.buffer;
    });
    await expectRefusal(await fetchEdge({}, "GET", "/healthz"), "unavailable");
  });
});
