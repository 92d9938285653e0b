/** The workflows run only actions that cannot change under them. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const FOLDER = join(import.meta.dirname, "../../.github/workflows");

/** Actions that are not pinned by a whole commit id, with the version beside it for the reader. A tag can be moved. */
function unpinned(workflow: string): readonly string[] {
  return Array.from(workflow.matchAll(/^[\s-]*["']?uses["']?:\s*(.+)$/gm), ([, used = ""]) => used).filter(
    (used) => !/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(used),
  );
}

test.each([
  "      - uses: actions/checkout@v4",
  "      - uses: actions/checkout@v4.2.2",
  "      - uses: actions/checkout@main # v4.2.2",
  "      - uses: actions/checkout@11bd719 # v4.2.2",
  "      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683",
  "        uses: docker://alpine:3",
  '      - "uses": actions/checkout@v4',
])("a tag, a branch or a bare commit is refused: %s", (line) => {
  expect(unpinned(line)).toHaveLength(1);
});

test.each(globSync("*.{yml,yaml}", { cwd: FOLDER }))("%s pins its actions by commit", (file) => {
  const workflow = readFileSync(join(FOLDER, file), "utf8");
  expect(workflow).toContain("uses:");
  expect(unpinned(workflow)).toEqual([]);
});
