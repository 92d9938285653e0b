import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { expect, test } from "vitest";
import { ROOT } from "../../scripts/run.ts";
import { SETTINGS } from "../../scripts/edge-settings.ts";
import type { ChargeView } from "../../src/edge-api.ts";
import { openGateway } from "./gateway.ts";
import { AMOUNT, SECRETS, tokenFor, until } from "./test-server.ts";

interface Served {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

/** `npm run serve`, started as by npm, with only these settings. */
function startServe(context: Pick<TestContext, "onTestFinished">, settings: Readonly<Record<string, string>>, ...flags: string[]): Served {
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, ["scripts/serve.ts", ...flags], { cwd: ROOT, env: { PATH, ...settings } });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  context.onTestFinished(async () => {
    if (child.exitCode === null) child.kill("SIGTERM");
    await ended;
  });
  return { child, output: () => output, ended };
}

function origin({ output }: Served): Promise<string> {
  return until("the edge is ready", () => /^Ready on (http:\S+)$/m.exec(output())?.[1] ?? null);
}

test("npm run serve refuses to start without CLIENT_IP_HEADER, with one line", async (context) => {
  const { ended, output } = startServe(context, SECRETS);
  expect(await ended).toBe(1);
  expect(output()).toMatch(/^CLIENT_IP_HEADER is not set: [^\n]*\n$/);
});

test("npm run serve reports missing settings, and serves", async (context) => {
  const state = await mkdtemp(join(tmpdir(), "serve-"));
  context.onTestFinished(() => rm(state, { recursive: true, force: true }));
  const settings = { CLIENT_IP_HEADER: "", CHARGE_TOKEN_KEY: SECRETS.CHARGE_TOKEN_KEY };
  const served = startServe(context, settings, "--listen", "127.0.0.1:0", "--state", state);
  const edge = await origin(served);
  const said = await until("it reports them", () => /^Not ready to charge: (.*)$/m.exec(served.output())?.[1] ?? null);
  for (const name of ["FREEDOM_PAY_MERCHANT_ID", "FREEDOM_PAY_SECRET_KEY", "EDGE_API_KEY", "ALLOWED_ORIGINS"]) expect(said).toContain(name);
  expect(said).not.toContain("CHARGE_TOKEN_KEY");
  expect((await fetch(`${edge}/v1/freedom-pay-charge.js`)).status).toBe(200);
});

test("npm run serve takes every setting from the environment, keeps its state, and ends on SIGTERM", async (context) => {
  const state = await mkdtemp(join(tmpdir(), "serve-"));
  context.onTestFinished(() => rm(state, { recursive: true, force: true }));
  const gateway = await openGateway("999999", [SECRETS.FREEDOM_PAY_SECRET_KEY]);
  context.onTestFinished(() => gateway.close());
  const settings = {
    ...SECRETS,
    FREEDOM_PAY_MERCHANT_ID: "999999",
    FREEDOM_PAY_URL: gateway.origin,
    ALLOWED_ORIGINS: "https://shop.example",
    PUBLIC_URL: "https://edge.example",
    GATEWAY_CALLBACKS: "none",
    CLIENT_IP_HEADER: "",
  };
  const first = startServe(context, settings, "--listen", "127.0.0.1:0", "--state", state);
  const edge = await origin(first);
  expect((await fetch(`${edge}/healthz`)).status).toBe(200);
  expect((await fetch(`${edge}/v1/freedom-pay-charge.js`)).status).toBe(200);
  const headers = { Authorization: `Bearer ${await tokenFor("order-1")}`, "Idempotency-Key": "key-1" };
  // No header is trusted: the payer's address is the peer's.
  const paid = await fetch(`${edge}/v1/charges`, { method: "POST", headers: { ...headers, "CF-Connecting-IP": "203.0.113.7" } });
  expect(await paid.json()).toMatchObject({ status: "succeeded", cleared_amount: AMOUNT } satisfies Partial<ChargeView>);
  expect(JSON.parse(gateway.calls("payment.create")[0]?.body ?? "{}")).toMatchObject({ device: { user_ip: "127.0.0.1" } });

  first.child.kill("SIGTERM");
  expect(await first.ended).toBe(0);
  await expect(fetch(edge)).rejects.toThrow();

  const second = await origin(startServe(context, settings, "--listen", "127.0.0.1:0", "--state", state));
  const found = await fetch(`${second}/v1/charges/order-1`, { headers });
  expect(await found.json()).toMatchObject({ status: "succeeded", cleared_amount: AMOUNT } satisfies Partial<ChargeView>);
});

test("workerd gets every setting that the edge reads", async () => {
  const source = await readFile(join(ROOT, "edge/settings.ts"), "utf8");
  const read = [...source.matchAll(/^ {2}\w+: \["([A-Z_]+)", /gm)].map(([, name]) => name);
  expect(read.length).toBeGreaterThan(0);
  expect([...SETTINGS].sort()).toEqual(read.sort());
});
