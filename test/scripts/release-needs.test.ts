import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { ReleaseState } from "../../scripts/release-needs.ts";
import { releaseNeeds } from "../../scripts/release-needs.ts";

const READY: ReleaseState = {
  manifest: {
    version: "0.2.0",
    repository: { type: "git", url: "git+https://code.test/pay/freedom-pay-charge.git" },
    homepage: "https://code.test/pay/freedom-pay-charge#readme",
    bugs: { url: "https://code.test/pay/freedom-pay-charge/issues" },
    author: "The makers of the shop",
  },
  changelog: "# Changelog\n\n## [0.2.0] - 2027-01-15\n\n## [0.1.0] - 2026-12-01\n",
  tags: ["v0.2.0"],
  isClean: true,
};

test("a commit that is ready needs nothing", () => {
  expect(releaseNeeds(READY)).toEqual([]);
});

test.each<[string, Partial<ReleaseState>]>([
  ["package.json names no author", { manifest: { ...READY.manifest, author: undefined } }],
  ["package.json names no bugs", { manifest: { ...READY.manifest, bugs: "" } }],
  ["author in package.json is a placeholder", { manifest: { ...READY.manifest, author: "AUTHOR" } }],
  ["homepage in package.json is a placeholder", { manifest: { ...READY.manifest, homepage: "https://code.example/pay" } }],
  [
    "repository in package.json is a placeholder",
    { manifest: { ...READY.manifest, repository: { url: "git+https://code.test/OWNER/pay.git" } } },
  ],
  ["CHANGELOG.md begins with Unreleased, not with 0.2.0", { changelog: "## [Unreleased] - 2027-01-15\n## [0.2.0] - 2027-01-15" }],
  ["CHANGELOG.md gives 0.2.0 no date", { changelog: "## [0.2.0] - unreleased\n## [0.1.0] - 2026-12-01" }],
  ["this commit has no tag v0.2.0", { tags: ["v0.1.0", "0.2.0"] }],
  ["not everything is committed", { isClean: false }],
])("%s", (need, change) => {
  expect(releaseNeeds({ ...READY, ...change })).toEqual([need]);
});

test("package.json has every field of the owner, at least as a placeholder", () => {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as ReleaseState["manifest"];
  const needs = releaseNeeds({ ...READY, manifest: { ...manifest, version: "0.2.0" } });
  expect(needs.filter((need) => need.startsWith("package.json names no"))).toEqual([]);
});
