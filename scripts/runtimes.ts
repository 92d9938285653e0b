// npm run runtimes: packs the package, gets every runtime of the list, runs the core's conformance suite in each, and prints a table.
// Needs the npm registry. --write puts the table into docs/runtimes.md; --plant spoils an expectation, so that every runtime must fail.
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { WORKERD_VERSION } from "../command/workerd-process.ts";
import { between } from "./element-docs.ts";
import { ROOT, runQuietly } from "./run.ts";
import { BROWSERS, runInBrowser } from "./runtimes/in-browser.ts";
import { emptyProject, getRuntime, install, runInProgram } from "./runtimes/in-program.ts";
import type { NodeCompat } from "./runtimes/in-workerd.ts";
import { runInWorkerd } from "./runtimes/in-workerd.ts";
import { startLoopbackGateway } from "./runtimes/loopback-gateway.ts";
import { PINNED_RUNTIMES } from "./runtimes/pins.ts";
import type { SuiteReport } from "./runtimes/report.ts";
import { bundledFromPackage, suiteOfPackage } from "./runtimes/suite-file.ts";
import type { RuntimeRow } from "./runtimes/table.ts";
import { casesIn, hasPassed, tableOf } from "./runtimes/table.ts";

/** The published signature that one case expects, and another one. */
const PUBLISHED = "v1,g0hM9SsE+OTPJTGt/";
const SPOILED = "v1,h0hM9SsE+OTPJTGt/";

const { values } = parseArgs({ options: { write: { type: "boolean", default: false }, plant: { type: "boolean", default: false } } });

const rows: RuntimeRow[] = [];

/** Adds the row of a runtime, whatever becomes of it. */
async function add(runtime: string, version: string, run: () => Promise<SuiteReport>): Promise<void> {
  const row = { runtime, version };
  try {
    const report = await run();
    rows.push({ ...row, report });
    for (const { name, message } of report.failed) console.log(`FAIL ${runtime} ${version}: ${name}: ${message}`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    rows.push({ ...row, report: null, reason });
    console.log(`FAIL ${runtime} ${version}: ${reason}`);
  }
  console.log(`     ${runtime} ${version}: done`);
}

/** Packs the package, installs it as a user does, and puts the suite beside it. @returns the suite as one file with the package in it */
async function prepare(folder: string): Promise<string> {
  const { code, output } = await runQuietly(["npm", "pack", "--silent", "--pack-destination", folder]);
  const [file] = globSync("*.tgz", { cwd: folder });
  if (code !== 0 || file === undefined) throw new Error(output);
  await install(await emptyProject(folder), [join(folder, file)]);
  const suite = await suiteOfPackage();
  const path = join(folder, "suite.js");
  writeFileSync(path, values.plant ? spoiled(suite) : suite);
  return bundledFromPackage(path, folder);
}

/** The suite with one wrong expectation. */
function spoiled(suite: string): string {
  const parts = suite.split(PUBLISHED);
  if (parts.length !== 2) throw new Error("The suite has no expectation to spoil");
  return parts.join(SPOILED);
}

async function runAll(folder: string): Promise<void> {
  const bundled = await prepare(folder);
  const gateway = await startLoopbackGateway({ "/suite.js": bundled });
  try {
    await runIn(folder, bundled, gateway.url);
  } finally {
    gateway.close();
  }
}

/** Runs the suite in every runtime. */
async function runIn(folder: string, bundled: string, gatewayUrl: string): Promise<void> {
  for (const runtime of PINNED_RUNTIMES) {
    const { name, version } = runtime;
    await add(name, version, async () => {
      const program = await getRuntime(join(folder, `${name}-${version}`), runtime);
      return runInProgram(folder, program, gatewayUrl);
    });
  }
  for (const nodeCompat of ["nodejs_compat", "no nodejs_compat"] satisfies readonly NodeCompat[]) {
    await add(`workerd, ${nodeCompat}`, WORKERD_VERSION, async () => {
      const { report, hasNodeGlobals } = await runInWorkerd(join(folder, "workerd"), bundled, gatewayUrl, nodeCompat);
      if (hasNodeGlobals !== (nodeCompat === "nodejs_compat")) throw new Error("workerd ignores the compatibility flags");
      return report;
    });
  }
  for (const { name, launch } of BROWSERS) {
    const browser = await launch?.().catch((error: unknown) => String(error));
    const isBrowser = typeof browser === "object";
    await add(name, isBrowser ? browser.version() : "–", () => {
      if (!isBrowser) throw new Error(browser ?? "there is none on this machine");
      return runInBrowser(browser, gatewayUrl).finally(() => browser.close());
    });
  }
}

const folder = mkdtempSync(join(tmpdir(), "runtimes-"));
try {
  await runAll(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const table = tableOf(rows);
console.log(`\n${table}\n`);
const cases = casesIn(rows);
const missing = rows.filter((row) => !hasPassed(row, cases));
if (missing.length > 0) {
  console.error(`Not passed: ${missing.map(({ runtime, version }) => `${runtime} ${version}`).join("; ")}`);
  process.exitCode = 1;
} else if (values.write && !values.plant) {
  const page = join(ROOT, "docs/runtimes.md");
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(
    page,
    between(readFileSync(page, "utf8"), "runtimes", `As it ran on ${date}, ${process.platform} on ${process.arch}.\n\n${table}`),
  );
}
