import { chmod, cp, lstat, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createServer } from "node:tls";
import { describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { ROOT } from "../../scripts/run.ts";
import { SETTINGS } from "../../command/edge-settings.ts";
import type { ChargeView } from "../../src/edge-api.ts";
import { freePort } from "./free-port.ts";
import type { Gateway } from "./gateway.ts";
import { openGateway } from "./gateway.ts";
import type { Cleanup } from "./served.ts";
import { origin, SETTINGS_TO_SERVE, startCommand, startServe, temporaryFolder, untilGone, workerdOf } from "./served.ts";
import { AMOUNT, SECRETS, tokenFor, until, untilPaid } from "./test-server.ts";
import { repeatedTest } from "../repeated-test.ts";

async function gatewayFor({ onTestFinished }: Cleanup): Promise<Gateway> {
  const gateway = await openGateway("999999", [SECRETS.FREEDOM_PAY_SECRET_KEY]);
  onTestFinished(() => gateway.close());
  return gateway;
}

/** The flags for a free port and this state. */
function flagsFor(state: string): string[] {
  return ["--listen", "127.0.0.1:0", "--state", state];
}

function lines(output: string, pattern: RegExp): string[] {
  return output.split("\n").filter((line) => pattern.test(line));
}

/** Everything in a folder that its owner alone may not read, with its mode. */
async function readableByOthers(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true });
  expect(entries.length).toBeGreaterThan(0);
  const modes = await Promise.all(["", ...entries].map(async (name) => ({ name, mode: (await lstat(join(folder, name))).mode })));
  return modes.filter(({ mode }) => (mode & 0o077) !== 0).map(({ name, mode }) => `${name} ${(mode & 0o777).toString(8)}`);
}

