import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { API_KEY, call, expectNothingStored, SHOP, watchGateway } from "./over-http.ts";

const NO_ONE = { Authorization: null, "Idempotency-Key": null, "CF-Connecting-IP": null } as const;

let gateway: ReturnType<typeof watchGateway>;

beforeEach(() => {
  gateway = watchGateway();
  vi.spyOn(console, "log").mockReturnValue();
});

afterEach(async () => {
  await expectNothingStored();
  expect(gateway).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

/** A preflight as a browser sends it. */
function preflight(path: string, origin: string): Promise<Response> {
  const headers = {
    ...NO_ONE,
    Origin: origin,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,idempotency-key",
  };
  return call({ method: "OPTIONS", path, headers });
}

describe("a preflight", () => {
  test.each([
    ["/v1/charges", SHOP],
    ["/v1/charges", "https://other-shop.example"],
    ["/v1/charges/1234", SHOP],
    ["/v1/charges/1234/clearing", SHOP],
    ["/nowhere", SHOP],
  ])("of %s from %s is let through before anybody's credentials are looked at", async (path, origin) => {
    const answer = await preflight(path, origin);
    expect(answer.status).toBe(204);
    expect(await answer.text()).toBe("");
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-allow-methods": "GET, POST",
      "access-control-allow-headers": "Authorization, Content-Type, Idempotency-Key, If-None-Match, Prefer, traceparent",
      "access-control-max-age": "7200",
      vary: "Origin",
    });
    expect(answer.headers.has("Access-Control-Allow-Credentials")).toBe(false);
  });

  test.each(["https://evil.example", "null", "https://shop.example.evil.example", "http://shop.example", "https://SHOP.example"])(
    "from %s opens nothing",
    async (origin) => {
      const answer = await preflight("/v1/charges", origin);
      expect(answer.status).toBe(204);
      expect(answer.headers.has("Access-Control-Allow-Origin")).toBe(false);
      expect(answer.headers.get("Vary")).toBe("Origin");
      const line = JSON.parse(String(vi.mocked(console.log).mock.calls.at(-1)?.[0])) as Readonly<Record<string, unknown>>;
      expect(line["refused_origin"]).toBe(origin === "null" ? "(no address)" : origin);
    },
  );

  test.each([["/v1/charges", SHOP] as const, ["/v1/freedom-pay-charge.js", "https://evil.example"] as const])(
    "of %s from %s, which it opens to, tells the log of no refused origin",
    async (path, origin) => {
      await preflight(path, origin);
      expect(String(vi.mocked(console.log).mock.calls.at(-1)?.[0])).not.toContain("refused_origin");
    },
  );

  test("from what is no address of a page writes none of it to the log", async () => {
    await preflight("/v1/charges", `https://${"a".repeat(101)}.example`);
    expect(String(vi.mocked(console.log).mock.calls.at(-1)?.[0])).toContain('"refused_origin":"(no address)"');
  });

  test("of the element's file is open to every page", async () => {
    const answer = await preflight("/v1/freedom-pay-charge.js", "https://evil.example");
    expect(answer.status).toBe(204);
    expect(answer.headers.get("Access-Control-Allow-Origin")).toBe("*");
  });
});

test("a caller without an origin is answered without one, and caches are told that this matters", async () => {
  const answer = await call({ headers: { ...NO_ONE, Origin: null } });
  expect(answer.headers.get("Vary")).toBe("Origin");
  expect([...answer.headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
  await answer.text();
});

test("the line of the log names the pattern and the refusal, and nothing that is secret", async () => {
  const lines = vi.spyOn(console, "log").mockReturnValue();
  await (await call({ path: "/v1/callbacks/result/1234.test-secret-nonce.mac", headers: { Authorization: `Bearer ${API_KEY}` } })).text();
  await (await call({ headers: { "Idempotency-Key": "", traceparent: `00-${"ab".repeat(16)}-${"cd".repeat(8)}-01` } })).text();
  const [callback, refused] = lines.mock.calls.map(([line]: unknown[]) => JSON.parse(String(line)) as unknown);
  expect(callback).toMatchObject({ event: "request", method: "POST", route: "/v1/callbacks/:kind{check|result}/:ticket", status: 404 });
  expect(refused).toMatchObject({
    route: "/v1/charges",
    status: 400,
    code: "idempotency_key_invalid",
    caller: "shopper",
    trace_id: "ab".repeat(16),
  });
  expect(JSON.stringify(lines.mock.calls)).not.toMatch(/test-secret|84\.252|eyJ/);
});
