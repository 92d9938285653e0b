/** The answers while CLIENT_IP_HEADER does not match the requests. */
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { EdgeBindings } from "../../edge/worker.ts";
import { edge } from "../../edge/worker.ts";
import { claims, forge } from "./forged-token.ts";
import { API_KEY, expectRefusal, SHOP, watchGateway } from "./over-http.ts";

let gateway: ReturnType<typeof watchGateway>;

beforeEach(() => {
  gateway = watchGateway();
  vi.spyOn(console, "log").mockReturnValue();
});

afterEach(() => {
  expect(gateway).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

/** The Worker with some settings changed, and a limiter that records its keys. */
function edgeWith(settings: Readonly<Record<string, string>>): {
  fetch(request: Request): Promise<Response>;
  readonly countedKeys: string[];
} {
  const countedKeys: string[] = [];
  const limiter = { limit: async ({ key }: { readonly key: string }) => ({ success: countedKeys.push(key) > 0 }) };
  const bindings = { ...env, ...settings, REFUSED_CREDENTIALS: limiter } as unknown as EdgeBindings;
  return { countedKeys, fetch: async (request) => edge.fetch(request, bindings, createExecutionContext()) };
}

async function requestOf(method: "GET" | "POST", path: string, headers: Readonly<Record<string, string>> = {}): Promise<Request> {
  const defaults = { Authorization: `Bearer ${await forge(claims())}`, Origin: SHOP, "Idempotency-Key": "key-1" };
  return new Request(`https://edge.example${path}`, { method, headers: { ...defaults, ...headers } });
}

describe("while the payer's address is unknown,", () => {
  test.each<readonly [what: string, setting: string, headers: Readonly<Record<string, string>>, why: RegExp]>([
    ["the header is absent", "X-Real-IP", {}, /names is missing$/],
    ["the header is absent, and another is there", "X-Real-IP", { "CF-Connecting-IP": "84.252.158.239" }, /names is missing$/],
    ["the header is empty", "X-Real-IP", { "X-Real-IP": "" }, /does not hold one address$/],
    ["the header has text", "X-Real-IP", { "X-Real-IP": "unknown" }, /does not hold one address$/],
    [
      "the header holds a list, as a proxy makes it that appends",
      "X-Forwarded-For",
      { "X-Forwarded-For": "84.252.158.239, 10.0.0.1" },
      /one address$/,
    ],
    ["no header is named, and the platform does not tell", "", { "X-Real-IP": "84.252.158.239" }, /is empty/],
  ])("because %s, a shopper cannot pay, and the refusal names the setting; all other calls work", async (_, setting, headers, why) => {
    const { fetch, countedKeys } = edgeWith({ CLIENT_IP_HEADER: setting });
    const refused = await expectRefusal(await fetch(await requestOf("POST", "/v1/charges", headers)), "not_configured");
    expect(refused.settings).toEqual(["CLIENT_IP_HEADER"]);
    expect(refused.detail).toMatch(why);
    expect((await fetch(await requestOf("GET", "/healthz", headers))).status).toBe(200);
    expect((await fetch(await requestOf("GET", "/v1/charges/1234", headers))).status).toBe(200);
    const wrong = { ...headers, Authorization: "Bearer wrong" };
    await expectRefusal(await fetch(await requestOf("GET", "/v1/charges/1234", wrong)), "token_invalid");
    await expectRefusal(await fetch(await requestOf("POST", "/v1/charges/1234/refund", wrong)), "api_key_invalid");
    const server = { ...headers, Authorization: `Bearer ${API_KEY}` };
    await expectRefusal(await fetch(await requestOf("GET", "/v1/charges/1235", server)), "charge_not_found");
    // Nothing is counted, not even under a shared key.
    expect(countedKeys).toEqual([]);
  });
});

test("a limiter counts the header's address, whatever its spelling", async () => {
  const { fetch, countedKeys } = edgeWith({ CLIENT_IP_HEADER: "X-Real-IP" });
  for (const address of ["84.252.158.239:5678", "::ffff:84.252.158.239", "[2001:db8::1]:443", "2001:DB8::2"]) {
    const headers = { "X-Real-IP": address, Authorization: "Bearer wrong" };
    await expectRefusal(await fetch(await requestOf("GET", "/v1/charges/1234", headers)), "token_invalid");
  }
  expect(countedKeys).toEqual(["84.252.158.239", "84.252.158.239", "2001:db8:0:0::/64", "2001:db8:0:0::/64"]);
});
