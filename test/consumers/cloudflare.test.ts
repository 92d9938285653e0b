/** docs/cloudflare.md from an empty folder to charges in wrangler dev, with a dry run of each deployment. Needs the npm registry, openssl and curl. */
import type { ChildProcess } from "node:child_process";
import { execFile, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { DemoGateway } from "../../demo/gateway.ts";
import { startGateway } from "../../demo/gateway.ts";
import { walkBlock } from "../../scripts/deploy-page.ts";
import { QUIET_WRANGLER } from "../../scripts/run.ts";
import { freePort } from "../process/free-port.ts";
import { until } from "../process/test-server.ts";

const PAGE = "docs/cloudflare.md";
/** The ports of the page: the Worker's and the simulated gateway's. */
const PORT = "8787";
const GATEWAY_PORT = "9000";

/** Where the reader begins: the packed package, beside an empty folder. */
const folder = mkdtempSync(join(tmpdir(), "cloudflare-"));
const project = join(folder, "pay");
let gateway: DemoGateway;
let port: string;
let running: ChildProcess | null = null;

beforeAll(async () => {
  cpSync(process.env["CONSUMERS_PACKAGE"] ?? "", join(folder, "freedom-pay-charge-0.1.0.tgz"));
  gateway = await startGateway({ merchantId: "500000", secretKey: "test-secret-of-the-gateway", onExchange: () => {} });
  port = String(await freePort());
});

afterEach(stop);

afterAll(async () => {
  await gateway?.close();
  rmSync(folder, { recursive: true, force: true });
});

const environment = (): NodeJS.ProcessEnv => ({ ...process.env, ...QUIET_WRANGLER, NO_COLOR: "1", CI: "true" });

/** A block of the page, with the ports of this test. */
function block(name: string): string {
  return walkBlock(name, PAGE).replaceAll(PORT, port).replaceAll(GATEWAY_PORT, new URL(gateway.origin).port);
}

/** Runs commands of the page in a shell. @returns all that they wrote */
async function shell(commands: string, cwd: string): Promise<string> {
  const { status, said } = await new Promise<{ status: number | null; said: string }>((resolve) => {
    const child = execFile("bash", ["-ec", commands], { cwd, env: environment() }, (_error, stdout, stderr) => {
      resolve({ status: child.exitCode, said: `${stdout}${stderr}` });
    });
  });
  expect(status, said).toBe(0);
  return said;
}

/** The commands of a deployment, as a dry run that needs no account. */
function dry(commands: string): string {
  return commands.replace("npx wrangler login\n", "").replaceAll(/^npx wrangler deploy.*$/gm, "$& --dry-run --outdir built");
}

/** Starts the page's wrangler dev, and waits until the edge answers. */
async function dev(cwd: string = project): Promise<void> {
  const child = spawn("bash", ["-ec", block("dev")], { cwd, env: environment(), detached: true, stdio: ["ignore", "pipe", "pipe"] });
  running = child;
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await until("wrangler dev answers", async () => {
    if (child.exitCode !== null) throw new Error(said);
    return fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null);
  });
  expect(said).not.toContain("WARNING");
}

/** Ends wrangler dev and the processes that it started. */
async function stop(): Promise<void> {
  const child = running;
  running = null;
  if (child?.pid === undefined || child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once("close", resolve));
  process.kill(-child.pid, "SIGTERM");
  await ended;
}

async function get(path: string): Promise<readonly [status: number, body: string]> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return [response.status, await response.text()];
}

/** The page's charge, under another number. */
async function charge(orderId: string): Promise<unknown> {
  return JSON.parse(await shell(block("charge").replace('"first"', `"${orderId}"`), project));
}

const paid = (orderId: string): object => ({ order_id: orderId, status: "succeeded", cleared_amount: 100 });

test("the package is installed, and git keeps no secret", async () => {
  await shell(block("install"), folder);
  writeFileSync(join(project, "worker.js"), block("worker"));
  writeFileSync(join(project, "wrangler.toml"), block("wrangler"));
  await shell(`git init -q . && git check-ignore .dev.vars production.secrets.json staging.secrets.json`, project);
});

test("its Worker takes a charge in wrangler dev", async () => {
  await shell(block("dev settings"), project);
  await dev();
  expect(await charge("first")).toMatchObject(paid("first"));
});

test("mounted beside other routes it takes a charge, and leaves the others alone", async () => {
  writeFileSync(join(project, "worker.js"), block("own routes"));
  await dev();
  expect(await get("/")).toEqual([200, "The shop's own answer"]);
  expect(await get("/v1/none")).toEqual([404, expect.stringContaining("route_not_found")]);
  expect(await charge("second")).toMatchObject(paid("second"));
});

describe("the deployment", () => {
  test("is built with every binding, without a warning", async () => {
    await shell(block("secrets"), project);
    const said = await shell(dry(block("deploy")), project);
    for (const binding of ["CHARGES (Charge)", "DAYS (DailyIndex)", "REFUSED_CREDENTIALS (300 requests/60s)"])
      expect(said).toContain(binding);
    expect(said).not.toContain("WARNING");
  });

  test("has settings and secrets that the edge calls complete", async () => {
    const secrets = JSON.parse(readFileSync(join(project, "production.secrets.json"), "utf8")) as Record<string, string>;
    const lines = Object.entries(secrets).map(([name, value]) => `${name}=${value}\n`);
    expect(lines).toHaveLength(5);
    writeFileSync(join(project, ".dev.vars"), lines.join(""));
    await dev();
    expect(await get("/healthz")).toEqual([200, '{"ok":true}']);
  });

  test("of staging differs in what the page names, and in nothing else", async () => {
    await shell(block("secrets").replace("production", "staging"), project);
    const said = await shell(dry(block("staging")), project);
    expect(said).toContain('env.PUBLIC_URL ("https://pay-staging.shop.example")');
    const lines = (file: string): readonly string[] => readFileSync(join(project, file), "utf8").split("\n");
    const production = lines("wrangler.toml");
    const changed = lines("staging.toml").filter((line, index) => line !== production[index]);
    expect(changed).toEqual([
      'name = "pay-staging"',
      'routes = [{ pattern = "pay-staging.shop.example", custom_domain = true }]',
      'ALLOWED_ORIGINS = "https://staging.shop.example"',
      'PUBLIC_URL = "https://pay-staging.shop.example"',
      'namespace_id = "1002"',
    ]);
  });

  test("with a class that restores a shard is built", async () => {
    writeFileSync(join(project, "worker.js"), block("recovery"));
    expect(await shell(dry(block("deploy")), project)).toContain("CHARGES (Charge)");
  });
});

test("the oldest wrangler that the page names takes it without a warning, and runs it", async () => {
  const [, oldest] = /wrangler (\d+\.\d+\.\d+) or newer/.exec(readFileSync(new URL(`../../${PAGE}`, import.meta.url), "utf8")) ?? [];
  const older = join(folder, "older");
  mkdirSync(older);
  await shell(
    block("install")
      .replace("mkdir pay\ncd pay\n", "")
      .replace(/wrangler@\S+/, `wrangler@${oldest}`),
    older,
  );
  for (const file of ["wrangler.toml", ".dev.vars", "production.secrets.json"]) cpSync(join(project, file), join(older, file));
  writeFileSync(join(older, "worker.js"), block("worker"));
  expect(await shell("npx wrangler --version", older)).toContain(oldest);
  expect(await shell(dry(block("deploy")), older)).not.toContain("WARNING");
  await dev(older);
  expect(await get("/healthz")).toEqual([200, '{"ok":true}']);
});
