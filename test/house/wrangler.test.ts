/** Every wrangler.toml that deploys the edge: the project's own, and those in the documentation. */
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { unstable_readConfig as readConfig } from "wrangler";
import { codeBlocks } from "../docs/code-block.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGES = globSync(["*.md", "docs/*.md", "edge/*.md"], { cwd: ROOT });

/** The configurations by file. Other TOML blocks have no `main`. */
const CONFIGURATIONS: readonly (readonly [string, string])[] = [
  ["wrangler.toml", readFileSync(join(ROOT, "wrangler.toml"), "utf8")],
  ...PAGES.flatMap((page) => codeBlocks(page, "toml").map((code) => [page, code] as const)).filter(([, code]) => /^main = /m.test(code)),
];

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "wrangler-"))));
afterAll(() => rmSync(folder, { recursive: true }));

test("README.md has one, for a user's own Worker", () => {
  expect(CONFIGURATIONS.map(([where]) => where)).toEqual(["wrangler.toml", "README.md"]);
});

test.each(CONFIGURATIONS)("%s keeps no headers and no query in Cloudflare's logs, and is all known to wrangler", (_, toml) => {
  const complaints = vi.spyOn(console, "warn").mockReturnValue();
  const config = join(folder, "wrangler.toml");
  writeFileSync(config, toml);
  expect(readConfig({ config }).observability).toEqual({ enabled: true, redact_query_string: true, logs: { invocation_logs: false } });
  expect(complaints).not.toHaveBeenCalled();
});
