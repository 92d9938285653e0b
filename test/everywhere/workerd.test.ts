import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runInWorkerd } from "../../scripts/runtimes/in-workerd.ts";
import type { LoopbackGateway } from "../../scripts/runtimes/loopback-gateway.ts";
import { startLoopbackGateway } from "../../scripts/runtimes/loopback-gateway.ts";
import { bundledFromSources } from "../../scripts/runtimes/suite-file.ts";
import * as subject from "./subject.ts";
import { suiteOf } from "./suite/suite.ts";

const folder = mkdtempSync(join(tmpdir(), "suite-in-workerd-"));
let code = "";
let gateway: LoopbackGateway;

beforeAll(async () => {
  [code, gateway] = await Promise.all([bundledFromSources(), startLoopbackGateway()]);
});

afterAll(() => {
  gateway.close();
  rmSync(folder, { recursive: true, force: true });
});

test.concurrent.each([
  ["with nodejs_compat", "nodejs_compat", true],
  ["without nodejs_compat", "no nodejs_compat", false],
] as const)("the core's conformance suite passes in workerd %s", async (_, nodeCompat, hasNodeGlobals) => {
  const passed = suiteOf(subject, gateway.url).length;
  expect(await runInWorkerd(join(folder, nodeCompat), code, gateway.url, nodeCompat)).toEqual({
    report: { passed, failed: [] },
    hasNodeGlobals,
  });
});
