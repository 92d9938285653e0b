/** What `serve` refuses before it starts anything. Real processes: test/process/serve.test.ts. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { whyTooFewFiles } from "../../command/open-files.ts";
import { runCommand } from "../../command/run-command.ts";
import { isListenAddress } from "../../command/serve.ts";
import { defaultStateFolder } from "../../command/state-folder.ts";
import { WORKERD_VERSION } from "../../command/workerd-process.ts";
import { ROOT } from "../../scripts/run.ts";

function json(path: string): Record<string, Record<string, unknown>> {
  return JSON.parse(readFileSync(join(ROOT, path), "utf8"));
}

test("the workerd that the package names is that of its wrangler, which the tests run on", () => {
  expect(json("package.json")["peerDependencies"]?.["workerd"]).toBe(WORKERD_VERSION);
  expect(json("package.json")["peerDependenciesMeta"]?.["workerd"]).toEqual({ optional: true });
  expect(json("node_modules/wrangler/package.json")["dependencies"]?.["workerd"]).toBe(WORKERD_VERSION);
});

test.each([
  ["127.0.0.1:8787", true],
  ["localhost:0", true],
  ["[::1]:8787", true],
  ["0.0.0.0:65535", true],
  ["127.0.0.1:65536", false],
  ["127.0.0.1", false],
  [":8787", false],
  ["8787", false],
  ["::1:8787", false],
  ["http://127.0.0.1:8787", false],
])("%s is an address to listen at: %s", (text, isOne) => {
  expect(isListenAddress(text)).toBe(isOne);
});

test("fewer than 8,192 open files are too few", () => {
  expect(whyTooFewFiles(8191)).toMatch(/^Only 8191 files may be open.*ulimit -n 8192.*LimitNOFILE=8192.*--allow-few-files/);
  expect(whyTooFewFiles(8192)).toBeNull();
  expect(whyTooFewFiles(Number.POSITIVE_INFINITY)).toBeNull();
});

test("the state is where systemd says, else in the current folder", () => {
  expect(defaultStateFolder({ STATE_DIRECTORY: "/var/lib/shop" })).toBe("/var/lib/shop");
  expect(defaultStateFolder({ STATE_DIRECTORY: "/var/lib/shop:/var/lib/other" })).toBe("/var/lib/shop");
  expect(defaultStateFolder({ STATE_DIRECTORY: "" })).toBe("freedom-pay-charge-state");
  expect(defaultStateFolder({})).toBe("freedom-pay-charge-state");
});

describe("The command line", () => {
  test.each([
    [["serve", "--listen", "8787"], "--listen is not an address and a port"],
    [["serve", "now"], "Unexpected argument 'now'"],
    [["serve", "--surprise"], "--surprise"],
    [["server"], "The command is one of: doctor, serve"],
    [[], "The command is one of: doctor, serve"],
  ])("called with %j shows the usage: exit code 2", async (args, says) => {
    let written = "";
    const code = await runCommand(args, { env: {}, input: process.stdin, write: (text) => void (written += text) });
    expect(code).toBe(2);
    expect(written).toContain(says);
    expect(written).toContain("Usage: ");
  });
});