describe.concurrent("npm run serve", () => {
  test("refuses to start without CLIENT_IP_HEADER, with one line", async (context) => {
    const { ended, output } = startServe(context, SECRETS);
    expect(await ended).toBe(1);
    expect(output()).toMatch(/^CLIENT_IP_HEADER is not set: [^\n]*\n$/);
  });

  test("reports missing settings, and serves", async (context) => {
    const settings = { CLIENT_IP_HEADER: "", CHARGE_TOKEN_KEY: SECRETS.CHARGE_TOKEN_KEY };
    const served = startServe(context, settings, ...flagsFor(await temporaryFolder(context)));
    const edge = await origin(served);
    const said = await until("it reports them", () => /^Not ready to charge: (.*)$/m.exec(served.output())?.[1] ?? null);
    for (const name of ["FREEDOM_PAY_MERCHANT_ID", "FREEDOM_PAY_SECRET_KEY", "EDGE_API_KEY", "ALLOWED_ORIGINS"])
      expect(said).toContain(name);
    expect(said).not.toContain("CHARGE_TOKEN_KEY");
    expect((await fetch(`${edge}/v1/freedom-pay-charge.js`)).status).toBe(200);
    expect(served.output()).not.toContain("Private addresses");
  });

  test("takes every setting from the environment, keeps its state, and ends on SIGTERM", async (context) => {
    const state = await temporaryFolder(context);
    const gateway = await gatewayFor(context);
    const settings = { ...SETTINGS_TO_SERVE, FREEDOM_PAY_URL: gateway.origin };
    const first = startServe(context, settings, ...flagsFor(state));
    const edge = await origin(first);
    expect((await fetch(`${edge}/healthz`)).status).toBe(200);
    expect((await fetch(`${edge}/v1/freedom-pay-charge.js`)).status).toBe(200);
    const headers = { Authorization: `Bearer ${await tokenFor("order-1")}`, "Idempotency-Key": "key-1" };
    // No header is trusted: the payer's address is the peer's.
    const paid = await untilPaid(() =>
      fetch(`${edge}/v1/charges`, { method: "POST", headers: { ...headers, "CF-Connecting-IP": "203.0.113.7" } }),
    );
    expect(paid.cleared_amount).toBe(AMOUNT);
    expect(JSON.parse(gateway.calls("payment.create")[0]?.body ?? "{}")).toMatchObject({ device: { user_ip: "127.0.0.1" } });
    expect(first.output()).toContain("Private addresses are open to the edge, because of FREEDOM_PAY_URL\n");
    expect(await readableByOthers(state)).toEqual([]);

    first.child.kill("SIGTERM");
    expect(await first.ended).toBe(0);
    await expect(fetch(edge)).rejects.toThrow();

    const second = startServe(context, settings, ...flagsFor(state));
    const found = await fetch(`${await origin(second)}/v1/charges/order-1`, { headers });
    expect(await found.json()).toMatchObject({ status: "succeeded", cleared_amount: AMOUNT } satisfies Partial<ChargeView>);
    expect(second.output()).not.toContain("corrected");
  });

  repeatedTest("writes one line for each request, without a ticket", async (context) => {
    const gateway = await gatewayFor(context);
    const port = await freePort();
    const edge = `http://127.0.0.1:${port}`;
    const settings = { ...SETTINGS_TO_SERVE, FREEDOM_PAY_URL: gateway.origin, PUBLIC_URL: edge, GATEWAY_CALLBACKS: "both" };
    const served = startServe(context, settings, "--listen", `127.0.0.1:${port}`, "--state", await temporaryFolder(context));
    await origin(served);
    const headers = { Authorization: `Bearer ${await tokenFor("order-1")}`, "Idempotency-Key": "key-1" };
    expect((await fetch(`${edge}/v1/charges`, { method: "POST", headers })).status).toBe(201);
    const ticket = /\/v1\/callbacks\/result\/([\w.-]+)"/.exec(gateway.calls("payment.create")[0]?.body ?? "")?.[1] ?? "";
    expect(ticket.length).toBeGreaterThan(20);
    expect((await fetch(`${edge}/v1/nowhere/${ticket}`)).status).toBe(404);
    const requests = await until("every request has its line", () => {
      const found = lines(served.output(), /"event":"request"/);
      return found.some((line) => line.includes('"code":"route_not_found"')) ? found : null;
    });
    expect(lines(requests.join("\n"), /"method":"POST","route":"\/v1\/charges"/)).toHaveLength(1);
    expect(lines(requests.join("\n"), /"route":"\/v1\/callbacks\//).length).toBeGreaterThan(0);
    expect(served.output()).not.toContain(ticket);
  });

  test("opens private addresses for a NOTIFY_URL over https", async (context) => {
    const settings = { ...SETTINGS_TO_SERVE, FREEDOM_PAY_URL: "https://test-api.freedompay.kz", NOTIFY_URL: "https://10.0.0.5/notify" };
    const served = startServe(context, settings, ...flagsFor(await temporaryFolder(context)));
    await origin(served);
    expect(served.output()).toContain("Private addresses are open to the edge, because of NOTIFY_URL\n");
  });

  repeatedTest("calls a NOTIFY_URL over https at a private address, and trusts no certificate that nobody has signed", async (context) => {
    const hellos: string[] = [];
    const server = createServer({ ALPNProtocols: ["http/1.1"] });
    server.on("tlsClientError", ({ message }) => hellos.push(message));
    server.on("secureConnection", () => hellos.push("trusted"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    context.onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const address = server.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const gateway = await gatewayFor(context);
    const NOTIFY_SECRET = `whsec_${Buffer.from("test-secret-of-notifications").toString("base64")}`;
    const settings = {
      ...SETTINGS_TO_SERVE,
      FREEDOM_PAY_URL: gateway.origin,
      NOTIFY_URL: `https://127.0.0.1:${port}/notify`,
      NOTIFY_SECRET,
    };
    const served = startServe(context, settings, ...flagsFor(await temporaryFolder(context)));
    const edge = await origin(served);
    const headers = { Authorization: `Bearer ${await tokenFor("order-1")}`, "Idempotency-Key": "key-1" };
    expect((await fetch(`${edge}/v1/charges`, { method: "POST", headers })).status).toBe(201);
    await until("the edge has called", () => (hellos.length > 0 ? true : null));
    expect(hellos).not.toContain("trusted");
  });

  test("refuses a state that another process uses, and names it", async (context) => {
    const state = await temporaryFolder(context);
    const first = startServe(context, SETTINGS_TO_SERVE, ...flagsFor(state));
    const edge = await origin(first);
    const second = startServe(context, SETTINGS_TO_SERVE, ...flagsFor(state));
    expect(await second.ended).toBe(1);
    expect(second.output()).toBe(`Another process (pid ${first.child.pid}) uses the state folder ${state}\n`);
    expect((await fetch(edge)).status).toBe(404);
  });

  repeatedTest("takes permissions of others away from an existing state, and says so", async (context) => {
    const state = await temporaryFolder(context);
    await mkdir(join(state, "objects"), { mode: 0o755 });
    await writeFile(join(state, "objects/old.sqlite"), "", { mode: 0o644 });
    await chmod(state, 0o755);
    const served = startServe(context, SETTINGS_TO_SERVE, ...flagsFor(state));
    await origin(served);
    expect(served.output()).toContain(`Others could read 3 files or folders in ${state}: corrected\n`);
    expect(await readableByOthers(state)).toEqual([]);
  });

  test("refuses where too few files may be open, unless it is told to start", async (context) => {
    const state = await temporaryFolder(context);
    const command = `ulimit -n 4096; exec "${process.execPath}" scripts/serve.ts "$@"`;
    const refused = startCommand(context, SETTINGS_TO_SERVE, "/bin/sh", "-c", command, "sh", ...flagsFor(state));
    expect(await refused.ended).toBe(1);
    expect(refused.output()).toMatch(/^Only 4096 files may be open[^\n]*\n$/);
    const allowed = startCommand(context, SETTINGS_TO_SERVE, "/bin/sh", "-c", command, "sh", ...flagsFor(state), "--allow-few-files");
    await origin(allowed);
  });

  test("names the command that installs workerd where it is missing", async (context) => {
    const folder = await temporaryFolder(context);
    for (const room of ["command", "src"]) await cp(join(ROOT, room), join(folder, room), { recursive: true });
    for (const name of Object.keys(manifest.dependencies)) {
      const path = join(folder, "node_modules", name);
      await mkdir(dirname(path), { recursive: true });
      await symlink(join(ROOT, "node_modules", name), path);
    }
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    const served = startCommand(context, SETTINGS_TO_SERVE, process.execPath, join(folder, "command/freedom-pay-charge.ts"), "serve");
    expect(await served.ended).toBe(1);
    expect(served.output()).toMatch(/^workerd is not installed: run `npm install workerd@[\d.]+`\n$/);
  });

  test("ends on SIGINT, also while a request waits", async (context) => {
    const gateway = await gatewayFor(context);
    const settings = { ...SETTINGS_TO_SERVE, FREEDOM_PAY_URL: gateway.origin };
    const served = startServe(context, settings, ...flagsFor(await temporaryFolder(context)));
    const edge = await origin(served);
    gateway.hang();
    const headers = { Authorization: `Bearer ${await tokenFor("order-1")}`, "Idempotency-Key": "key-1" };
    const click = fetch(`${edge}/v1/charges`, { method: "POST", headers }).catch(() => null);
    await until("the create hangs", () => (gateway.hanging() > 0 ? true : null));
    served.child.kill("SIGINT");
    expect(await served.ended).toBe(0);
    await untilGone(edge);
    await click;
  });

  test("that was killed leaves no workerd behind, and its state can be used at once", async (context) => {
    const state = await temporaryFolder(context);
    const first = startServe(context, SETTINGS_TO_SERVE, ...flagsFor(state));
    const edge = await origin(first);
    first.child.kill("SIGKILL");
    expect(await first.ended).toBeNull();
    await untilGone(edge);
    await origin(startServe(context, SETTINGS_TO_SERVE, ...flagsFor(state)));
  });

  test("ends with the npm that started it", async (context) => {
    const served = startCommand(context, SETTINGS_TO_SERVE, "npm", "run", "serve", "--", ...flagsFor(await temporaryFolder(context)));
    const edge = await origin(served);
    served.child.kill("SIGTERM");
    await untilGone(edge);
    // Its output ends when the last process that writes there has ended.
    await served.ended;
  });

  test("starts workerd again when that ends unasked, with one line", async (context) => {
    const gateway = await gatewayFor(context);
    const settings = { ...SETTINGS_TO_SERVE, FREEDOM_PAY_URL: gateway.origin };
    const served = startServe(context, settings, ...flagsFor(await temporaryFolder(context)));
    const edge = await origin(served);
    const headers = { Authorization: `Bearer ${await tokenFor("order-1")}`, "Idempotency-Key": "key-1" };
    expect((await fetch(`${edge}/v1/charges`, { method: "POST", headers })).status).toBe(201);
    process.kill(await workerdOf(served), "SIGKILL");
    const again = await origin(served, 2);
    const found = await untilPaid(() => fetch(`${again}/v1/charges/order-1`, { headers }));
    expect(found.cleared_amount).toBe(AMOUNT);
    expect(lines(served.output(), /^workerd /)).toEqual(["workerd ended with SIGKILL; it starts again in 1 s"]);
  });

  repeatedTest("ends where the address is in use", async (context) => {
    const first = startServe(context, SETTINGS_TO_SERVE, ...flagsFor(await temporaryFolder(context)));
    const { host } = new URL(await origin(first));
    const second = startServe(context, SETTINGS_TO_SERVE, "--listen", host, "--state", await temporaryFolder(context));
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain("workerd did not start");
  });
});

test("workerd gets every setting that the edge reads", async () => {
  const source = await readFile(join(ROOT, "edge/settings.ts"), "utf8");
  const read = [...source.matchAll(/^ {2}\w+: \["([A-Z_]+)", /gm)].map(([, name]) => name);
  expect(read.length).toBeGreaterThan(0);
  expect([...SETTINGS].sort()).toEqual(read.sort());
});
