import { expect, test } from "vitest";
import { mayNeedBrowser, otherCommand } from "../../scripts/test-files.ts";

test.each([
  ["test/consumers/cloudflare.test.ts", "npm run consumers -- test/consumers/cloudflare.test.ts"],
  ["./test/bench/load.bench.ts", "npm run bench -- test/bench/load.bench.ts"],
  ["test/process/outage.long.test.ts", "npm run test:long -- test/process/outage.long.test.ts"],
  ["test/widget/missing-apis.long.browser.test.ts", "npm run test:long -- test/widget/missing-apis.long.browser.test.ts"],
  ["test/src/money.test.ts", null],
  ["test/edge", null],
])("%s is run by %s", (file, command) => {
  expect(otherCommand(["--reporter=dot", file])).toBe(command);
});

test.each([
  [[], true],
  [["--project", "node"], true],
  [["test/widget"], true],
  [["test/widget/click.browser.test.ts"], true],
  [["test/end-to-end/charge.test.ts"], true],
  [["test/src/money.test.ts", "test/widget/click.browser.test.ts"], true],
  [["./test/src/money.test.ts", "-t", "a sum"], false],
  [["test/edge/charge.workerd.test.ts"], false],
])("%j may need a browser: %s", (args, isNeeded) => {
  expect(mayNeedBrowser(args)).toBe(isNeeded);
});
