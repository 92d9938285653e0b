import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { buildPackagedWorkerIfStale, bundleWorker } from "../../scripts/bundle-worker.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** How workerd serves the Worker: the configuration's path. */
    readonly edgeConfig: string;
  }
}

/** vitest's global set-up: the Worker is built once, and that of the package too. Under test it reaches this machine and nothing else. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "edge-worker-"));
  await buildPackagedWorkerIfStale();
  project.provide("edgeConfig", await bundleWorker(folder, ["local"]));
  return () => rm(folder, { recursive: true, force: true });
}
