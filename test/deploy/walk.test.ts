/** docs/self-hosting.md from its settings to charges through both proxies. `npm run test:deploy` has run the installation before. */
import { execFile } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { walkBlock } from "../../scripts/deploy-page.ts";
import { issueChargeToken } from "../../src/index.ts";
import type { ChargeView, MerchantChargeAnswer, Problem } from "../../src/edge-api.ts";
import type { Gateway } from "../process/gateway.ts";
import { openGateway } from "../process/gateway.ts";
import { until } from "../process/test-server.ts";
import { backUp, restore } from "./backup.ts";
import type { RunningProxy } from "./proxy.ts";
import { callThrough, startProxy } from "./proxy.ts";
import type { Program } from "./service.ts";
import { SETTINGS_FILE, startService } from "./service.ts";

const GATEWAY_KEY = "test-key-of-the-simulated-shop";
const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

let gateway: Gateway;
let service: Program;
/** The proxy of the moment: callbacks of the gateway come through it. */
let proxy: RunningProxy | null = null;

/** Runs commands of the page, as root in a shell. */
function shell(commands: string, env: Readonly<Record<string, string>> = {}): Promise<{ readonly status: number; readonly said: string }> {
  return new Promise((resolve) => {
    const environment = { PATH: SYSTEM_PATH, HOME: "/root", ...env };
    const child = execFile("bash", ["-ec", commands], { env: environment }, (_error, stdout, stderr) => {
      resolve({ status: child.exitCode ?? 1, said: `${stdout}${stderr}` });
    });
  });
}

function setting(name: string): string {
  return new RegExp(`^${name}=(.*)$`, "m").exec(readFileSync(SETTINGS_FILE, "utf8"))?.[1] ?? "";
}

/** The simulator's callbacks come through the proxy, like everything from the internet. */
async function callBack(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  if (proxy === null) throw new Error("No proxy runs");
  const request = new Request(input, init);
  const headers = Object.fromEntries(request.headers);
  const { pathname, search } = new URL(request.url);
  const { status, body } = await callThrough(proxy, `${pathname}${search}`, {
    method: request.method,
    headers,
    body: await request.text(),
  });
  return new Response(body, { status });
}

beforeAll(async () => {
  gateway = await openGateway("500000", [GATEWAY_KEY], { fetch: callBack });
  expect(await shell(walkBlock("settings"))).toEqual({ status: 0, said: "" });
  const own = { FREEDOM_PAY_URL: gateway.origin, FREEDOM_PAY_SECRET_KEY: GATEWAY_KEY };
  let text = readFileSync(SETTINGS_FILE, "utf8");
  for (const [name, value] of Object.entries(own)) text = text.replace(new RegExp(`^${name}=.*$`, "m"), `${name}=${value}`);
  writeFileSync(SETTINGS_FILE, text);
  service = await startService();
});

afterAll(async () => {
  const code = await service.stop();
  await gateway.close();
  expect(code).toBe(0);
});

test("the settings are root's alone, and the state is the service's alone", () => {
  expect((statSync(SETTINGS_FILE).mode & 0o777).toString(8)).toBe("600");
  const state = statSync("/var/lib/freedom-pay-charge");
  expect([(state.mode & 0o777).toString(8), state.uid === 0]).toEqual(["700", false]);
});

async function tokenOf(order_id: string, profile_id: string): Promise<string> {
  const charge = { order_id, amount: 100, currency: "KZT", description: "A book", user_id: "12345", profile_id } as const;
  return issueChargeToken(charge, { key: setting("CHARGE_TOKEN_KEY"), issuer: "shop.example", origin: "https://shop.example" });
}

