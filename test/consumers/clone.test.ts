/** A clone of the project is deployed straight after npm ci. Needs the npm registry. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { QUIET_WRANGLER, ROOT } from "../../scripts/run.ts";

/** What git ignores. */
const IGNORED = /^(?:\.git|\.wrangler|dist|node_modules|test-results|\.dev\.vars|demo\/node_modules)$/;

let clone: string;

beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), "clone-"));
  cpSync(ROOT, clone, { recursive: true, filter: (file) => !IGNORED.test(relative(ROOT, file)) });
});

afterAll(() => rmSync(clone, { recursive: true, force: true }));

function inClone(command: string, ...args: readonly string[]): { readonly code: number | null; readonly output: string } {
  const env = { ...process.env, ...QUIET_WRANGLER, NO_COLOR: "1", CI: "true" };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: clone, env, encoding: "utf8" });
  return { code: status, output: `${stdout}${stderr}` };
}

test("wrangler builds the element that the Worker carries, when it is missing", () => {
  const installed = inClone("npm", "ci");
  expect(installed.code, installed.output).toBe(0);
  expect(existsSync(join(clone, "dist"))).toBe(false);
  const deployed = inClone("npx", "wrangler", "deploy", "--dry-run");
  expect(deployed.code, deployed.output).toBe(0);
  expect(deployed.output).toContain("CHARGES (Charge)");
  expect(deployed.output).not.toContain("WARNING");
});
