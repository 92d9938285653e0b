/** docs/frameworks.md: its code is in the projects that `npm run consumers` builds and tests. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { codeBlocks } from "./code-block.ts";

const PROJECTS = join(import.meta.dirname, "../consumers");
const files = globSync("*/{src/**,app/**/route.ts,server.js,vite.config.js,jest.*.js}", { cwd: PROJECTS })
  .filter((file) => /\.\w+$/.test(file))
  .map((file) => readFileSync(join(PROJECTS, file), "utf8"));

test.each([
  ["ts", 6],
  ["tsx", 1],
  ["vue", 1],
  ["js", 3],
  ["svelte", 1],
])("its code in %s is in a project", (language, count) => {
  const blocks = codeBlocks("docs/frameworks.md", language);
  expect(blocks).toHaveLength(count);
  for (const block of blocks)
    expect(
      files.filter((file) => file.includes(block)),
      block,
    ).toHaveLength(1);
});
