/** A Node of this machine that is older than the one of the tests: the package runs on Node 20.19 and newer. */
import { spawnSync } from "node:child_process";
import { delimiter, join } from "node:path";

/** An installed Node 20, or null. On Linux the tests bring their own Node 24, so the system's may be another. */
export const NODE_20: string | null = findNode(20);

function findNode(major: number): string | null {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const candidates = [...folders.map((folder) => join(folder, "node")), "/usr/bin/node", "/usr/local/bin/node"];
  return candidates.find((path) => spawnSync(path, ["--version"], { encoding: "utf8" }).stdout?.startsWith(`v${major}.`)) ?? null;
}
