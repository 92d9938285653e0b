// npm run release -- --dry-run: packs the package and says what is wrong with the file, how large it is, and what a release still needs.
// Without --dry-run it publishes that file, in the release workflow alone. Needs the npm registry.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { packageFindings } from "./package-findings.ts";
import type { ReleaseState } from "./release-needs.ts";
import { releaseNeeds } from "./release-needs.ts";
import { ROOT, run, runQuietly, toolCommand } from "./run.ts";

/** Not in the lock file, because only a release needs it. */
const ATTW = "@arethetypeswrong/cli@0.18.5";

const { values } = parseArgs({ options: { "dry-run": { type: "boolean", default: false } } });
const isDry = values["dry-run"];
let isGood = true;

/** One line of the report. */
function say(sign: "ok  " | "FAIL" | "todo", text: string): void {
  console.log(`${sign} ${text}`);
  if (sign === "FAIL") isGood = false;
}

/** Runs a check, and shows its output only where it fails. */
async function check(name: string, command: readonly [string, ...string[]]): Promise<void> {
  const { code, output } = await runQuietly(command);
  say(code === 0 ? "ok  " : "FAIL", name);
  if (code !== 0) console.log(output.trimEnd());
}

/** Packs the package, which builds it before. @returns the file, and the folder into which it was unpacked */
async function pack(folder: string): Promise<{ readonly file: string; readonly unpacked: string }> {
  const { code, output } = await runQuietly(["npm", "pack", "--silent", "--pack-destination", folder]);
  const name = output.trim().split("\n").at(-1) ?? "";
  if (code !== 0) throw new Error(output);
  const file = join(folder, name);
  execFileSync("tar", ["-xzf", file, "-C", folder]);
  return { file, unpacked: join(folder, "package") };
}

async function examine(folder: string): Promise<string> {
  const { file, unpacked } = await pack(folder);
  say("ok  ", `packed: ${statSync(file).size} bytes`);
  const findings = packageFindings(unpacked);
  for (const finding of findings) say("FAIL", finding);
  if (findings.length === 0) say("ok  ", "no dev tool, no install script, no source, no path of this machine in it");
  await check("publint --strict", toolCommand("publint", "run", "--strict", file));
  const install = await runQuietly([
    "npm",
    "install",
    "--prefix",
    folder,
    "--no-save",
    "--no-package-lock",
    "--no-audit",
    "--no-fund",
    ATTW,
  ]);
  if (install.code !== 0) throw new Error(install.output);
  const attw = join(folder, "node_modules/@arethetypeswrong/cli/dist/index.js");
  await check("attw", [process.execPath, attw, "--profile", "esm-only", "--no-emoji", file]);
  const element = readFileSync(join(unpacked, "dist/cdn/freedom-pay-charge.js"));
  const integrity = `sha384-${createHash("sha384").update(element).digest("base64")}`;
  say("ok  ", `the script-tag file: ${element.length} bytes, integrity="${integrity}"`);
  return file;
}

/** What the release itself still needs. A dry run only shows it. */
function compareWithNeeds(): void {
  const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
  const git = (...args: readonly string[]): string => execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();
  const needs = releaseNeeds({
    manifest: JSON.parse(read("package.json")) as ReleaseState["manifest"],
    changelog: read("CHANGELOG.md"),
    tags: git("tag", "--points-at", "HEAD").split("\n"),
    isClean: git("status", "--porcelain") === "",
  });
  for (const need of needs) say(isDry ? "todo" : "FAIL", need);
}

if (!isDry && process.env["GITHUB_ACTIONS"] !== "true") {
  console.error(
    "A release is published by .github/workflows/release.yml, so that its provenance can be checked. Here: npm run release -- --dry-run",
  );
  process.exitCode = 2;
} else {
  const folder = mkdtempSync(join(tmpdir(), "release-"));
  try {
    const file = await examine(folder);
    compareWithNeeds();
    if (isDry) console.log("Nothing was published.");
    process.exitCode = isGood ? 0 : 1;
    if (isGood && !isDry) process.exitCode = await run(["npm", "publish", file, "--provenance", "--access", "public"]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
