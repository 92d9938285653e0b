import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { packageFindings } from "../../scripts/package-findings.ts";
import { ROOT } from "../../scripts/run.ts";

let folder: string;

beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "package-"))));
afterEach(() => rmSync(folder, { recursive: true }));

/** The findings of a package. @param files by path; a good package.json is there without being named */
function findings(files: Readonly<Record<string, string>>): readonly string[] {
  const manifest = JSON.stringify({ dependencies: { jose: "6.2.17", "@noble/hashes": "2.4.0" }, scripts: { prepack: "npm run build" } });
  for (const [file, text] of Object.entries({ "package.json": manifest, ...files })) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return packageFindings(folder);
}

const CODE = `import { sign } from "jose";
import { md5 } from "@noble/hashes/legacy.js";
import { readFileSync } from "node:fs";
import { DurableObject } from "cloudflare:workers";
import "./define.js";
export { money } from "./money.js";
export const name = "vitest";
const later = await import("jose");
`;

test("a package of built files, pages and declared imports is fine", () => {
  const files = {
    "dist/src/index.js": CODE,
    "dist/src/index.d.ts": "",
    "docs/a-page.md": "",
    "README.md": "",
    LICENSE: "",
    "openapi.json": "{}",
  };
  expect(findings(files)).toEqual([]);
});

test.each([
  "src/index.ts",
  "dist/src/index.ts",
  "dist/worker/worker.js.map",
  "test/money.js",
  "dist/.dev.vars",
  "wrangler.toml",
  "docs/screenshots/signed-request.png",
  "node_modules/vitest/index.js",
])("%s does not belong in it", (file) => {
  expect(findings({ [file]: "" })).toEqual([`${file} does not belong in it`]);
});

test.each([
  'import { test } from "vitest";',
  'import {\n  test,\n} from "vitest";',
  'export * from "vitest";',
  'import "vitest/config";',
  'const late = await import("vitest");',
])("a dev tool that is imported is found: %s", (code) => {
  expect(findings({ "dist/src/index.js": `${code}\n` })).toEqual(["dist/src/index.js imports vitest, which is no dependency"]);
});

test("an install script and a range of versions are found", () => {
  const manifest = { scripts: { postinstall: "node x.js" }, dependencies: { lit: "^3.3.3" } };
  expect(findings({ "package.json": JSON.stringify(manifest) })).toEqual([
    "package.json runs postinstall where it is installed",
    "lit is ^3.3.3, no exact version",
  ]);
});

test("a path of this machine is found", () => {
  expect(findings({ "dist/src/index.js": `// ${ROOT}src/index.ts` })).toEqual(["dist/src/index.js has a path of this machine"]);
});
