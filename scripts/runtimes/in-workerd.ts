/** Runs the suite in workerd, without a socket. It reaches loopback alone. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { findWorkerd } from "../../command/workerd-process.ts";
import { ROOT } from "../run.ts";
import { STORY_LIMIT } from "../timeouts.ts";
import type { SuiteReport } from "./report.ts";
import { REPORT_MARK, reportIn } from "./report.ts";

/** The flags of a Worker with and without Node's modules and globals. Since the compatibility date 2026-08-04 they are there by default. */
const COMPATIBILITY_FLAGS = {
  nodejs_compat: ["nodejs_compat"],
  "no nodejs_compat": ["no_nodejs_compat", "no_nodejs_compat_v2"],
} as const;

/** Whether the Worker has Node's modules and globals. */
export type NodeCompat = keyof typeof COMPATIBILITY_FLAGS;

const workerOf = (gatewayUrl: string): string => `import { run } from "suite.js";

export default {
  async test() {
    console.log("node: " + (typeof process === "object"));
    console.log("${REPORT_MARK}" + (await run("${gatewayUrl}")));
  },
};
`;

/** What the suite said, and whether the Worker had Node's globals. */
export interface WorkerdRun {
  readonly report: SuiteReport;
  readonly hasNodeGlobals: boolean;
}

/**
 * Runs the suite.
 *
 * @param folder for the Worker. It is made
 * @param code the suite as one file
 * @param gatewayUrl of the gateway on loopback
 */
export async function runInWorkerd(folder: string, code: string, gatewayUrl: string, nodeCompat: NodeCompat): Promise<WorkerdRun> {
  const workerd = findWorkerd();
  if (workerd === null) throw new Error("workerd is not installed");
  const config = join(folder, "suite.capnp");
  await mkdir(folder, { recursive: true });
  await Promise.all([
    writeFile(config, configOf(nodeCompat)),
    writeFile(join(folder, "worker.js"), workerOf(gatewayUrl)),
    writeFile(join(folder, "suite.js"), code),
  ]);
  // A failure of the process has no report either.
  const { stdout, stderr } = await promisify(execFile)(workerd, ["test", config], { timeout: STORY_LIMIT }).catch((error: unknown) => ({
    stdout: "",
    stderr: String(error),
  }));
  const output = `${stdout}\n${stderr}`;
  return { report: reportIn(output), hasNodeGlobals: output.includes("node: true") };
}

function configOf(nodeCompat: NodeCompat): string {
  const date = /^compatibility_date = "(.+)"$/m.exec(readFileSync(join(ROOT, "wrangler.toml"), "utf8"))?.[1] ?? "";
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (services = [(name = "suite", worker = .suite), (name = "internet", network = (allow = ["local"]))]);

const suite :Workerd.Worker = (
  compatibilityDate = "${date}",
  compatibilityFlags = ${JSON.stringify(COMPATIBILITY_FLAGS[nodeCompat])},
  modules = [(name = "worker.js", esModule = embed "worker.js"), (name = "suite.js", esModule = embed "suite.js")],
);
`;
}
