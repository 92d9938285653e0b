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

test("docs/cloudflare.md has one, for a user's own Worker", () => {
  expect(CONFIGURATIONS.map(([where]) => where)).toEqual(["wrangler.toml", "docs/cloudflare.md"]);
});

test("they agree in everything but where the Worker is, who owns it, and how its element is built", () => {
  const [own, printed] = CONFIGURATIONS.map(([, toml]) => shared(toml));
  expect(printed).toEqual(own);
});

/** Settings that name the merchant, the storefront and the edge's address. */
const OWNERS: readonly string[] = ["FREEDOM_PAY_MERCHANT_ID", "ALLOWED_ORIGINS", "PUBLIC_URL"];

/** The part of a configuration that a user's own Worker shares with the project's. */
function shared(toml: string): object {
  const { vars, ...rest } = readWrangler(toml);
  const { compatibility_date, compatibility_flags, minify, upload_source_maps, preview_urls } = rest;
  const { durable_objects, migrations, ratelimits, limits, observability } = rest;
  return {
    ...{ compatibility_date, compatibility_flags, minify, upload_source_maps, preview_urls },
    ...{ durable_objects, migrations, ratelimits, limits, observability },
    vars: Object.fromEntries(Object.entries(vars).map(([name, value]) => [name, OWNERS.includes(name) ? null : value])),
  };
}

function readWrangler(toml: string): ReturnType<typeof readConfig> {
  const config = join(folder, "wrangler.toml");
  writeFileSync(config, toml);
  return readConfig({ config });
}

test.each(CONFIGURATIONS)("%s keeps no headers and no query in Cloudflare's logs, and is all known to wrangler", (_, toml) => {
  const complaints = vi.spyOn(console, "warn").mockReturnValue();
  expect(readWrangler(toml).observability).toEqual({ enabled: true, redact_query_string: true, logs: { invocation_logs: false } });
  expect(complaints).not.toHaveBeenCalled();
});
