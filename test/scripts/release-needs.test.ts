import { expect, test } from "vitest";
import type { ReleaseState } from "../../scripts/release-needs.ts";
import { releaseNeeds } from "../../scripts/release-needs.ts";

const READY: ReleaseState = {
  manifest: { version: "0.2.0", repository: { type: "git", url: "https://code.example/shop" } },
  changelog: "# Changelog\n\n## [0.2.0] - 2027-01-15\n\n## [0.1.0] - 2026-12-01\n",
  tags: ["v0.2.0"],
  isClean: true,
};

test("a commit that is ready needs nothing", () => {
  expect(releaseNeeds(READY)).toEqual([]);
});

test.each<[string, Partial<ReleaseState>]>([
  ["package.json names no repository, and provenance needs it", { manifest: { version: "0.2.0" } }],
  ["CHANGELOG.md begins with Unreleased, not with 0.2.0", { changelog: "## [Unreleased] - 2027-01-15\n## [0.2.0] - 2027-01-15" }],
  ["CHANGELOG.md gives 0.2.0 no date", { changelog: "## [0.2.0] - unreleased\n## [0.1.0] - 2026-12-01" }],
  ["this commit has no tag v0.2.0", { tags: ["v0.1.0", "0.2.0"] }],
  ["not everything is committed", { isClean: false }],
])("%s", (need, change) => {
  expect(releaseNeeds({ ...READY, ...change })).toEqual([need]);
});
