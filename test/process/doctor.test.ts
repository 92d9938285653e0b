import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import type { TestContext } from "vitest";
import { describe, expect, inject, test } from "vitest";
import { ROOT } from "../../scripts/run.ts";
import { serve } from "../../demo/http-server.ts";
import type { Edge } from "./edge.ts";
import { createEdge } from "./edge.ts";
import { openGateway } from "./gateway.ts";
import { repeatedTest } from "../repeated-test.ts";

function newKey(): string {
  return randomBytes(32).toString("base64");
}

const API_KEY = newKey();

/** A deployment as it should be, and what is to be different. */
async function deployed(context: TestContext, changed: Readonly<Record<string, string>> = {}): Promise<Edge> {
  const secretKey = newKey();
  const gateway = await openGateway("999999", [secretKey]);
  const edge = await createEdge(inject("edgeConfig"), {
    FREEDOM_PAY_MERCHANT_ID: "999999",
    FREEDOM_PAY_URL: gateway.origin,
    FREEDOM_PAY_SECRET_KEY: secretKey,
    CHARGE_TOKEN_KEY: newKey(),
    EDGE_API_KEY: API_KEY,
    CALLBACK_KEY: newKey(),
    ALLOWED_ORIGINS: "https://shop.example",
    ...changed,
  });
  context.onTestFinished(async () => {
    await edge.close();
    // It charged nothing.
    expect(gateway.simulator.payments()).toEqual([]);
    await gateway.close();
  });
  await edge.start();
  return edge;
}

/** The report without the times of its calls. */
function withoutTimes(output: string): string {
  return output.replace(/after [\d, ]+ ms/, "after … ms");
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** The command, as npm or npx starts it: a process of its own with this environment and no other. */
function doctor(
  args: readonly string[],
  env: Readonly<Record<string, string>> = { EDGE_API_KEY: API_KEY },
  file = "scripts/doctor.ts",
): Promise<Ended> {
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, [file, ...args], { cwd: ROOT, env: { PATH, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, output })));
}

describe("npm run doctor", () => {
  test("reports no problems of a valid deployment: exit code 0; the package's command does the same", async (context) => {
    const { origin } = await deployed(context);
    const { code, output } = await doctor([origin]);
    expect(output).toMatch(/\n\nIt runs on workerd, on a server of your own\.\n\n/);
    expect(output).toMatch(/accepts the signature of the key\n/);
    expect(output).toMatch(/\nNo problems: 27 checks\.\n$/);
    expect(code).toBe(0);
    const again = await doctor(["doctor", `${origin}/`], undefined, "command/freedom-pay-charge.ts");
    expect([again.code, withoutTimes(again.output)]).toEqual([code, withoutTimes(output)]);
  });

  test("reports every fault with advice and without secrets: exit code 1", async (context) => {
    const wrong = newKey();
    const settings = { FREEDOM_PAY_SECRET_KEY: wrong, CALLBACK_KEY: "too-short", ALLOWED_ORIGINS: "https://shop.example/" };
    const { origin } = await deployed(context, settings);
    const { code, output } = await doctor([origin]);
    expect(code).toBe(1);
    const faults = output.split("\n").filter((line) => line.startsWith("FAULT"));
    expect(faults.map((line) => line.split(/\s+/)[1])).toEqual(["CALLBACK_KEY", "ALLOWED_ORIGINS", "gateway"]);
    expect(output.split("\n").filter((line) => line.includes("→ "))).toHaveLength(3);
    expect(output).toContain("as CALLBACK_KEY in the edge's environment");
    expect(output).not.toContain("wrangler");
    for (const secret of [wrong, API_KEY, "too-short"]) expect(output).not.toContain(secret);
  });

  test("without a valid API key at the edge reports which settings to fix first: exit code 1", async (context) => {
    const { origin } = await deployed(context, { EDGE_API_KEY: "", CALLBACK_KEY: "" });
    const { code, output } = await doctor([origin]);
    expect(code).toBe(1);
    expect(output).toContain("FAULT  EDGE_API_KEY is not set\nFAULT  CALLBACK_KEY is not set\n");
  });

  repeatedTest("reports that the API keys differ: exit code 2", async (context) => {
    const { origin } = await deployed(context);
    const { code, output } = await doctor([origin], { EDGE_API_KEY: newKey() });
    expect(output).toContain("EDGE_API_KEY here and at the edge differ");
    expect(code).toBe(2);
  });

  test("reports that it reached another server, or none: exit code 2", async () => {
    const server = await serve(() => new Response("<html>Hello</html>", { headers: { "Content-Type": "text/html" } }));
    const elsewhere = await doctor([server.origin]);
    expect(elsewhere).toMatchObject({ code: 2, output: expect.stringContaining("this is not the edge's answer") });
    await server.close();
    expect(await doctor([server.origin])).toMatchObject({
      code: 2,
      output: expect.stringContaining("The edge cannot be reached (ECONNREFUSED)"),
    });
  });

  test.each([
    [[], "The URL of the edge is missing"],
    [["edge.example"], "not an http or https URL"],
    [["https://edge.example", "https://other.example"], "The command is: doctor"],
    [["--surprise"], "--surprise"],
  ])("called with %j shows the usage: exit code 2", async (args, says) => {
    const { code, output } = await doctor(args);
    expect(code).toBe(2);
    expect(output).toContain(says);
    expect(output).toContain("Usage: ");
  });

  test("without a key in the environment reports that EDGE_API_KEY is missing", async () => {
    expect(await doctor(["https://edge.example"], {})).toMatchObject({
      code: 2,
      output: expect.stringContaining("EDGE_API_KEY is not set in the environment"),
    });
  });
});
