/** The doctor's advice fits the platform. */
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { EdgeBindings } from "../../../edge/worker.ts";
import { edge } from "../../../edge/worker.ts";
import type { DoctorReport } from "../../../src/edge-api.ts";
import { createSimulator } from "../../../src/simulator/index.ts";
import { API_KEY, EDGE } from "../over-http.ts";

/** The `cf` of a request on each platform: Cloudflare's own, that of `wrangler dev`, that of bare workerd. */
const COLO = { colo: "ALA", country: "KZ" };
const RAY = { "CF-Ray": "8a1b2c3d4e5f6071-ALA" };
const PEER = { clientIp: "192.0.2.1:34310" };

beforeEach(() => {
  const gateway = createSimulator({ merchantId: "999999", secretKeys: ["another-secret-of-the-gateway"] });
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const answer = await gateway.fetch(new Request(input, init));
    const headers = new Headers(answer.headers);
    headers.set("Date", new Date(Date.now() + 300_000).toUTCString());
    return new Response(answer.body, { status: answer.status, headers });
  });
  vi.spyOn(console, "log").mockReturnValue();
});

afterEach(() => vi.restoreAllMocks());

/** The report of an edge where every setting but the API key is invalid. */
async function report(
  cf: Readonly<Record<string, unknown>> | undefined,
  headers: Readonly<Record<string, string>> = {},
  settings: Readonly<Record<string, unknown>> = {},
): Promise<DoctorReport> {
  const invalidSettings = {
    CHARGE_TOKEN_KEY: "",
    CALLBACK_KEY: "too-short",
    NOTIFY_URL: "https://shop.example/n",
    NOTIFY_SECRET: "",
    DAYS: undefined,
  };
  const bindings = { ...env, ...invalidSettings, ...settings } as unknown as EdgeBindings;
  const sent = { Authorization: `Bearer ${API_KEY}`, ...headers };
  const request = new Request(`${EDGE}/v1/doctor`, { headers: sent, ...(cf === undefined ? {} : { cf }) });
  const response = await edge.fetch(request as Parameters<typeof edge.fetch>[0], bindings, createExecutionContext());
  expect(response.status).toBe(200);
  return response.json();
}

function advice({ checks }: DoctorReport, name: string): string {
  return checks.find((check) => check.name === name)?.fix ?? "";
}

const SECRETS = ["FREEDOM_PAY_SECRET_KEY", "CHARGE_TOKEN_KEY", "EDGE_API_KEY", "CALLBACK_KEY", "NOTIFY_SECRET"];

describe("the advice about a secret", () => {
  test.each([
    ["on Cloudflare", COLO, RAY, "cloudflare", (name: string) => `set it by wrangler secret put ${name}`],
    ["in wrangler dev", COLO, {}, "wrangler_dev", (name: string) => `set it as ${name} in .dev.vars, and start the edge again`],
    ["on workerd", PEER, {}, "workerd", (name: string) => `set it as ${name} in the edge's environment, and start it again`],
    ["on workerd behind Cloudflare", PEER, RAY, "workerd", (name: string) => `set it as ${name} in the edge's environment`],
    ["elsewhere", undefined, {}, "other", (name: string) => `set it as ${name} where this edge reads its secrets`],
  ])("on %s it says how to set it", async (_, cf, headers, platform, howToSet) => {
    const found = await report(cf, headers);
    expect(found.platform).toBe(platform);
    for (const name of SECRETS) expect(advice(found, name)).toContain(howToSet(name));
  });
});

test.each([
  ["on Cloudflare", COLO, RAY, true],
  ["in wrangler dev", COLO, {}, true],
  ["on workerd", PEER, {}, false],
  ["elsewhere", undefined, {}, false],
])("on %s it names wrangler only if wrangler is used", async (_, cf, headers, hasWrangler) => {
  const { checks } = await report(cf, headers, { CHARGES: undefined });
  const advised = checks.map(({ fix }) => fix ?? "").join("\n");
  expect(advised.includes("wrangler")).toBe(hasWrangler);
  expect(checks.filter(({ ok }) => !ok).length).toBeGreaterThan(6);
});

test("the advice about the clock fits the platform", async () => {
  expect(advice(await report(COLO, RAY), "clock")).toMatch(/^Cloudflare sets a Worker's clock/);
  expect(advice(await report(PEER), "clock")).toMatch(/with NTP/);
});

test("an address is local by its whole host, not by its beginning", async () => {
  const far = await report(PEER, {}, { PUBLIC_URL: "https://10.shop.example" });
  expect(far.checks.find(({ name }) => name === "callbacks")).toMatchObject({ ok: true });
  const near = { FREEDOM_PAY_URL: "http://127.0.0.1:8080", PUBLIC_URL: "http://127.0.0.1:8787" };
  for (const origin of ["http://127.0.0.1.evil.example", "http://localhost.evil.example", "http://[2001:db8::1]"]) {
    const { checks } = await report(PEER, {}, { ...near, ALLOWED_ORIGINS: `http://localhost:3000,${origin}` });
    expect(checks.find(({ name }) => name === "https")).toMatchObject({ ok: false, finding: `not encrypted: ${origin}` });
  }
});