describe.each(["nginx", "caddy"] as const)("through %s", (name) => {
  let through: RunningProxy;

  beforeAll(async () => {
    through = await startProxy(name);
    proxy = through;
  });

  afterAll(async () => {
    proxy = null;
    await through.stop();
  });

  async function press(order: string, profile: string, headers: Readonly<Record<string, string>> = {}): Promise<ChargeView> {
    const authorization = `Bearer ${await tokenOf(order, profile)}`;
    const sent = { Authorization: authorization, "Idempotency-Key": "key-1", Origin: "https://shop.example", ...headers };
    const { status, body } = await callThrough(through, "/v1/charges", { method: "POST", headers: sent });
    expect([200, 201], body).toContain(status);
    return JSON.parse(body) as ChargeView;
  }

  test("the page's doctor finds nothing, and the page's charge is paid", async () => {
    const trusted = { NODE_EXTRA_CA_CERTS: through.certificate, CURL_CA_BUNDLE: through.certificate };
    const doctor = await shell(walkBlock("doctor"), trusted);
    expect(doctor.status, doctor.said).toBe(0);
    const charge = await shell(`set -a; . ${SETTINGS_FILE}; set +a\n${walkBlock("charge")}`, trusted);
    expect(charge.status, charge.said).toBe(0);
    expect(JSON.parse(charge.said)).toMatchObject({ order_id: "first", status: "succeeded", cleared_amount: 100 });
    console.log(`From the empty folder to this charge: ${Math.round((Date.now() - Number(process.env["DEPLOY_BEGAN"])) / 1000)} s`);
  });

  test("a header that a caller made up is overwritten: the gateway gets the true address", async () => {
    const order = `${name}-forged`;
    const made = { "X-Real-IP": "203.0.113.66", "X-Forwarded-For": "203.0.113.66", "CF-Connecting-IP": "203.0.113.66" };
    expect((await press(order, "pays", made)).status).toBe("succeeded");
    const [create] = gateway.calls("payment.create", order);
    expect(JSON.parse(create?.body ?? "{}")).toMatchObject({ device: { user_ip: "127.0.0.1" } });
  });

  test("the longest waits of the edge pass", async () => {
    const order = `${name}-waits`;
    expect((await press(order, "later-600")).status).toBe("processing");
    const headers = { Authorization: `Bearer ${await tokenOf(order, "later-600")}`, Origin: "https://shop.example" };
    const read = await callThrough(through, `/v1/charges/${order}`, { headers });
    const waiting = { ...headers, Prefer: "wait=25", "If-None-Match": read.headers.get("ETag") ?? "" };
    const { status } = await callThrough(through, `/v1/charges/${order}`, { headers: waiting });
    expect(status).toBe(304);
  });

  test("callbacks arrive", async () => {
    const order = `${name}-callbacks`;
    expect((await press(order, "pays")).status).toBe("succeeded");
    await until("a callback is in the log", () => {
      const lines = service
        .output()
        .split("\n")
        .filter((line) => line.includes('"route":"/v1/callbacks/') && line.includes(`"${order}"`));
      return lines.some((line) => line.includes('"status":200')) ? true : null;
    });
  });

  test("the largest body that the edge reads passes", async () => {
    const headers = { Authorization: `Bearer ${setting("EDGE_API_KEY")}`, "Idempotency-Key": "key-1", "Content-Type": "application/json" };
    const answer = await callThrough(through, "/v1/charges", { method: "POST", headers, body: '"x"'.padEnd(64 * 1024) });
    expect([answer.status, (JSON.parse(answer.body) as Problem).code]).toEqual([400, "body_invalid"]);
  });

  test("a larger body is refused by the edge, in its own words", async () => {
    const headers = { Authorization: `Bearer ${setting("EDGE_API_KEY")}`, "Idempotency-Key": "key-1", "Content-Type": "application/json" };
    const answer = await callThrough(through, "/v1/charges", { method: "POST", headers, body: '"x"'.padEnd(512 * 1024) });
    expect([answer.status, (JSON.parse(answer.body) as Problem).code]).toEqual([413, "body_too_large"]);
  });

  test("the element's file and its origin's rules arrive as the edge makes them", async () => {
    const element = await callThrough(through, "/v1/freedom-pay-charge.js");
    expect([element.status, element.headers.get("Content-Type")]).toEqual([200, expect.stringContaining("text/javascript")]);
    const preflight = { Origin: "https://shop.example", "Access-Control-Request-Method": "POST" };
    const allowed = await callThrough(through, "/v1/charges", { method: "OPTIONS", headers: preflight });
    expect([allowed.status, allowed.headers.get("Access-Control-Allow-Origin")]).toEqual([204, "https://shop.example"]);
  });

  test("the merchant's server refunds", async () => {
    const order = `${name}-refund`;
    await press(order, "pays");
    const headers = { Authorization: `Bearer ${setting("EDGE_API_KEY")}`, "Idempotency-Key": "r-1" };
    const refunded = await callThrough(through, `/v1/charges/${order}/refund`, { method: "POST", headers });
    expect(refunded.status, refunded.body).toBe(200);
    expect((JSON.parse(refunded.body) as MerchantChargeAnswer).refunded_amount).toBe(100);
  });
});

test("the disaster: after the page's backup and restore the first order is known, and paid once", async () => {
  const backup = backUp();
  expect(await service.stop()).toBe(0);
  expect(restore(backup, "/var/lib/freedom-pay-charge")).toContain("Restored");
  service = await startService();
  const headers = { Authorization: `Bearer ${setting("EDGE_API_KEY")}` };
  const read = await fetch("http://127.0.0.1:8787/v1/charges/first", { headers });
  expect(await read.json()).toMatchObject({ status: "succeeded", cleared_amount: 100 } satisfies Partial<MerchantChargeAnswer>);
  expect(gateway.calls("payment.create", "first")).toHaveLength(1);
});
