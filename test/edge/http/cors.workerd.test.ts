import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { API_KEY, call, expectNothingStored, SHOP, watchGateway } from "../over-http.ts";

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

const FIXED = ["Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "Prefer", "traceparent"];

/** A preflight as a browser sends it: the names in lower case, sorted, separated by commas alone. */
function preflight(path: string, origin: string | null, requested: string | null = "authorization,idempotency-key"): Promise<Response> {
  const headers = {
    ...NO_ONE,
    Origin: origin,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": requested,
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
  ])("of %s from %s is answered before any credentials are checked", async (path, origin) => {
    const answer = await preflight(path, origin);
    expect(answer.status).toBe(204);
    expect(await answer.text()).toBe("");
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-allow-methods": "GET, POST",
      "access-control-allow-headers": FIXED.join(", "),
      "access-control-max-age": "7200",
      vary: "Access-Control-Request-Headers, Origin",
    });
    expect(answer.headers.has("Access-Control-Allow-Credentials")).toBe(false);
  });

  test.each(["https://evil.example", "null", "https://shop.example.evil.example", "http://shop.example", "https://SHOP.example"])(
    "from %s is not allowed",
    async (origin) => {
      const answer = await preflight("/v1/charges", origin);
      expect(answer.status).toBe(204);
      expect(answer.headers.has("Access-Control-Allow-Origin")).toBe(false);
      expect(answer.headers.get("Vary")).toBe("Access-Control-Request-Headers, Origin");
      const line = JSON.parse(String(vi.mocked(console.log).mock.calls.at(-1)?.[0])) as Readonly<Record<string, unknown>>;
      expect(line["refused_origin"]).toBe(origin === "null" ? "(no address)" : origin);
    },
  );

  test.each([["/v1/charges", SHOP] as const, ["/v1/freedom-pay-charge.js", "https://evil.example"] as const])(
    "of %s from %s, which is allowed, logs no refused origin",
    async (path, origin) => {
      await preflight(path, origin);
      expect(String(vi.mocked(console.log).mock.calls.at(-1)?.[0])).not.toContain("refused_origin");
    },
  );

  test("from an Origin that is not an address logs nothing of its text", async () => {
    await preflight("/v1/charges", `https://${"a".repeat(101)}.example`);
    expect(String(vi.mocked(console.log).mock.calls.at(-1)?.[0])).toContain('"refused_origin":"(no address)"');
  });

  test("of the element's file is allowed for every page", async () => {
    const answer = await preflight("/v1/freedom-pay-charge.js", "https://evil.example");
    expect(answer.status).toBe(204);
    expect(answer.headers.get("Access-Control-Allow-Origin")).toBe("*");
  });
});

/** The headers that a preflight of a payment allows, as a list. */
async function allowedHeaders(requested: string | null, origin: string | null = SHOP, path = "/v1/charges"): Promise<readonly string[]> {
  const { headers } = await preflight(path, origin, requested);
  return headers.get("Access-Control-Allow-Headers")?.split(", ") ?? [];
}

describe("a page with tracing tools may send their headers", () => {
  test.each<readonly [tool: string, requested: string, added: readonly string[]]>([
    ["Sentry", "authorization,baggage,idempotency-key,sentry-trace", ["baggage", "sentry-trace"]],
    ["W3C Trace Context", "authorization,idempotency-key,traceparent,tracestate", ["tracestate"]],
    [
      "Datadog",
      "x-datadog-origin,x-datadog-parent-id,x-datadog-sampling-priority,x-datadog-trace-id",
      ["x-datadog-origin", "x-datadog-parent-id", "x-datadog-sampling-priority", "x-datadog-trace-id"],
    ],
    ["Zipkin", "b3,x-b3-spanid,x-b3-traceid", ["b3", "x-b3-spanid", "x-b3-traceid"]],
    ["New Relic and Elastic", "elastic-apm-traceparent,newrelic", ["elastic-apm-traceparent", "newrelic"]],
    ["Application Insights", "request-context,request-id", ["request-context", "request-id"]],
    ["a name of every kind of character", "x!#$%&'*+.^_`|~-9", ["x!#$%&'*+.^_`|~-9"]],
    ["an older browser, with spaces and capitals", "Sentry-Trace , X-Requested-With", ["sentry-trace", "x-requested-with"]],
    ["a list with gaps and repeats", ",sentry-trace,,Sentry-Trace,", ["sentry-trace"]],
  ])("%s", async (_, requested, added) => {
    for (const path of ["/v1/charges", "/v1/charges/1234"])
      expect(await allowedHeaders(requested, SHOP, path)).toEqual([...FIXED, ...added]);
  });

  test("the limit is 32 names and 1 KB in all", async () => {
    const names = (count: number): string => Array.from({ length: count }, (_, index) => `x-trace-${index}`).join(",");
    expect(await allowedHeaders(names(32))).toHaveLength(FIXED.length + 32);
    expect(await allowedHeaders(names(33))).toEqual(FIXED);
    expect(await allowedHeaders("x".repeat(1024))).toHaveLength(FIXED.length + 1);
    expect(await allowedHeaders("x".repeat(1025))).toEqual(FIXED);
  });

  test("only valid names are repeated in the answer; the wildcard is not, because it would allow headers that were not requested", async () => {
    const odd = ["*", "a b", "a:b", "a/b", "(a)", '"a"', "a;b", "<script>", "a@b", "[a]"];
    expect(await allowedHeaders(["sentry-trace", ...odd].join(","))).toEqual([...FIXED, "sentry-trace"]);
  });

  test.each([null, "null", "https://evil.example"])("a page of %s may not send them", async (origin) => {
    expect(await allowedHeaders("sentry-trace,baggage", origin)).toEqual(FIXED);
    expect(await allowedHeaders("sentry-trace", origin, "/v1/freedom-pay-charge.js")).toEqual(FIXED);
  });

  test("without a requested header the answer lists the headers of this API", async () => {
    expect(await allowedHeaders(null)).toEqual(FIXED);
    expect(await allowedHeaders("")).toEqual(FIXED);
  });
});

test("a caller without an origin gets no CORS header, and Vary names Origin", async () => {
  const answer = await call({ headers: { ...NO_ONE, Origin: null } });
  expect(answer.headers.get("Vary")).toBe("Origin");
  expect([...answer.headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
  await answer.text();
});

test("the log line contains the route pattern and the code of a refusal, and no secret", async () => {
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
