import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { bundleWorker } from "../../scripts/workerd.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** How workerd serves the Worker: the configuration's path. */
    readonly edgeConfig: string;
  }
}

/** vitest's global set-up: the Worker is built once. Under test it reaches this machine and nothing else. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "edge-worker-"));
  project.provide("edgeConfig", await bundleWorker(folder, ["local"]));
  return () => rm(folder, { recursive: true, force: true });
}
