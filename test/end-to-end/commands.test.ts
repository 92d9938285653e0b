import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ROOT } from "../../scripts/run.ts";
import { LONG } from "../length.ts";

let folder = "";
let child: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "commands-"));
});

afterEach(() => {
  child?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a script of package.json as npm would, and waits until it has written what is looked for. */
async function start(script: string, args: readonly string[], lookFor: RegExp): Promise<RegExpExecArray> {
  const running = spawn(process.execPath, [script, ...args], { cwd: ROOT, env: { ...process.env, NO_COLOR: "1" } });
  child = running;
  let output = "";
  return new Promise((resolve, reject) => {
    const listen = (chunk: Buffer): void => {
      output += chunk.toString();
      const found = lookFor.exec(output);
      if (found !== null) resolve(found);
    };
    running.stdout.on("data", listen);
    running.stderr.on("data", listen);
    running.once("close", (code) => reject(new Error(`${script} ended with ${code}:\n${output}`)));
  });
}

async function end(signal: NodeJS.Signals): Promise<number | null> {
  const ended = new Promise<number | null>((resolve) => child?.once("close", (code) => resolve(code)));
  child?.kill(signal);
  return ended;
}

async function isGone(address: string): Promise<boolean> {
  return fetch(address).then(
    () => false,
    () => true,
  );
}

test.each(LONG ? (["SIGINT", "SIGTERM"] as const) : (["SIGINT"] as const))(
  "npm start prints one address, a second one says that its port is taken, and %s ends it",
  async (signal) => {
    const [, address = ""] = await start("demo/start.ts", [], /storefront: (http:\S+)/);
    const page = await fetch(address);
    expect(page.status).toBe(200);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    const element = /src="(http:[^"]+\/v1\/freedom-pay-charge\.js)"/.exec(await page.text())?.[1] ?? "";
    expect((await fetch(element)).status).toBe(200);

    const first = child;
    await expect(start("demo/start.ts", ["--port", new URL(address).port], /storefront: (http:\S+)/)).rejects.toThrow(
      /ended with 1:\nlisten EADDRINUSE[^\n]*\n$/,
    );
    child = first;
    expect(await end(signal)).toBe(0);
    expect(await isGone(address)).toBe(true);
    expect(await isGone(element)).toBe(true);
  },
);

test("npm run edge passes its flags on, says by name what is missing, and ends on SIGTERM", async () => {
  const settings = join(folder, "settings");
  writeFileSync(settings, "FREEDOM_PAY_MERCHANT_ID=500000\nALLOWED_ORIGINS=https://shop.example\n");
  const flags = ["--port", "0", "--inspector-port", "0", "--env-file", settings, "--persist-to", join(folder, "state")];
  const [, origin = ""] = await start("scripts/edge.ts", flags, /Ready on (http:\S+)/);
  const health = await fetch(`${origin}/healthz`);
  expect(health.status).toBe(503);
  const problem = (await health.json()) as { code: string; settings: string[] };
  expect(problem.code).toBe("not_configured");
  expect(problem.settings).toEqual(
    expect.arrayContaining(["FREEDOM_PAY_SECRET_KEY", "CHARGE_TOKEN_KEY", "EDGE_API_KEY", "CALLBACK_KEY", "PUBLIC_URL"]),
  );
  expect(problem.settings).not.toContain("FREEDOM_PAY_MERCHANT_ID");
  expect((await fetch(`${origin}/v1/freedom-pay-charge.js`)).status).toBe(200);

  await end("SIGTERM");
  expect(await isGone(origin)).toBe(true);
});
