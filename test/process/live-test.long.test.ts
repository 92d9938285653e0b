import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../scripts/run.ts";
import { openGateway } from "./gateway.ts";
import { until } from "./test-server.ts";

const SECRET_KEY = "test-secret-of-the-gateway";

test("Ctrl-C in a live test stops further charges, and refunds before it exits", async (context) => {
  const gateway = await openGateway("999999", [SECRET_KEY]);
  const folder = await mkdtemp(join(tmpdir(), "live-test-"));
  const out = join(folder, "live-test.json");
  const { PATH = "" } = process.env;
  const env = { PATH, FREEDOM_PAY_MERCHANT_ID: "999999", FREEDOM_PAY_SECRET_KEY: SECRET_KEY, FREEDOM_PAY_URL: gateway.origin };
  const args = ["--live", "pays", "--user", "12345", "--ip", "192.0.2.1", "--out", out, "--yes-charge-100-tenge"];
  const child = spawn(process.execPath, ["command/freedom-pay-charge.ts", "doctor", ...args], { cwd: ROOT, env });
  context.onTestFinished(async () => {
    if (child.exitCode === null) child.kill("SIGKILL");
    await gateway.close();
    await rm(folder, { recursive: true, force: true });
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  await until("it asks for the merchant's id", () => (output.includes("type the merchant's id") ? true : null));
  // Nothing is charged before the id is typed.
  expect(gateway.simulator.log.entries).toEqual([]);
  child.stdin.end("999999\n");
  await until("it has charged", () => (gateway.simulator.payments().length > 0 ? true : null));
  child.kill("SIGINT");
  expect(await ended).toBe(1);
  expect(output).toContain("Stopping: no more charges.");
  expect(output).toContain("All payments are refunded.");
  const ledger = gateway.simulator.ledger();
  expect(ledger.filter(({ kind }) => kind === "taken").map(({ minor }) => minor)).toEqual([10_000]);
  expect(ledger.filter(({ kind }) => kind === "refunded").map(({ minor }) => minor)).toEqual([4_000, 6_000]);
  expect(JSON.parse(await readFile(out, "utf8"))).toMatchObject({ remaining: [], isStopped: true });
});
